import codecs

def tried(f, *args):
    try:
        print(ascii(f(*args)))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))

for encoding in ["cp1252", "koi8-r", "utf-7", "utf-8-sig", "utf-16-be", "utf-32", "iso8859-15", "cp437", "punycode", "unicode_escape", "raw_unicode_escape"]:
    tried("a\u20ac\u00e9z".encode, encoding)
    tried("a\u20ac\u00e9z".encode, encoding, "replace")
tried(b"\x80\x81abc".decode, "cp1252")
tried(b"\x80\x81abc".decode, "cp1252", "ignore")
tried(b"+AOk- +IKw- 1+-2".decode, "utf-7")
tried(b"+AO".decode, "utf-7")
tried(b"a+\xffb".decode, "utf-7", "replace")
tried(b"\\x41\\u20ac\\U0001f600\\n\\101".decode, "unicode_escape")
tried(b"\\x4".decode, "unicode_escape")
tried(b"\\u12".decode, "raw_unicode_escape")
tried(codecs.escape_decode, b"a\\x41\\n\\'")
tried(codecs.escape_encode, b"a\n'\xff")
tried(b"x".decode, "nonsense")
tried(codecs.encode, "abc", "rot13")

codecs.register_error("test.mine", lambda e: ("<%s>" % e.object[e.start:e.end], e.end))
tried("a\u20acb".encode, "ascii", "test.mine")
tried("a\u20acb".encode, "cp437", "test.mine")
codecs.register_error("test.bytes", lambda e: (b"??", e.end))
tried("a\u20acb".encode, "latin-1", "test.bytes")
codecs.register_error("test.back", lambda e: ("!", -1))
tried(b"a\xffbc".decode, "ascii", "test.back")
codecs.register_error("test.wrong", lambda e: 5)
tried("a\u20acb".encode, "ascii", "test.wrong")
tried("a\u20acb".encode, "ascii", "no-such-handler")
tried(codecs.lookup_error, "no-such-handler")
tried(codecs.lookup_error("strict"), ValueError("x"))
tried(codecs.lookup_error("replace"), UnicodeDecodeError("ascii", b"abc", 1, 2, "why"))

def search(name):
    if name == "test_reverse":
        return codecs.CodecInfo(lambda s, e="strict": (s[::-1].encode(), len(s)), lambda b, e="strict": (bytes(b)[::-1].decode(), len(b)), name=name)
codecs.register(search)
tried("abc".encode, "Test-Reverse")
tried("abc".encode, "test_reverse")
tried(b"abc".decode, "test_reverse")
codecs.unregister(search)
tried("abc".encode, "test_reverse")
d = codecs.getincrementaldecoder("utf-8")()
print(ascii(d.decode(b"\xe2\x82")), d.getstate(), ascii(d.decode(b"\xac")))
d = codecs.getincrementaldecoder("utf-16")()
print(ascii(d.decode(b"\xff\xfea")), ascii(d.decode(b"\x00b")), ascii(d.decode(b"\x00", True)))
e = codecs.getincrementalencoder("utf-16")()
print(len(e.encode("a")), len(e.encode("a")))
tried(codecs.utf_8_decode, b"\xe2\x82")
tried(codecs.utf_8_decode, b"\xe2\x82", "strict", True)
tried(codecs.charmap_decode, b"ab", "strict", {97: "x", 98: None})
tried(codecs.charmap_encode, "ab", "strict", {97: b"xy", 98: 99})
