"""What `ctypes` is made of: C data in memory that Python owns.

Memory is a block of bytes; a C object is a place in a block. Addresses of objects are not known to Python here: a
pointer remembers the place it points to, and what is written into its memory is only a number that is not zero. Foreign
functions cannot be called, and foreign memory cannot be read.
"""

import math
import struct
import sys
import types

__version__ = "1.1.0"
RTLD_LOCAL, RTLD_GLOBAL = 0, 0x100
SIZEOF_TIME_T = 8
FUNCFLAG_CDECL, FUNCFLAG_PYTHONAPI, FUNCFLAG_USE_ERRNO, FUNCFLAG_USE_LASTERROR = 1, 4, 8, 16
_memmove_addr, _memset_addr, _string_at_addr, _cast_addr, _memoryview_at_addr, _wstring_at_addr = range(1, 7)


class ArgumentError(Exception):
    pass


def _foreign(what):
    raise NotImplementedError(f"ctypes: {what} is not implemented")


class _Block:
    """Memory, and the Python objects that pointers in it stand for, by their place."""

    __slots__ = ("memory", "references")

    def __init__(self, memory):
        self.memory = memoryview(memory).cast("B")
        self.references = {}


class _CType(type):
    """The type of all C types. `_size_` and `_align_` are those of its instances."""

    def __mul__(cls, length):
        if length < 0:
            raise ValueError(f"Array length must be >= 0, not {length}")
        try:
            return cls.__dict__["_arrays_"][length]
        except KeyError:
            pass
        array = type(Array)(f"{cls.__name__}_Array_{length}", (Array,), {"_type_": cls, "_length_": length})
        if "_arrays_" not in cls.__dict__:
            type.__setattr__(cls, "_arrays_", {})
        cls._arrays_[length] = array
        return array

    __rmul__ = __mul__

    @property
    def __pointer_type__(cls):
        try:
            return cls.__dict__["_pointer_"]
        except KeyError:
            raise AttributeError("type object has no attribute '__pointer_type__'") from None

    @__pointer_type__.setter
    def __pointer_type__(cls, pointer):
        type.__setattr__(cls, "_pointer_", pointer)

    def from_buffer(cls, source, offset=0):
        view = memoryview(source)
        if view.readonly:
            raise TypeError("underlying buffer is not writable")
        return cls._at(_block_of(cls, view, offset), 0, source)

    def from_buffer_copy(cls, source, offset=0):
        return cls._at(_block_of(cls, memoryview(source), offset, copy=True), 0)

    def from_address(cls, address):
        _foreign("access to memory by its address")

    def in_dll(cls, library, name):
        _foreign("access to variables of libraries")

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        if hasattr(value, "_as_parameter_"):
            return cls.from_param(value._as_parameter_)
        raise TypeError(f"expected {cls.__name__} instance instead of {type(value).__name__}")

    def _at(cls, block, offset, base=None):
        """The object of this type at a place."""
        self = cls.__new__(cls)
        self._block_, self._offset_, self._b_base_ = block, offset, base
        return self


def _block_of(cls, view, offset, copy=False):
    if offset < 0:
        raise ValueError("offset cannot be negative")
    view = view.cast("B")
    if len(view) < offset + cls._size_:
        raise ValueError(f"Buffer size too small ({len(view)} instead of at least {offset + cls._size_} bytes)")
    part = view[offset : offset + cls._size_]
    return _Block(bytearray(part) if copy else part)


class _CData:
    """An object of C."""

    _b_base_ = None
    _b_needsfree_ = property(lambda self: int(self._b_base_ is None))
    _objects = property(lambda self: self._block_.references or None)

    def __new__(cls, *args, **kwargs):
        if getattr(cls, "_size_", None) is None:
            raise TypeError("abstract class")
        self = object.__new__(cls)
        self._block_, self._offset_ = _Block(bytearray(cls._size_)), 0
        return self

    def _bytes(self):
        start = self._offset_
        return self._block_.memory[start : start + _size_of(self)]

    def __buffer__(self, flags):
        return self._bytes()

    def __reduce__(self):
        if self._block_.references:
            raise ValueError("ctypes objects containing pointers cannot be pickled")
        return _rebuild, (type(self), (self.__dict__ and self._own_dict(), bytes(self._bytes())))

    def _own_dict(self):
        return {k: v for k, v in self.__dict__.items() if k not in ("_block_", "_offset_", "_b_base_")}

    def __setstate__(self, state):
        attributes, data = state
        self.__dict__.update(attributes)
        self._bytes()[:] = data

    def __hash__(self):
        raise TypeError("unhashable type")


