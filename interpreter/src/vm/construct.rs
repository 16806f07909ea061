//! Making objects. Nothing here can collect.

use super::Vm;
use crate::builtins::declare::CLASS_COUNT;
use crate::builtins::{ClassId, TypeDef};
use crate::object::model::HAS_TAIL;
use crate::object::native::{Foreign, ForeignVTable};
use crate::object::*;
use crate::value::{Value, Word, flonum, word};
use std::cell::Cell;
use std::ptr::NonNull;

impl From<ClassId> for u32 {
    fn from(id: ClassId) -> u32 {
        id as u32
    }
}

/// A header for a struct literal that is handed to [`Vm::alloc`], which writes the real one.
pub fn header() -> Header {
    Header::new(0, 0)
}

impl Vm {
    /// A new object of fixed size with the given shape (of a builtin class: its [`ClassId`]).
    #[inline]
    pub fn alloc<T: Layout>(&self, shape: impl Into<u32>, fields: T) -> Gc<'_, T> {
        let ptr = self.alloc_with_attrs(T::KIND, shape.into(), size_of::<T>()).cast::<T>();
        // SAFETY: fresh memory of the right size. The header that `alloc_with_attrs` wrote is kept:
        // it may have flags of the collector.
        unsafe {
            let header = ptr.cast::<Word>().read();
            ptr.write(fields);
            ptr.cast::<Word>().write(header);
            Gc::from_raw(ptr)
        }
    }

    /// Memory for an object of `size` bytes, with its header, and with the attribute word behind it
    /// when the shape is that of a Python subclass.
    #[inline(always)]
    pub(crate) fn alloc_with_attrs(&self, kind: Kind, shape: u32, size: usize) -> NonNull<Header> {
        if shape < CLASS_COUNT {
            return self.heap.alloc(kind as u8, shape, size);
        }
        self.alloc_of_subclass(kind, shape, size)
    }

    #[cold]
    fn alloc_of_subclass(&self, kind: Kind, shape: u32, size: usize) -> NonNull<Header> {
        if kind == Kind::Instance {
            return self.heap.alloc(kind as u8, shape, size);
        }
        let obj = if self.shapes().get(shape).inline == 0 {
            self.heap.alloc(kind as u8, shape, size)
        } else {
            let obj = self.heap.alloc(kind as u8, shape, size + 8);
            // SAFETY: the object was allocated with a word to spare.
            unsafe {
                obj.byte_add(size).cast::<Word>().write(word::UNBOUND);
                obj.as_ref().set_flag(HAS_TAIL);
            }
            obj
        };
        let class = self.shapes().get(shape).class.get_as::<Class>(self);
        if class.is_some_and(|class| class.flags.get() & ClassFlags::HAS_DEL != 0) {
            self.heap.register_finalizer(obj);
        }
        obj
    }

    /// An int.
    #[inline(always)]
    pub fn int(&self, i: i64) -> Value<'_> {
        match Value::small_int(i) {
            Some(v) => v,
            None => self.big_from_i128(i as i128),
        }
    }

    /// An int from a size or count.
    #[inline(always)]
    pub fn int_usize(&self, i: usize) -> Value<'_> {
        if i <= word::INT_MAX as usize { self.int(i as i64) } else { self.big_from_i128(i as i128) }
    }

    /// A float.
    #[inline(always)]
    pub fn float(&self, f: f64) -> Value<'_> {
        match flonum::encode(f) {
            // SAFETY: an immediate.
            Some(word) => unsafe { Value::from_word(word) },
            None => self.boxed_float(f),
        }
    }

    #[cold]
    fn boxed_float(&self, value: f64) -> Value<'_> {
        self.alloc(ClassId::Float, Float { header: header(), value }).value()
    }

    /// A complex number.
    pub fn complex(&self, re: f64, im: f64) -> Value<'_> {
        self.alloc(ClassId::Complex, Complex { header: header(), re, im }).value()
    }

    /// A tuple.
    pub fn tuple(&self, items: &[Value<'_>]) -> Gc<'_, Tuple> {
        self.tuple_from(items.len(), items.iter().copied())
    }

    /// A tuple of `n` items from an iterator that yields at least as many (fewer: the rest is
    /// None). The iterator must not touch the VM's stack.
    pub fn tuple_from<'a>(
        &self,
        n: usize,
        items: impl IntoIterator<Item = Value<'a>>,
    ) -> Gc<'_, Tuple> {
        if n == 0
            && let Some(empty) = self.roots.empty_tuple.get_as(self)
        {
            return empty;
        }
        self.tuple_of_shape(ClassId::Tuple as u32, n, items)
    }

    /// As [`Vm::tuple_from`], always new, of the class that has this instance shape.
    pub fn tuple_of_shape<'a>(
        &self,
        shape: u32,
        n: usize,
        items: impl IntoIterator<Item = Value<'a>>,
    ) -> Gc<'_, Tuple> {
        let ptr = self.alloc_with_attrs(Kind::Tuple, shape, Tuple::size(n)).cast::<Tuple>();
        // SAFETY: fresh memory for n items, all of which are written here.
        unsafe {
            fill(Tuple::init_len(ptr.as_ptr(), n), n, word::NONE, items);
            Gc::from_raw(ptr)
        }
    }

    /// An array of `n` UNBOUND words.
    pub fn array_filled(&self, n: usize) -> Gc<'_, Array> {
        self.array_from(n, std::iter::empty())
    }

    /// An array of `n` words, the first ones from the iterator, the rest UNBOUND.
    pub fn array_from<'a>(
        &self,
        n: usize,
        items: impl IntoIterator<Item = Value<'a>>,
    ) -> Gc<'_, Array> {
        let ptr = self.heap.alloc(Kind::Array as u8, 0, Array::size(n)).cast::<Array>();
        // SAFETY: fresh memory for n items, all of which are written here.
        unsafe {
            fill(Array::init_len(ptr.as_ptr(), n), n, word::UNBOUND, items);
            Gc::from_raw(ptr)
        }
    }

    /// A list.
    pub fn list(&self, items: &[Value<'_>]) -> Gc<'_, List> {
        self.list_from(items.len(), items.iter().copied())
    }

    /// A list of `n` items from an iterator (see [`Vm::tuple_from`]).
    pub fn list_from<'a>(
        &self,
        n: usize,
        items: impl IntoIterator<Item = Value<'a>>,
    ) -> Gc<'_, List> {
        let array = if n == 0 { Value::UNBOUND } else { self.array_from(n, items).value() };
        self.list_of_array(ClassId::List as u32, n, array)
    }

    /// A list of the given shape whose first `len` items are in `array`.
    pub fn list_of_array(&self, shape: u32, len: usize, array: Value<'_>) -> Gc<'_, List> {
        let array = Slot::new(array.word());
        self.alloc(shape, List { header: header(), len: Cell::new(len), array })
    }

    /// A bytes object.
    pub fn bytes(&self, data: &[u8]) -> Gc<'_, Bytes> {
        if data.is_empty()
            && let Some(empty) = self.roots.empty_bytes.get_as(self)
        {
            return empty;
        }
        self.bytes_of_shape(ClassId::Bytes as u32, data)
    }

    /// As [`Vm::bytes`], always new, of the class that has this instance shape.
    pub fn bytes_of_shape(&self, shape: u32, data: &[u8]) -> Gc<'_, Bytes> {
        let size = Bytes::size(data.len());
        let ptr = self.alloc_with_attrs(Kind::Bytes, shape, size).cast::<Bytes>();
        // SAFETY: fresh memory with room for the data.
        unsafe {
            Bytes::init(ptr.as_ptr(), data);
            Gc::from_raw(ptr)
        }
    }

    /// A cell.
    pub fn cell(&self, contents: Value<'_>) -> Gc<'_, Cell_> {
        let contents = Slot::new(contents.word());
        self.alloc(ClassId::Cell, Cell_ { header: header(), contents })
    }

    /// A function bound to its first argument.
    pub fn bound_method(&self, func: Value<'_>, this: Value<'_>) -> Gc<'_, BoundMethod> {
        let shape = match func.kind() {
            Some(Kind::Builtin) if self.is_exact(func, ClassId::WrapperDescriptor) => {
                ClassId::MethodWrapper
            }
            Some(Kind::Builtin) => ClassId::BuiltinFunction,
            _ => ClassId::Method,
        };
        let (func, this) = (Slot::new(func.word()), Slot::new(this.word()));
        self.alloc(shape, BoundMethod { header: header(), func, this })
    }

    /// A range.
    pub fn range(&self, start: Value<'_>, stop: Value<'_>, step: Value<'_>) -> Gc<'_, Range> {
        let [start, stop, step] = [start, stop, step].map(|v| Slot::new(v.word()));
        self.alloc(ClassId::Range, Range { header: header(), start, stop, step })
    }

    /// A slice.
    pub fn slice(&self, start: Value<'_>, stop: Value<'_>, step: Value<'_>) -> Gc<'_, Slice> {
        let [start, stop, step] = [start, stop, step].map(|v| Slot::new(v.word()));
        self.alloc(ClassId::Slice, Slice { header: header(), start, stop, step })
    }

    /// An empty dict.
    pub fn dict(&self) -> Gc<'_, Dict> {
        self.dict_of_shape(ClassId::Dict as u32)
    }

    /// An empty dict of the class that has this instance shape.
    pub fn dict_of_shape(&self, shape: u32) -> Gc<'_, Dict> {
        self.alloc(
            shape,
            Dict {
                header: header(),
                len: Cell::new(0),
                version: Cell::new(0),
                table: Slot::new(word::UNBOUND),
            },
        )
    }

    /// An empty set (or frozenset, by the shape).
    pub fn set_of_shape(&self, shape: u32) -> Gc<'_, Set> {
        self.alloc(
            shape,
            Set {
                header: header(),
                len: Cell::new(0),
                hash: Cell::new(0),
                table: Slot::new(word::UNBOUND),
            },
        )
    }

    /// An empty set.
    pub fn new_set(&self) -> Gc<'_, Set> {
        self.set_of_shape(ClassId::Set as u32)
    }

    /// A function object for a native function; `owner`: the class it is a method of, or the
    /// module's name.
    pub fn builtin(
        &self,
        def: &'static super::NativeDef,
        owner: Value<'_>,
        this: Value<'_>,
    ) -> Gc<'_, Builtin> {
        use super::Binding;
        let class = match def.binding {
            Binding::Function | Binding::Static => ClassId::BuiltinFunction,
            Binding::Method if crate::builtins::function::is_slot(def.name()) => {
                ClassId::WrapperDescriptor
            }
            Binding::Method => ClassId::MethodDescriptor,
            Binding::ClassMethod => ClassId::ClassMethodDescriptor,
        };
        let (min_args, max_args, slots) = super::signature::plain_arity(def);
        self.alloc(
            class,
            Builtin {
                header: header(),
                def: Cell::new(def),
                owner: Slot::new(owner.word()),
                this: Slot::new(this.word()),
                min_args,
                max_args,
                slots,
                binding: def.binding as u8,
            },
        )
    }

    /// The shape of direct instances of a native type, whose class is made at the first call.
    pub fn native_shape(&self, def: &'static TypeDef) -> u32 {
        let key = def as *const TypeDef;
        // Declarations are statics: their addresses differ in all but the lowest bits.
        let hash =
            |key: *const TypeDef| (key.addr() as u64 >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let known = &self.roots.native_shapes;
        if let Some((_, shape)) = known.borrow().find(hash(key), |(known, _)| *known == key) {
            return *shape;
        }
        let class = self.class_from_def(def, None);
        let shape = class.shape.get();
        known.borrow_mut().insert_unique(hash(key), (key, shape), |(key, _)| hash(*key));
        shape
    }

    /// The class of a native type, made at the first call.
    pub fn native_class(&self, def: &'static TypeDef) -> Gc<'_, Class> {
        let shape = self.native_shape(def);
        self.shapes().get(shape).class.get_as(self).expect("every shape has a class")
    }

    /// A new instance of a class whose instances are plain or have a payload-less builtin layout.
    pub fn new_instance(&self, class: Gc<'_, Class>) -> Gc<'_, Instance> {
        let shape = class.shape.get();
        let inline = self.shapes().get(shape).inline as usize;
        let obj =
            self.heap.alloc(Kind::Instance as u8, shape, Instance::size(inline)).cast::<Instance>();
        // SAFETY: fresh memory for the fixed part and the inline attributes.
        unsafe {
            let words = obj.cast::<u64>().add(1);
            for i in 0..=inline {
                words.add(i).write(word::UNBOUND);
            }
            let instance = Gc::from_raw(obj);
            if class.flags.get() & ClassFlags::HAS_DEL != 0 {
                self.heap.register_finalizer(obj.cast());
            }
            instance
        }
    }

    /// A new object of a class made in C, around its payload; `leaf` says that there is nothing to
    /// trace in the payload.
    #[inline]
    pub fn new_foreign(
        &self,
        class: Gc<'_, Class>,
        data: *mut u8,
        vtable: *const ForeignVTable,
        leaf: bool,
    ) -> Gc<'_, Foreign> {
        let (kind, shape) = (Kind::Foreign as u8, class.shape.get());
        let has_attrs = self.shapes().get(shape).inline != 0;
        let (attrs, size) = if has_attrs {
            (HAS_TAIL, size_of::<Foreign>() + 8)
        } else {
            (0, size_of::<Foreign>())
        };
        let flags = attrs | if leaf { Header::LEAF } else { 0 };
        let ptr = self.heap.alloc(kind, shape, size).cast::<Foreign>();
        // SAFETY: fresh memory of that size, in the nursery; the header has more flags than the one in it.
        let obj = unsafe {
            let p = ptr.as_ptr();
            (&raw mut (*p).header).write(Header::new(kind, shape).with(flags));
            (&raw mut (*p).data).write(Cell::new(data));
            (&raw mut (*p).vtable).write(Cell::new(vtable));
            if has_attrs {
                p.add(1).cast::<Word>().write(word::UNBOUND);
            }
            Gc::<Foreign>::from_raw(ptr)
        };
        self.heap.register_outside(obj.header_ptr());
        obj
    }
}

/// Writes `n` words: from the iterator, and `rest` when that ends early.
///
/// # Safety
/// There is room for `n` words at `to`.
unsafe fn fill<'a>(
    to: *mut Word,
    n: usize,
    rest: Word,
    items: impl IntoIterator<Item = Value<'a>>,
) {
    let mut i = 0;
    for item in items.into_iter().take(n) {
        // SAFETY: i < n.
        unsafe { to.add(i).write(item.word()) };
        i += 1;
    }
    for i in i..n {
        // SAFETY: i < n.
        unsafe { to.add(i).write(rest) };
    }
}
