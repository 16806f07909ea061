# Dialects, the writer and the reader of csv, in all modes of quoting.
import csv, _csv, io
def t(**k):
    try:
        d=_csv.Dialect(**k); print(k, 'ok')
    except Exception as e: print(k, type(e).__name__, e)
t(delimiter=' ', skipinitialspace=True)
t(quotechar=' ', skipinitialspace=True)
t(escapechar=' ', skipinitialspace=True)
t(quotechar=' ', delimiter=',')
t(delimiter='$', lineterminator='$')
t(delimiter='$', lineterminator='x$')
t(quotechar='$', lineterminator='$')
t(escapechar='\n'); t(delimiter='\r')
t(escapechar='"'); t(quotechar=','); t(escapechar=',')
t(foo=1); t(delimiter=None); t(delimiter=1); t(delimiter='ab'); t(delimiter=''); t(quotechar=''); t(escapechar=3); t(quotechar=None); t(quotechar=None, quoting=1); t(quoting='x'); t(quoting=7); t(quoting=None); t(lineterminator=None); t(quoting=True); t(dialect='nope'); t(quoting=10**30)
print(_csv.Reader, _csv.Writer, _csv.Dialect, csv.reader, hasattr(_csv,'_dialects'))
def w(rows, **k):
    f=io.StringIO()
    try: csv.writer(f, **k).writerows(rows); print(repr(f.getvalue()))
    except Exception as e: print(type(e).__name__, e)
vals=[['a b','c,d','e"f','g\nh','i\rj','', None, 1, 2.5, 'k\\l', "x'y", ' lead'], [''], [None], ['',''], [' '], [3]]
for q in range(6):
    for v in vals:
        w([v], quoting=q); w([v], quoting=q, escapechar='\\'); w([v], quoting=q, delimiter=' ', skipinitialspace=True, escapechar='\\'); w([v], quoting=q, doublequote=False, escapechar='\\', lineterminator='k')
        w([v], quoting=q, doublequote=False)
for bad in (5, None, ['x', object], 'text', iter([1,2])):
    w([bad] if not isinstance(bad,int) else 5)
w([['€','\U0001f600,','a\0b']])
def r(lines, **k):
    try: print(list(csv.reader(lines, **k)))
    except Exception as e: print(type(e).__name__, e)
cases=[['a,b,c'],['a,"b,c",d'],['"a""b",c'],['"a\n','b",c'],['a\\,b,c'],['"a\\"b",c'],[' a, b'],['"a"b,c'],['a"b,c'],['1,2.5,"3"'],[',"",x'],[''],['\n'],['\r\n'],['a\rb'],['"abc'],['a,'],['a\\'],['a\\\n','b'],['"a\\\n','b"'],['\'a\',b'],['a\nb\n'],[b'a'],[5],['a\0b'],['"a" ,b'],[' "a",b'],['','a','','b'],['a b  c']]
for c in cases:
    for k in ({}, dict(escapechar='\\'), dict(strict=True), dict(quoting=2), dict(quoting=3,escapechar='\\'), dict(quoting=4), dict(quoting=5), dict(skipinitialspace=True), dict(doublequote=False), dict(delimiter=' ', skipinitialspace=True), dict(quotechar="'")):
        r(c, **k)
old=csv.field_size_limit(3); r(['abc,de']); r(['abcd']); r(['"abcd"']); csv.field_size_limit(old)
for a in (1.5, 'x', 10**30):
    try: csv.field_size_limit(a)
    except Exception as e: print(type(e).__name__, e)
rd=csv.reader(['a','b']); print(next(rd), rd.line_num, rd.dialect.delimiter, type(rd)); print(next(rd,0), next(rd,0), rd.line_num)
try: rd.line_num=3
except Exception as e: print(type(e).__name__, e)
try: csv.reader(5)
except Exception as e: print(type(e).__name__, e)
try: csv.writer(5)
except Exception as e: print(type(e).__name__, e)
try: csv.reader()
except Exception as e: print(type(e).__name__)
try: csv.reader([], 'nodialect')
except Exception as e: print(type(e).__name__, e)
try: csv.get_dialect('zzz')
except Exception as e: print(type(e).__name__, e)
try: csv.register_dialect(5)
except Exception as e: print(type(e).__name__, e)
csv.register_dialect('mine', delimiter=';'); print(sorted(csv.list_dialects()), csv.get_dialect('mine').delimiter); csv.unregister_dialect('mine')
try: csv.unregister_dialect('mine')
except Exception as e: print(type(e).__name__, e)
d=csv.get_dialect('excel')
print(_csv.Dialect(d) is d, _csv.Dialect(d, delimiter=';') is d)
for f in (lambda: setattr(d,'delimiter','x'), lambda: delattr(d,'quoting'), lambda: setattr(d,'foo',1), lambda: __import__('copy').copy(d), lambda: _csv.Reader(), lambda: _csv.Writer()):
    try: f()
    except Exception as e: print(type(e).__name__, e)