def _rebuild(cls, state):
    self = cls.__new__(cls)
    self.__setstate__(state)
    return self


def _size_of(self):
    return self.__dict__.get("_resized_", type(self)._size_)


class _SimpleType(_CType):
    def __new__(meta, name, bases, namespace):
        cls = super().__new__(meta, name, bases, namespace)
        code = getattr(cls, "_type_", None)
        if code is None and not any(isinstance(base, _SimpleType) for base in bases):
            return cls
        if not isinstance(code, str) or len(code) != 1:
            raise AttributeError("class must define a '_type_' attribute which must be a string of length 1")
        if code not in _SIZES:
            raise AttributeError(f"class must define a '_type_' attribute which must be one of {''.join(_SIZES)!r}")
        cls._size_ = cls._align_of_ = _SIZES[code]
        if "_order_" not in namespace and "_type_" in namespace:
            cls._order_ = "="
            _add_orders(cls, meta, name, bases, namespace)
        return cls

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        if hasattr(value, "_as_parameter_"):
            return cls.from_param(value._as_parameter_)
        return cls(value)


def _add_orders(cls, meta, name, bases, namespace):
    """`__ctype_le__` and `__ctype_be__`, for the types that have a byte order."""
    if cls._type_ not in "hHiIlLqQfd":
        return
    own, other = ("__ctype_le__", "__ctype_be__") if sys.byteorder == "little" else ("__ctype_be__", "__ctype_le__")
    swapped = dict(namespace, _order_=">" if sys.byteorder == "little" else "<")
    swapped = meta(name, bases, swapped)
    for kind in (cls, swapped):
        setattr(kind, own, cls)
        setattr(kind, other, swapped)


_SIZES = {code: struct.calcsize(code) for code in "cbB?hHiIlLqQfdP"} | {"u": 4, "g": 16, "O": 8, "z": 8, "Z": 8}
_LONG_DOUBLE_BIAS = 16383


def _pack_long_double(value):
    """x87's format: 64 bits of mantissa with the leading one, 15 of exponent."""
    sign = 0x8000 if math.copysign(1, value) < 0 else 0
    if math.isnan(value) or math.isinf(value):
        mantissa, exponent = (3 << 62 if math.isnan(value) else 1 << 63), 0x7FFF
    elif value == 0:
        mantissa, exponent = 0, 0
    else:
        fraction, exponent = math.frexp(abs(value))
        mantissa, exponent = int(math.ldexp(fraction, 64)), exponent - 1 + _LONG_DOUBLE_BIAS
    return struct.pack("<QH6x", mantissa, exponent | sign)


def _unpack_long_double(data):
    mantissa, exponent = struct.unpack("<QH6x", data)
    sign = -1.0 if exponent & 0x8000 else 1.0
    exponent &= 0x7FFF
    if exponent == 0x7FFF:
        return math.copysign(math.inf if mantissa << 1 & (1 << 64) - 1 == 0 else math.nan, sign)
    return sign * math.ldexp(mantissa, exponent - _LONG_DOUBLE_BIAS - 63)


