# sys.monitoring: what tools are told, in which order.
import sys

m = sys.monitoring
E = m.events
TOOL = m.PROFILER_ID
log = []


def short(value):
    if value is m.MISSING:
        return "MISSING"
    if isinstance(value, BaseException):
        return type(value).__name__
    return getattr(value, "__name__", None) or repr(value)


def watch(names, skip=1):
    def make(name):
        def callback(code, *rest):
            if code.co_name in ("watch", "done"):
                return None
            # Offsets are the interpreter's own affair.
            rest = rest if name == "LINE" else rest[skip:]
            if name == "LINE":
                rest = (rest[0] - code.co_firstlineno,)
            if name in ("JUMP", "BRANCH_LEFT", "BRANCH_RIGHT"):
                rest = ()
            log.append(" ".join([code.co_name, name, *map(short, rest)]))
        return callback
    total = 0
    for name in names.split():
        m.register_callback(TOOL, getattr(E, name), make(name))
        total |= getattr(E, name)
    m.set_events(TOOL, total)


def done(title):
    m.set_events(TOOL, 0)
    print(title)
    for line in log:
        if not line.startswith("<module>"):
            print("   ", line)
    log.clear()


def add(a, b=0):
    return a + b


def numbers(n):
    for i in range(n):
        if i % 2:
            got = yield i
    return n


def fails():
    try:
        len(3)
    except TypeError:
        pass
    raise KeyError("k")


m.use_tool_id(TOOL, "test")
print(m.get_tool(TOOL))

watch("PY_START PY_RETURN PY_UNWIND PY_RESUME PY_YIELD PY_THROW")
add(1, 2)
list(numbers(4))
try:
    fails()
except KeyError:
    pass
g = numbers(3)
next(g)
try:
    g.throw(ValueError("v"))
except ValueError:
    pass
done("functions")

watch("CALL")
add(1)
len("abc")
"x".upper()
int("3")
add(*(1, 2))
done("calls")


def calls():
    add(1)
    len("abc")
    "x".upper()
    dict()
    try:
        len(3)
    except TypeError:
        pass


watch("CALL")
m.register_callback(TOOL, E.C_RETURN, lambda code, at, f, first: log.append(f"{code.co_name} C_RETURN {short(f)} {short(first)}"))
m.register_callback(TOOL, E.C_RAISE, lambda code, at, f, first: log.append(f"{code.co_name} C_RAISE {short(f)} {short(first)}"))
calls()
done("native calls")

watch("RAISE RERAISE EXCEPTION_HANDLED PY_UNWIND")
try:
    fails()
except KeyError:
    pass
done("exceptions")

watch("LINE")
list(numbers(3))
try:
    fails()
except KeyError:
    pass
done("lines")



def pick(x):
    if x:
        y = 1
    else:
        y = 2
    for i in range(2):
        y += i
    return y


watch("BRANCH_LEFT BRANCH_RIGHT")
pick(0)
pick(1)
done("branches")

# DISABLE silences one place until restart_events().
seen = []


def once(code, line):
    seen.append(line - code.co_firstlineno)
    return m.DISABLE


m.register_callback(TOOL, E.LINE, once)
m.set_local_events(TOOL, add.__code__, E.LINE)
add(1)
add(1)
print(seen, m.get_local_events(TOOL, add.__code__) == E.LINE)
m.restart_events()
add(1)
print(seen)
m.set_local_events(TOOL, add.__code__, 0)
add(1)
print(seen)


def wrong(code, at, exception):
    return m.DISABLE


m.register_callback(TOOL, E.RAISE, wrong)
m.set_events(TOOL, E.RAISE)
try:
    fails()
except ValueError as e:
    m.set_events(TOOL, 0)
    print(e)


# An exception of a callback is raised in the code.
def broken(code, at):
    raise LookupError("from the tool")


m.register_callback(TOOL, E.PY_START, broken)
m.set_local_events(TOOL, add.__code__, E.PY_START)
try:
    add(1)
except LookupError as e:
    print(e)
m.free_tool_id(TOOL)
print(m.get_tool(TOOL), add(1))

for f, args in [
    (m.use_tool_id, (7, "x")), (m.use_tool_id, (1, 3)), (m.set_events, (1, 1)),
    (m.use_tool_id, (1, "one")), (m.use_tool_id, (1, "one")), (m.set_events, (1, 1 << 30)),
    (m.set_events, (1, E.C_RETURN)), (m.set_events, (1, E.BRANCH)), (m.get_events, (1,)),
    (m.set_events, (1, 0)), (m.set_local_events, (1, add.__code__, E.RAISE)),
    (m.set_local_events, (1, 3, 1)), (m.register_callback, (1, 3, print)),
    (m.register_callback, (1, 1, print)), (m.register_callback, (1, 1, None)),
    (m.free_tool_id, (9,)),
]:
    try:
        print(f.__name__, f(*args))
    except (ValueError, TypeError) as e:
        print(f.__name__, type(e).__name__, e)
