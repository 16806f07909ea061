# sys.settrace and sys.setprofile: events, and a small coverage tool.
import sys


def work(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
        else:
            total -= 1
    while total > 100:
        total = 0
    return total


def raises():
    raise ValueError("x")


def catches():
    result = None
    with open("/dev/null"):
        result = 1
    return result


def steps():
    yield 1
    yield 2


events = []


def trace(frame, event, arg):
    code = frame.f_code
    if code.co_filename != __file__:
        return None
    shown = arg if event == "return" else arg[0].__name__ if event == "exception" else None
    events.append((code.co_name, event, frame.f_lineno - code.co_firstlineno, shown))
    return trace


sys.settrace(trace)
work(3)
for x in steps():
    pass
sys.settrace(None)
for event in events:
    print(*event)
print(sys.gettrace())

events.clear()
sys.settrace(trace)
raised = None
try:
    raises()
except ValueError as e:
    raised = e
sys.settrace(None)
print(raised)
for event in events:
    print(*event)


def profile(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event, getattr(arg, "__name__", arg)))


events.clear()
sys.setprofile(profile)
work(2)
[3, 1].sort()
len([])
sys.setprofile(None)
for event in events:
    print(*event)


class Coverage:
    """Counts the lines that ran, as coverage tools do."""

    def __init__(self):
        self.lines = {}

    def __call__(self, frame, event, arg):
        if event == "line":
            key = frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno
            self.lines[key] = self.lines.get(key, 0) + 1
        return self

    def __enter__(self):
        sys.settrace(self)

    def __exit__(self, *exc):
        sys.settrace(None)


coverage = Coverage()
with coverage:
    work(4)
    catches()
print(sorted((k, v) for k, v in coverage.lines.items() if k[0] in ("work", "catches")))


def no_lines(frame, event, arg):
    frame.f_trace_lines = False
    print(event, frame.f_code.co_name)
    return no_lines


sys.settrace(no_lines)
work(1)
sys.settrace(None)


def broken(frame, event, arg):
    raise KeyError("in the trace function")


sys.settrace(broken)
try:
    work(1)
except KeyError as e:
    print(e, sys.gettrace())