class _SimpleCData(_CData, metaclass=_SimpleType):
    """Numbers, characters and simple pointers."""

    def __init__(self, value=None):
        if value is not None or self._type_ == "O":
            self.value = value

    @property
    def value(self):
        code, data = self._type_, self._bytes()
        if code in "OzZP":
            return self._pointer_value(code, data)
        if code == "u":
            return chr(struct.unpack("=I", data)[0])
        if code == "g":
            return _unpack_long_double(data)
        return struct.unpack(self._format(), data)[0]

    @value.setter
    def value(self, value):
        code, size = self._type_, self._size_
        if code in "OzZP":
            self._set_pointer(code, value)
            return
        if code in "bBhHiIlLqQ":
            if not isinstance(value, int):
                raise TypeError(f"{type(value).__name__!r} object cannot be interpreted as an integer")
            value &= (1 << 8 * size) - 1
            order = {">": "big", "<": "little"}.get(self._order_, sys.byteorder)
            data = value.to_bytes(size, order)
        elif code == "c":
            data = bytes([value]) if isinstance(value, int) and 0 <= value < 256 else value
            if not isinstance(data, (bytes, bytearray)) or len(data) != 1:
                given = type(value).__name__
                given += f" of length {len(value)}" if isinstance(value, (bytes, bytearray)) else ""
                raise TypeError(f"one character bytes, bytearray, or an integer in range(256) expected, not {given}")
        elif code == "u":
            if not isinstance(value, str) or len(value) != 1:
                raise TypeError("one character unicode string expected")
            data = struct.pack("=I", ord(value))
        elif code == "g":
            data = _pack_long_double(float(value))
        elif code == "?":
            data = struct.pack("?", bool(value))
        else:
            if isinstance(value, str):
                raise TypeError(f"must be real number, not {type(value).__name__}")
            data = struct.pack(self._format(), value)
        self._bytes()[:] = data

    def _format(self):
        code = self._type_
        # In standard order long has four bytes.
        return code if self._order_ == "=" else self._order_ + {"l": "q", "L": "Q"}.get(code, code)

    def _pointer_value(self, code, data):
        reference = self._block_.references.get(self._offset_)
        if code == "O":
            if reference is None:
                raise ValueError("PyObject is NULL")
            return reference[0]
        number = struct.unpack("P", data)[0]
        if code == "P" or number == 0:
            return number or None
        if reference is None:
            _foreign("reading memory by its address")
        return reference[0]

    def _set_pointer(self, code, value):
        wanted = {"z": bytes, "Z": str}.get(code)
        reference = number = None
        if code == "O" or (wanted and isinstance(value, wanted)):
            reference = (value,)
        elif isinstance(value, int):
            number = value & (1 << 64) - 1
        elif value is not None:
            expected = {"z": "bytes or integer address", "Z": "unicode string or integer address"}
            raise TypeError(f"{expected.get(code, 'cannot be converted to pointer:')} "
                            f"{'expected instead of ' if wanted else ''}{type(value).__name__} instance")
        _store_reference(self, reference, number)

    def __bool__(self):
        return any(self._bytes()) if self._type_ in "OzZP" else bool(self.value) and self.value != b"\0"

    def __repr__(self):
        if type(self).__bases__[0] is not _SimpleCData:
            return object.__repr__(self)
        return f"{type(self).__name__}({self.value!r})"

    def __ctypes_from_outparam__(self):
        return self.value if type(self).__bases__[0] is _SimpleCData else self


def _store_reference(self, reference, number=None):
    """Writes a pointer: the Python object it stands for, and a number into its memory."""
    if reference is None:
        self._block_.references.pop(self._offset_, None)
    else:
        self._block_.references[self._offset_] = reference
        number = id(reference)
    self._bytes()[:] = struct.pack("P", number or 0)


def _load(cls, block, offset, base):
    """What an element or a field reads as: plain values for the simple types themselves."""
    found = cls._at(block, offset, base)
    if isinstance(cls, _ArrayType):
        plain = getattr(cls._type_, "_type_", None) in ("c", "u")
    else:
        plain = isinstance(cls, _SimpleType) and cls.__bases__[0] is _SimpleCData
    return found.value if plain else found


def _store(cls, block, offset, value):
    target = cls._at(block, offset)
    if isinstance(value, cls):
        target._bytes()[:] = bytes(value._bytes())
        for at, reference in value._block_.references.items():
            if 0 <= at - value._offset_ < cls._size_:
                block.references[offset + at - value._offset_] = reference
    elif isinstance(cls, _SimpleType):
        target.value = value
    elif isinstance(cls, _PointerType):
        if value is None:
            _store_reference(target, None)
        elif isinstance(value, Array) and value._type_ is cls._type_:
            _store_reference(target, (value._block_, value._offset_))
        else:
            raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")
    elif isinstance(value, tuple):
        _store(cls, block, offset, cls(*value))
    elif isinstance(cls, _ArrayType) and cls._type_._type_ in ("c", "u"):
        target.value = value
    else:
        raise TypeError(f"expected {cls.__name__} instance, got {type(value).__name__}")


