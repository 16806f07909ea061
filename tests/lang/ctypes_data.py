# Sizes of int are equal everywhere, those of long and of pointers are not.
from ctypes import *
print(c_short(5), c_longlong(-1).value, sizeof(c_short), c_ubyte(300).value, c_byte(200).value, c_double(2.5), c_char(b'x'), c_bool(3))
A=c_int*4
a=A(1,2,3); print(list(a), len(a), sizeof(a), a[1:3], a[-1]); a[1]=9; print(a[1], bytes(a))
class P(Structure): _fields_=[('x',c_int),('y',c_double),('z',c_char*5)]
p=P(1,2.5,b'abc'); print(p.x,p.y,p.z,sizeof(P),P.y.offset,P.x.size)
class B(Structure): _fields_=[('a',c_int,3),('b',c_int,5),('c',c_uint,8)]
b=B(1,-2,200); print(b.a,b.b,b.c,sizeof(B)); b.a=-1; print(b.a,b.b)
class U(Union): _fields_=[('i',c_int),('f',c_float),('b',c_ubyte*4)]
u=U(); u.f=1.0; print(hex(u.i), list(u.b), sizeof(U))
class N(Structure): _fields_=[('p',P),('arr',c_short*3)]
n=N(); n.p.x=7; n.arr[2]=5; print(n.p.x, list(n.arr), sizeof(N))
s=create_string_buffer(b'hello',10); print(s.value,s.raw,len(s)); s.value=b'yo'; print(s.raw)
w=create_unicode_buffer('héllo'); print(w.value, len(w), sizeof(w))
pp=pointer(a); print(pp.contents[0]); q=cast(a,POINTER(c_int)); print(q[0],q[:3]); q[0]=42; print(a[0])
pi=pointer(c_int(3)); pi.contents.value=8; print(pi[0], bool(pi), bool(POINTER(c_int)()))
try: POINTER(c_int)().contents
except ValueError as e: print(e)
print(c_char_p(b'abc').value, c_void_p(None).value, c_void_p(10).value, c_char_p().value)
F=CFUNCTYPE(c_int,c_int,c_int); f=F(lambda x,y:x+y); print(f(2,3))
print(string_at(s), memset(s,65,3) is not None, s.raw[:4])
class BE(BigEndianStructure): _fields_=[('v',c_uint16),('w',c_uint32)]
x=BE(1,2); print(bytes(x), x.v)
print(P.from_buffer_copy(bytes(p)).y, c_int.from_buffer(bytearray(b'\1\0\0\0')).value)
class An(Structure):
    _anonymous_=['u']; _fields_=[('u',U),('k',c_int)]
z=An(); z.i=3; print(z.u.i, z.i)
for t in (lambda: c_int('x'), lambda: A(1,2,3,4,5), lambda: a[9], lambda: P(1,2,b'a',4), lambda: c_char(b'ab')):
    try: print(t())
    except Exception as e: print(type(e).__name__, e)
print((c_short*4).__name__, A._length_, (c_int*4) is A, POINTER(c_int) is POINTER(c_int), POINTER(c_short).__name__)
print(alignment(P), c_int.__ctype_be__(1).value, bytes(c_int.__ctype_be__(1)), c_longdouble(1.5).value)
