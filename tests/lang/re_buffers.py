"""A search that goes on keeps the size of what it searches."""
import re
b = bytearray(b'xaxa')
it = re.finditer(b'a', b)
try: b.extend(b'x'*400)
except BufferError as e: print(e)
print([m.span() for m in it]); del it
b.extend(b'x'); print(len(b))
sc = re.compile(b'a').scanner(b)
print(sc.search().span())
try: b.clear()
except BufferError as e: print(e)
print(sc.search().span(), sc.search())
del sc
b.clear(); print(b)
print([m[0] for m in re.finditer(b'.', memoryview(b'ab'))], [m[0] for m in re.finditer('.', 'ab')])