class _ArrayType(_CType):
    def __new__(meta, name, bases, namespace):
        cls = super().__new__(meta, name, bases, namespace)
        if not any(isinstance(base, _ArrayType) for base in bases):
            return cls
        for attribute in ("_length_", "_type_"):
            if not hasattr(cls, attribute):
                raise AttributeError(f"class must define a '{attribute}' attribute")
        if not isinstance(cls._length_, int):
            raise TypeError("The '_length_' attribute must be an integer")
        if cls._length_ < 0:
            raise ValueError("The '_length_' attribute must not be negative")
        cls._size_, cls._align_of_ = cls._type_._size_ * cls._length_, cls._type_._align_of_
        if getattr(cls._type_, "_type_", None) == "c":
            cls.value = property(_c_string, _set_c_string)
            cls.raw = property(lambda self: bytes(self._bytes()), _set_raw)
        elif getattr(cls._type_, "_type_", None) == "u":
            cls.value = property(_c_text, _set_c_text)
        return cls


def _c_string(self):
    return bytes(self._bytes()).partition(b"\0")[0]


def _set_c_string(self, value):
    if not isinstance(value, bytes):
        raise TypeError(f"bytes expected instead of {type(value).__name__} instance")
    if len(value) > self._length_:
        raise ValueError("byte string too long")
    self._bytes()[: len(value) + 1] = (value + b"\0")[: self._length_]


def _set_raw(self, value):
    if len(value) > self._length_:
        raise ValueError("byte string too long")
    self._bytes()[: len(value)] = bytes(value)


def _c_text(self):
    return "".join(self[:]).partition("\0")[0]


def _set_c_text(self, value):
    if not isinstance(value, str):
        raise TypeError(f"unicode string expected instead of {type(value).__name__} instance")
    if len(value) > self._length_:
        raise ValueError("string too long")
    for i, char in enumerate((value + "\0")[: self._length_]):
        self[i] = char


def _positions(self, key, length):
    """The offset of an element, or the offsets of a slice."""
    size = self._type_._size_
    if isinstance(key, slice):
        return [self._offset_ + i * size for i in range(*key.indices(length))]
    if not hasattr(key, "__index__"):
        raise TypeError("indices must be integers")
    i = key.__index__()
    i += length if i < 0 else 0
    if not 0 <= i < length:
        raise IndexError("invalid index")
    return self._offset_ + i * size


def _joined(self, items):
    joint = {"c": b"", "u": ""}.get(getattr(self._type_, "_type_", None))
    return items if joint is None else joint.join(items)


class Array(_CData, metaclass=_ArrayType):
    """Elements of one type."""

    __class_getitem__ = classmethod(types.GenericAlias)

    def __init__(self, *values):
        if len(values) > self._length_:
            raise IndexError("invalid index")
        for i, value in enumerate(values):
            self[i] = value

    def __len__(self):
        return self._length_

    def __getitem__(self, key):
        at = _positions(self, key, self._length_)
        if isinstance(at, list):
            return _joined(self, [_load(self._type_, self._block_, i, self) for i in at])
        return _load(self._type_, self._block_, at, self)

    def __setitem__(self, key, value):
        at = _positions(self, key, self._length_)
        if not isinstance(at, list):
            _store(self._type_, self._block_, at, value)
            return
        values = [value[i : i + 1] for i in range(len(value))] if isinstance(value, (bytes, str)) else list(value)
        if len(values) != len(at):
            raise ValueError("Can only assign sequence of same size")
        for i, item in zip(at, values):
            _store(self._type_, self._block_, i, item)

    def __delitem__(self, key):
        raise TypeError("Array does not support item deletion")

    def __iter__(self):
        return (self[i] for i in range(self._length_))


