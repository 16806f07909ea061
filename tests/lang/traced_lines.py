import sys
def tr(f, *a):
    out=[]
    base=f.__code__.co_firstlineno
    def t(frame, ev, arg):
        if frame.f_code is f.__code__:
            out.append(f'{ev[0]}{frame.f_lineno-base}')
            return t
    sys.settrace(t)
    try: f(*a)
    except Exception as e: out.append(type(e).__name__)
    finally: sys.settrace(None)
    print(f.__name__, ' '.join(out))
def w1(n):
    while True:
        n -= 1
        if n < 0:
            break
    return n
def w2(n):
    while 1:
        if not n: break
        n -= 1
def p1(x):
    if x:
        pass
    return 1
def p2(x):
    if x:
        pass
    else:
        pass
def p3(x):
    for i in range(x):
        pass
def p4(x):
    for i in range(x): pass
def p5(x):
    try:
        pass
    finally:
        pass
def p6(x):
    try:
        1/x
    except ValueError:
        pass
    else:
        pass
    finally:
        pass
def p7(x):
    global zz
    "abc"
    3
    ...
    x.y if x else 3
def p8(x):
    if 0:
        x()
    if 1:
        x+1
    elif x:
        pass
    else:
        pass
def p9(x):
    while x:
        x -= 1
        if x == 2:
            continue
        pass
    else:
        pass
def p10(x):
    match x:
        case 1:
            pass
        case 2 | 3:
            pass
        case _:
            pass
def p11(x):
    with open('/dev/null'):
        pass
def p12(x):
    def g(): pass
    class A:
        pass
    del g
    assert x, 3
    return
def p13(x):
    try:
        raise ValueError
    except ValueError as e:
        pass
def p14(x):
    if not x:
        pass
def p15(x):
    if x and \
       x > 1:
        pass
    return (x,
            1)
def p16(x):
    pass
def p17(x):
    pass
    pass
    x = 1
def p18(x):
    while True:
        try:
            x -= 1
            if x < 0:
                return
        except ZeroDivisionError:
            pass
        pass
def p19(x):
    for i in range(x):
        if i:
            continue
    else:
        y = 2
def p20(x):
    if x == 1: pass
    elif x == 2: pass
    x = 3
def p21(x):
    for i in range(x):
        if i == 1:
            pass
def p22(x):
    while x > 0:
        x -= 1
def p23(x):
    for a in range(2):
        for b in range(2):
            if b:
                break
def p24(x):
    return [
        i
        for i in range(x)
        if i
    ]
for f in (w1,w2,p1,p2,p3,p4,p5,p6,p7,p8,p9,p10,p11,p12,p13,p14,p15,p16,p17,p18,p19,p20,p21,p22,p23,p24):
    for x in (0,1,2,3): tr(f,x)
