import operator as o, inspect, pickle, copy
def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
print(inspect.signature(o.attrgetter), inspect.signature(o.attrgetter('x')))
print(inspect.signature(o.itemgetter), inspect.signature(o.methodcaller), inspect.signature(o.methodcaller('x')))
for x in [o.attrgetter('a'), o.attrgetter('a.b','c'), o.itemgetter(1), o.itemgetter(1,slice(2)), o.methodcaller('x'), o.methodcaller('x',1,b=2)]:
    print(x, x.__reduce__())
    t(lambda: [pickle.loads(pickle.dumps(x, p)) for p in range(5)][-1])
    t(copy.copy, x)
print(type(o.add), o.add.__module__, o.attrgetter.__module__, o.__doc__ is not None)
t(o.attrgetter); t(o.attrgetter, 1); t(o.attrgetter, 'a', b=1); t(o.attrgetter('a')); t(o.attrgetter('a'),1); t(o.attrgetter('real.imag'),1)
t(o.itemgetter); t(o.itemgetter(0)); t(o.itemgetter(0),(1,)); t(o.itemgetter(0,1),'ab'); t(o.itemgetter(3),'ab')
t(o.methodcaller); t(o.methodcaller,1); t(o.methodcaller('upper'),'x'); t(o.methodcaller('split',sep=','),'x,y'); t(o.methodcaller('x'))
t(o.concat,1,2); t(o.concat,[1],[2]); t(o.concat,{},{}); t(o.concat,'a',1); t(o.iconcat,1,2)
t(o.countOf,5,1); t(o.countOf,[1,1.0,True,2],1); t(o.indexOf,[3,4],4); t(o.indexOf,[],4)
t(o.length_hint,iter([1,2])); t(o.length_hint,5); t(o.length_hint,5,-3); t(o.length_hint,5,'x')
t(o.add,1); t(o.add,1,'a'); t(o.iadd,1,'a'); t(o.contains,5,1); t(o.index,'a'); t(o.is_none,None)
t(o.call,print,1,2,sep='-'); t(o.call)
t(o._compare_digest,'a','a') if hasattr(o,'_compare_digest') else None
import _operator
t(_operator._compare_digest,'a','é'); t(_operator._compare_digest,'a',b'a'); t(_operator._compare_digest,b'a',bytearray(b'a'))
g = o.itemgetter([]) 
t(g, {})
l=[]; g=o.itemgetter(l); l.append(g); print(g)
print([n for n in dir(_operator) if n[0]!='_'])