class CField:
    """A field of a structure or union: where it is, and the attribute that reads it."""

    def __init__(self, *, name, type, byte_size, byte_offset, index, _internal_use, bit_size=None, bit_offset=None):
        self.name, self.type, self.byte_size, self.byte_offset, self.index = name, type, byte_size, byte_offset, index
        self.is_bitfield = bit_size is not None
        self.bit_size, self.bit_offset = bit_size or 8 * byte_size, bit_offset or 0
        self.is_anonymous = False

    offset = property(lambda self: self.byte_offset)

    @property
    def size(self):
        return self.bit_size << 16 | self.bit_offset if self.is_bitfield else self.byte_size

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        at = instance._offset_ + self.byte_offset
        if not self.is_bitfield:
            return _load(self.type, instance._block_, at, instance)
        bits = self._word(instance, at) >> self.bit_offset & (1 << self.bit_size) - 1
        if self.type._type_ == "?":
            return bool(bits)
        negative = self.type._type_.islower() and bits >> (self.bit_size - 1)
        return bits - (1 << self.bit_size) if negative else bits

    def __set__(self, instance, value):
        at = instance._offset_ + self.byte_offset
        if not self.is_bitfield:
            _store(self.type, instance._block_, at, value)
            return
        mask = (1 << self.bit_size) - 1
        word = self._word(instance, at) & ~(mask << self.bit_offset) | (int(value) & mask) << self.bit_offset
        instance._block_.memory[at : at + self.byte_size] = word.to_bytes(self.byte_size, self._order())

    def __delete__(self, instance):
        raise TypeError("can't delete attribute")

    def _order(self):
        return {">": "big", "<": "little"}.get(self.type._order_, sys.byteorder)

    def _word(self, instance, at):
        return int.from_bytes(instance._block_.memory[at : at + self.byte_size], self._order())

    def __repr__(self):
        kind = f"bits={self.bit_size}, bit_offset={self.bit_offset}" if self.is_bitfield else f"size={self.byte_size}"
        return f"<ctypes.CField {self.name!r} type={self.type.__name__}, ofs={self.byte_offset}, {kind}>"


class _Alias:
    """A field of an anonymous one."""

    def __init__(self, outer, inner):
        self.outer, self.inner = outer, inner

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(getattr(instance, self.outer), self.inner)

    def __set__(self, instance, value):
        setattr(getattr(instance, self.outer), self.inner, value)


class _RecordType(_CType):
    """What the types of structures and unions share."""

    _is_struct_ = True

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        if any(isinstance(base, _RecordType) for base in bases):
            base = cls.__mro__[1]
            type.__setattr__(cls, "_size_", getattr(base, "_size_", 0))
            type.__setattr__(cls, "_align_of_", getattr(base, "_align_of_", 1))
            if "_fields_" in namespace:
                cls._fields_ = namespace["_fields_"]

    def __setattr__(cls, name, value):
        if name == "_fields_":
            if "_final_" in cls.__dict__:
                raise AttributeError("_fields_ is final")
            cls._lay_out(value)
        super().__setattr__(name, value)

    def _lay_out(cls, fields):
        from ctypes import _layout

        fields = list(fields)
        for field in fields:
            if not isinstance(field, tuple) or len(field) < 2 or not isinstance(field[1], _CType):
                raise TypeError("_fields_ must be a sequence of (name, C type) pairs")
        base = cls.__mro__[1]
        layout = _layout.get_layout(cls, fields, cls._is_struct_, base if getattr(base, "_size_", 0) else None)
        for field in layout.fields:
            type.__setattr__(cls, field.name, field)
        for name in getattr(cls, "_anonymous_", ()):
            field = cls.__dict__.get(name)
            if not isinstance(field, CField):
                raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")
            field.is_anonymous = True
            for inner in _names(field.type):
                if inner not in cls.__dict__:
                    type.__setattr__(cls, inner, _Alias(name, inner))
        type.__setattr__(cls, "_size_", layout.size)
        type.__setattr__(cls, "_align_of_", layout.align)
        type.__setattr__(cls, "_final_", True)


class _StructType(_RecordType):
    pass


class _UnionType(_RecordType):
    _is_struct_ = False


def _names(cls):
    """The names of the fields, those of base classes first."""
    names = []
    for kind in reversed(cls.__mro__):
        names += [field[0] for field in kind.__dict__.get("_fields_", ())]
    return names


class _Record(_CData):
    def __init__(self, *values, **named):
        names = _names(type(self))
        if len(values) > len(names):
            raise TypeError("too many initializers")
        for name, value in zip(names, values):
            if name in named:
                raise TypeError(f"duplicate values for field {name!r}")
            setattr(self, name, value)
        for name, value in named.items():
            setattr(self, name, value)


class Structure(_Record, metaclass=_StructType):
    """Structure base class"""


class Union(_Record, metaclass=_UnionType):
    """Union base class"""


