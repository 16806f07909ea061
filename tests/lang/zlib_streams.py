"""zlib: windows, wrappings, preset dictionaries, strategies, and what is wrong with streams."""
import zlib
d=b"hello hello hello world "*20
for w in (-15,-9,9,15,25,31,8,12):
    for l in (0,1,6,9,-1):
        co=zlib.compressobj(l,8,w); c=co.compress(d)+co.flush(); print(w,l,len(c)>0, zlib.decompress(c,w if w not in(8,) else 15)==d)
for a in [(10,),(6,7),(6,8,7),(6,8,-8),(6,8,24),(6,8,15,0),(6,8,15,10),(6,8,15,8,5)]:
    try: zlib.compressobj(*a); print(a)
    except Exception as e: print(a,repr(e))
for w in (7,-7,-8,0,16,32,48,47,24,40,100,-16,10**6):
    try: zlib.decompressobj(w); print(w)
    except Exception as e: print(w,repr(e))
zd=b"hello world"
co=zlib.compressobj(zdict=zd); c=co.compress(d)+co.flush()
print(zlib.decompressobj(zdict=zd).decompress(c)==d)
for z in (b"", b"nope", None, 5):
    try: zlib.decompressobj(zdict=z).decompress(c); print(z)
    except Exception as e: print(z,repr(e))
try: zlib.decompress(c)
except Exception as e: print(repr(e))
co=zlib.compressobj(wbits=-15,zdict=zd); c=co.compress(d)+co.flush()
print(zlib.decompressobj(-15,zdict=bytearray(zd)).decompress(c)==d)
for bad in (b"",b"x",b"\x78\x9c",b"\x78\x9d12",zlib.compress(d)[:-1],zlib.compress(d)[:-1]+b'x', b'\x1f\x8b', b'\x79\x9c', zlib.compress(d)+b'tail'):
    for w in (15,31,47,-15):
        try: print(bad[:1],w,zlib.decompress(bad,w)==d)
        except Exception as e: print(bad[:1],w,repr(e))
o=zlib.decompressobj(); c=zlib.compress(d)+b'tail'
for m in range(-1,8):
    co=zlib.compressobj(); x=co.compress(d)
    try: print(m, co.flush(m)==b'')
    except Exception as e: print(m, repr(e))
for s in range(5):
    co=zlib.compressobj(strategy=s,memLevel=1); c=co.compress(d)+co.flush(); print(s, zlib.decompress(c)==d)
o=zlib._ZlibDecompressor(zdict=zd) if hasattr(zlib,'_ZlibDecompressor') else None
print(zlib.adler32(b'abc',2), zlib.adler32(b''))
big=bytes(range(256))*5000; print(zlib.decompress(zlib.compress(big))==big)
