"""The context of exceptions that are thrown into generators."""
from contextlib import *
@contextmanager
def g(exc):
    try:
        yield
    finally:
        raise exc
exc1 = Exception(1); exc2 = Exception(2); exc3 = Exception(3); exc4 = Exception(4)
def chain(e):
    r=[]
    while e is not None and len(r)<6: r.append(e.args[0]); e=e.__context__
    return r
try:
    with ExitStack() as stack:
        stack.enter_context(g(exc4))
        stack.enter_context(g(exc3))
        stack.enter_context(g(exc2))
        raise exc1
except Exception as exc:
    print(chain(exc))
exc1 = Exception(1); exc2 = Exception(2); exc3 = Exception(3); exc4 = Exception(4)
try:
    with g(exc2):
        raise exc1
except Exception as exc: print(chain(exc))
try:
  try: 
    raise exc1
  except Exception as e:
    try: raise exc3
    finally: raise exc2
except Exception as exc: print(chain(exc))
def chain(e):
    r=[]
    while e is not None and len(r)<6: r.append(e.args[0]); e=e.__context__
    return r
def gen(exc):
    try: yield
    finally: raise exc
def gen2(exc):
    try: yield
    except BaseException as e: print('caught', chain(e)); raise exc
for gen in gen, gen2:
    e1,e2,e3=[Exception(i) for i in (1,2,3)]
    g2=gen(e2); next(g2)
    g3=gen(e3); next(g3)
    class A:
        def __exit__(self, t, v, tb):
            try: g2.throw(v)
            except BaseException as n: print('n', chain(n))
            try: g3.throw(e2)
            except BaseException as n: print('n', chain(n), chain(e2))
        def __enter__(self): pass
    try:
        with A(): raise e1
    except Exception as e: pass
    e1,e2,e3=[Exception(i) for i in (1,2,3)]
    g2=gen(e2); next(g2)
    g3=gen(e3); next(g3)
    try: raise e1
    except BaseException as v:
        try: g2.throw(v)
        except BaseException as n: print('n', chain(n))
        try: g3.throw(e2)
        except BaseException as n: print('n', chain(n), chain(e2))

def f():
    yield
def g():
    try:
        raise KeyError('a')
    except Exception:
        yield from f()
gen = g(); gen.send(None)
try: gen.throw(ValueError('b'))
except ValueError as e: print(chain(e))