class _PointerType(_CType):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls._size_ = cls._align_of_ = 8
        if "_type_" in namespace:
            namespace["_type_"].__pointer_type__ = cls

    def set_type(cls, target):
        cls._type_ = target
        target.__pointer_type__ = cls

    def from_param(cls, value):
        if value is None:
            return cls()
        if isinstance(value, cls._type_):
            return cls(value)
        if isinstance(value, Array) and value._type_ is cls._type_:
            return _cast(value, cls)
        return super().from_param(value)


class _Pointer(_CData, metaclass=_PointerType):
    """A pointer to a place that Python owns."""

    def __new__(cls, *args):
        if not hasattr(cls, "_type_"):
            raise TypeError("Cannot create instance: has no _type_")
        return super().__new__(cls)

    def __init__(self, target=None):
        if target is not None:
            self.contents = target

    def _target(self):
        try:
            return self._block_.references[self._offset_]
        except KeyError:
            if any(self._bytes()):
                _foreign("reading memory by its address")
            raise ValueError("NULL pointer access") from None

    @property
    def contents(self):
        block, offset = self._target()
        return self._type_._at(block, offset, self)

    @contents.setter
    def contents(self, target):
        if not isinstance(target, self._type_):
            raise TypeError(f"expected {self._type_.__name__} instead of {type(target).__name__}")
        _store_reference(self, (target._block_, target._offset_))

    def _place(self, i):
        block, offset = self._target()
        offset += i * self._type_._size_
        if not 0 <= offset <= len(block.memory) - self._type_._size_:
            _foreign("reading memory outside of an object")
        return block, offset

    def __getitem__(self, key):
        if not isinstance(key, slice):
            return _load(self._type_, *self._place(key), self)
        if key.stop is None or (key.start is None and (key.step or 1) < 0):
            raise ValueError("slice stop is required" if key.stop is None else "slice start is required for step < 0")
        return _joined(self, [self[i] for i in range(key.start or 0, key.stop, key.step or 1)])

    def __setitem__(self, key, value):
        _store(self._type_, *self._place(key), value)

    def __bool__(self):
        return any(self._bytes())


def _cast(source, wanted):
    """`ctypes.cast()` between kinds of pointers; arrays are pointers to their first element."""
    result = wanted()
    if isinstance(source, Array):
        _store_reference(result, (source._block_, source._offset_))
    elif isinstance(source, (_Pointer, _SimpleCData)):
        reference = source._block_.references.get(source._offset_)
        number = None if reference else struct.unpack("P", source._bytes())[0]
        _store_reference(result, reference, number)
    elif source is None or isinstance(source, int):
        _store_reference(result, None, source)
    else:
        raise ArgumentError(f"argument 1: TypeError: wrong type: {type(source).__name__}")
    return result


def _memory(source, size):
    """The bytes from where a pointer or an array begins."""
    if isinstance(source, bytes):
        return memoryview(source) if size < 0 else memoryview(source + b"\0")[:size]
    if isinstance(source, (_CArgument, _CData)) and not isinstance(source, (_Pointer, _SimpleCData)):
        target = source._obj if isinstance(source, _CArgument) else source
        block, offset = target._block_, target._offset_
    elif isinstance(source, _Pointer):
        block, offset = source._target()
    elif isinstance(getattr(source, "value", None), bytes):
        return _memory(source.value, size)
    else:
        _foreign("access to memory by its address")
    rest = block.memory[offset:]
    if size > len(rest):
        _foreign("access to memory outside of an object")
    return rest if size < 0 else rest[:size]


def _memmove(target, source, count):
    _memory(target, count)[:] = bytes(_memory(source, count))
    return target


def _memset(target, byte, count):
    _memory(target, count)[:] = bytes([byte & 0xFF]) * count
    return target


def _string_at(source, size=-1):
    data = bytes(_memory(source, size))
    return data.partition(b"\0")[0] if size < 0 else data


