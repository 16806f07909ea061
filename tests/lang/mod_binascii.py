"""binascii: hexadecimal, base64, uuencode, quoted-printable, checksums."""
import binascii
from binascii import *


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


print(hexlify(b"\x00\xffab"), unhexlify("00FFab"), hexlify(b"abcdef", "-"), hexlify(b"abcdefg", b":", 2), hexlify(b"abcdefg", "_", -3))
for s in ["abc", "zz", "é", 5]:
    fails(unhexlify, s)
for n in range(7):
    data = bytes(range(200, 200 + n))
    t = b2a_base64(data)
    print(t, a2b_base64(t) == data, b2a_base64(data, newline=False), b2a_uu(data), a2b_uu(b2a_uu(data)) == data)
for s in [b"YQ", b"YQ==", b"Y Q=\n=", b"YQ==YQ==", b"Y", b"YWJj", "YWJj", b"YWJjY", b"=YQ=", b"YQ=a", b""]:
    fails(a2b_base64, s)
    fails(a2b_base64, s, strict_mode=True)
print(crc32(b"hello"), crc32(b"lo", crc32(b"hel")), crc_hqx(b"hello", 0), crc32(b""), crc32(b"a", 2**40 + 5))
fails(b2a_uu, b"x" * 46)
fails(a2b_uu, b"!\x7f")
print(b2a_uu(b"\0\0", backtick=True), a2b_uu(b""))
for data in [b"a=b\xe9 \n", b"x" * 100, b"tab\t\nend ", b"a\r\nb\nc", b".", b"_ a"]:
    print(b2a_qp(data), b2a_qp(data, True), b2a_qp(data, istext=False), b2a_qp(data, header=True))
    print(a2b_qp(b2a_qp(data)) == data)
print(a2b_qp(b"a=\nb=3D=E9=x_"), a2b_qp("a_b", header=True), a2b_qp(b"=="), a2b_qp(b"a="))
print(Error.__mro__[1], Error.__module__)
