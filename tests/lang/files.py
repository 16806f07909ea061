import io, os, tempfile

name = os.path.join(tempfile.mkdtemp(), "file")

def tried(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, getattr(e, "strerror", None) or str(e).replace(name, "NAME"))

with open(name, "w", newline="\n") as f:
    print(f.write("héllo\nworld\r\nlast"), f.mode, f.encoding.lower(), f.line_buffering, f.closed)
print(f.closed)
tried(f.write, "x")
with open(name) as f:
    print(f.readlines(), f.newlines)
with open(name, newline="") as f:
    print(list(f), f.newlines)
with open(name, newline="\r\n") as f:
    print(list(f))
with open(name, "rb") as f:
    print(f.read(3), f.tell(), f.readline(), f.peek(2)[:2], f.seek(-4, 2), f.read(), f.read(1))
    tried(f.write, b"x")
with open(name, "r+b") as f:
    f.seek(3); f.write(b"XX"); f.seek(0); print(f.read(6)); f.truncate(5); f.seek(0); print(f.read())
with open(name, "a+") as f:
    f.write("end"); f.seek(0); print(f.read())
for bad in ["", "rw", "z", "rbt", "r++"]:
    tried(open, name, bad)
tried(open, name, "rb", encoding="utf-8")
tried(open, name, "x")
tried(open, name + "/none")
tried(open, name, "r", 0)
tried(open, name, encoding="nonsense")
with open(name, "w", encoding="utf-16") as f:
    f.write("one\n"); f.write("two\n")
with open(name, encoding="utf-16") as f:
    print(f.readline(), end=""); at = f.tell(); print(f.readline(), end=""); f.seek(at); print(f.read(), end="")
with open(name, "w", encoding="ascii", errors="backslashreplace") as f:
    f.write("é\u20ac")
print(open(name, "rb").read())
with open(name, "wb") as f:
    f.write("añb\r\nc\udc80".encode("utf-8", "surrogateescape"))
with open(name, encoding="utf-8", errors="surrogateescape") as f:
    print(ascii(f.read(2)), f.tell(), ascii(f.read()))
    f.seek(3); print(ascii(f.read()))
tried(lambda: open(name, encoding="utf-8").read())

b = io.BytesIO(b"one\ntwo\nthree")
print(b.readline(), b.read(2), b.tell(), b.readlines(), b.getvalue())
b.seek(20); b.write(b"!"); print(b.getvalue())
view = b.getbuffer(); view[0] = 79
tried(b.write, b"longer"); view.release(); b.truncate(3); print(b.getvalue())
s = io.StringIO("a\r\nb\n", newline=None)
print(repr(s.read()), s.newlines); s.seek(0); s.write("XYZ"); print(repr(s.getvalue()))
tried(s.write, b"x"); s.close(); tried(s.read)

class Slow(io.RawIOBase):
    def __init__(self, data): self.data = data
    def readable(self): return True
    def readinto(self, buffer):
        n = min(3, len(buffer), len(self.data))
        buffer[:n] = self.data[:n]
        self.data = self.data[n:]
        return n

r = io.BufferedReader(Slow(b"first\nsecond\n"))
print(r.read1(10), r.readline(), r.read(3), r.read())
print(list(io.TextIOWrapper(io.BufferedReader(Slow("zeile é\r\nzwei\n".encode())))))

class Sink(io.RawIOBase):
    def __init__(self): self.parts = []
    def writable(self): return True
    def write(self, data): self.parts.append(bytes(data)); return len(data)

sink = Sink(); w = io.BufferedWriter(sink, 8)
w.write(b"abc"); print(sink.parts); w.write(b"defghijkl"); w.flush(); print(b"".join(sink.parts))
t = io.TextIOWrapper(sink2 := io.BytesIO(), encoding="utf-8", newline="\r\n")
t.write("x\ny\n"); print(sink2.getvalue()); t.flush(); print(sink2.getvalue()); t.detach(); tried(t.write, "z")
d = io.IncrementalNewlineDecoder(None, True)
print(repr(d.decode("a\r")), repr(d.decode("\nb\r", True)), d.newlines)
print([c.__name__ for c in type(open(name, "rb")).__mro__], isinstance(t, io.TextIOBase), issubclass(io.BytesIO, io.IOBase))
tried(io.TextIOWrapper, 5)
tried(io.BufferedReader, io.BytesIO(b"x"), 0)
