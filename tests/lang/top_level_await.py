"""Modules that await: their code makes coroutines."""
import ast, asyncio, types
def run(co):
    while True:
        try: co.send(None)
        except StopIteration as e: return e.value
F=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
async def arange(n):
    for i in range(n): yield i
def ns(): return {'asyncio':asyncio,'arange':arange}
def t(src, mode='exec'):
    g=ns()
    try:
        co=compile(src,'?',mode,flags=F)
        print(src, mode, co.co_flags & 0x80)
        r=eval(co,g)
        if asyncio.iscoroutine(r): print(run(r))
        else: print(r)
        print({k:v for k,v in g.items() if k in 'axy'})
        g=ns(); l={}
        r=eval(compile(ast.parse(src, mode=mode) if mode!='single' else ast.Interactive(ast.parse(src).body),'?',mode,flags=F),g,l)
        if asyncio.iscoroutine(r): print(run(r))
        print({k:v for k,v in g.items() if k in 'axy'},l)
        g=ns()
        r=types.FunctionType(co,g)()
        if asyncio.iscoroutine(r): print(run(r))
        print({k:v for k,v in g.items() if k in 'axy'})
    except SyntaxError as e: print(repr(src),mode,e)
for m in ('exec','single'):
    t("a = await asyncio.sleep(0, result=1)",m)
    t("await asyncio.sleep(0, result=1)",m)
    t("async for i in arange(3): a = i",m)
    t("async with asyncio.Lock() as l: a = 1",m)
    t("a = [x async for x in arange(2)]",m)
    t("a = [x async for x in (x async for x in arange(5))][1]",m)

    t("a = 1",m)
    t("def f(): await x",m)
    t("class C: await x",m)
    t("class C:\n async with x: pass",m)
    t("return 1",m)
    t("yield 1",m)
    t("lambda: await x",m)
t("await asyncio.sleep(0, result=7)","eval")
t("[x async for x in arange(3)]","eval")
exec(compile("a=1",'?','exec',F)); print(a)
co=eval(compile("x=1\nawait asyncio.sleep(0)\ny=x+1/0",'?','exec',F))
print(co.__name__, type(co))
try: run(co)
except ZeroDivisionError as e: print(e, e.__traceback__.tb_next.tb_next is None)