def _wstring_at(source, size=-1):
    data = bytes(_memory(source, -1 if size < 0 else 4 * size))
    text = "".join(map(chr, struct.unpack(f"={len(data) // 4}I", data[: len(data) // 4 * 4])))
    return text.partition("\0")[0] if size < 0 else text


def _memoryview_at(source, size, readonly):
    view = _memory(source, size)
    return view.toreadonly() if readonly else view


_OWN_FUNCTIONS = {
    _memmove_addr: _memmove,
    _memset_addr: _memset,
    _string_at_addr: _string_at,
    _wstring_at_addr: _wstring_at,
    _cast_addr: lambda source, _, wanted: _cast(source, wanted),
    _memoryview_at_addr: _memoryview_at,
}


class _FunctionType(_CType):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls._size_ = cls._align_of_ = 8


class CFuncPtr(_CData, metaclass=_FunctionType):
    """A function: one written in Python, one of this module's own, or (not to be called) a foreign one."""

    _argtypes_, _restype_, _flags_ = (), None, FUNCFLAG_CDECL

    def __init__(self, target=None, *rest):
        self.argtypes, self.restype, self.errcheck = self._argtypes_, self._restype_, None
        self._foreign_name, self._function = None, None
        if isinstance(target, tuple):
            name = target[0]
            if target[1]._handle == 0:
                raise AttributeError(f"{name}: undefined symbol")
            self._foreign_name = name
        elif isinstance(target, int):
            self._function = _OWN_FUNCTIONS.get(target)
            self._foreign_name = None if self._function else hex(target)
        elif callable(target):
            self._function = self._callback(target)
        elif target is not None:
            raise TypeError("argument must be callable or integer function address")
        if target is not None:
            _store_reference(self, (target,))

    def _callback(self, function):
        def call(*args):
            kinds = self.argtypes or ()
            if len(args) < len(kinds):
                raise TypeError(f"this function takes {len(kinds)} arguments ({len(args)} given)")
            args = [kind.from_param(arg) for kind, arg in zip(kinds, args)]
            result = function(*[arg.value if type(arg).__bases__[0] is _SimpleCData else arg for arg in args])
            return None if self.restype is None else self.restype(result).value

        return call

    def __call__(self, *args):
        if self._function is None:
            _foreign(f"calling the foreign function {self._foreign_name or 'NULL'}")
        return self._function(*args)

    def __bool__(self):
        return any(self._bytes())

    def __repr__(self):
        return f"<{type(self).__name__} object at {id(self):#x}>"


class _CArgument:
    """What byref() gives."""

    def __init__(self, target, offset):
        self._obj, self._offset = target, offset

    def __repr__(self):
        return f"<cparam 'P' ({type(self._obj).__name__})>"


def _data(thing, message="this type has no size"):
    if isinstance(thing, (_CType, _CData)) and getattr(thing, "_size_", None) is not None:
        return thing
    raise TypeError(message)


def sizeof(thing):
    thing = _data(thing)
    return thing._size_ if isinstance(thing, _CType) else _size_of(thing)


def alignment(thing):
    return _data(thing, "no alignment info")._align_of_


def byref(thing, offset=0):
    if not isinstance(thing, _CData):
        raise TypeError(f"byref() argument must be a ctypes instance, not '{type(thing).__name__}'")
    return _CArgument(thing, offset)


def addressof(thing):
    if not isinstance(thing, _CData):
        raise TypeError("invalid type")
    _foreign("the address of an object")


def resize(thing, size):
    if not isinstance(thing, _CData):
        raise TypeError("excepted ctypes instance")
    if size < type(thing)._size_:
        raise ValueError(f"minimum size is {type(thing)._size_}")
    if thing._b_base_ is not None:
        raise ValueError("Memory cannot be resized because this object doesn't own it")
    block = _Block(bytearray(size))
    old = thing._bytes()[:size]
    block.memory[: len(old)] = old
    block.references = thing._block_.references
    thing._block_, thing._resized_ = block, size


def buffer_info(thing):
    """Format, dimensions and shape as the buffer protocol has them."""
    cls = thing if isinstance(thing, type) else type(thing)
    shape = []
    while isinstance(cls, _ArrayType):
        shape.append(cls._length_)
        cls = cls._type_
    if isinstance(cls, _SimpleType):
        order = cls._order_ if cls._order_ != "=" else "<" if sys.byteorder == "little" else ">"
        text = order + cls._type_
    elif isinstance(cls, _PointerType):
        text = "&" + buffer_info(cls._type_)[0]
    else:
        text = "X{}" if isinstance(cls, _FunctionType) else "B"
    return text, len(shape), tuple(shape)


_errno = 0


def get_errno():
    return _errno


def set_errno(value):
    global _errno
    old, _errno = _errno, value
    return old


def dlopen(name, flag=0):
    """Only the program itself, of which nothing can be used."""
    if name is None:
        return 0
    raise OSError(f"{name}: ctypes cannot load shared libraries: not implemented")
