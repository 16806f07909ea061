//! Rust payloads behind an object: the seam for types outside the core.
//!
//! A payload is a plain Rust value inside the moving heap. Its traced fields are [`Slot`]s; it may
//! be copied bit by bit at any collection, and it is not dropped unless it says
//! [`Payload::NEEDS_DROP`].

use super::{ClassFlags, Gc, Header, Kind, Layout, Trace, Tracer};
use crate::builtins::TypeDef;
use crate::value::Value;
use crate::vm::StepFn;
use crate::vm::Vm;
use crate::vm::buffer::BufferDef;
use std::any::TypeId;

/// A Rust type that can stand behind a Python object.
pub trait Payload: Trace + 'static {
    /// The Python type: its name, methods and so on.
    const TYPE: &'static TypeDef;
    /// Whether the payload owns something outside the heap (a file, a `Vec`) and must be dropped.
    const NEEDS_DROP: bool = false;
    /// How the payload lends its bytes to others, if it does.
    const BUFFER: Option<&'static BufferDef> = None;
}

/// What the collector needs to know of a payload type.
pub struct NativeVTable {
    /// Size of the whole object in bytes, a multiple of 8.
    pub size: usize,
    /// The payload's Rust type.
    pub type_id: TypeId,
    /// The Python type of the payload.
    pub def: &'static TypeDef,
    /// Visits the payload's slots.
    pub trace: unsafe fn(*mut Header, &mut Tracer<'_>),
    /// Drops the payload in place.
    pub drop: unsafe fn(*mut Header),
    /// How the payload lends its bytes.
    pub buffer: Option<&'static BufferDef>,
}

/// The part of a native object that does not depend on its payload.
#[repr(C)]
pub struct NativeHead {
    /// Header, kind [`Kind::Native`].
    pub header: Header,
    /// Size, tracing and dropping.
    pub vtable: &'static NativeVTable,
}

// SAFETY: every object of kind Native starts with these fields.
unsafe impl Layout for NativeHead {
    const KIND: Kind = Kind::Native;
}

/// A native object with its payload.
#[repr(C)]
pub struct Native<T> {
    head: NativeHead,
    payload: T,
}

impl<T> std::ops::Deref for Native<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.payload
    }
}

impl<T: Payload> Native<T> {
    const VTABLE: &'static NativeVTable = &NativeVTable {
        size: (size_of::<Native<T>>() + 7) & !7,
        type_id: TypeId::of::<T>(),
        def: T::TYPE,
        trace: |obj, tracer| {
            // SAFETY: called by the collector for an object made by `Vm::native`, at an address
            // where its fields are readable.
            unsafe { (*obj.cast::<Native<T>>()).payload.trace(tracer) }
        },
        drop: |obj| {
            // SAFETY: called once, when the object has died, for an object made by `Vm::native`.
            unsafe { std::ptr::drop_in_place(&raw mut (*obj.cast::<Native<T>>()).payload) }
        },
        buffer: T::BUFFER,
    };
}

impl<'gc> Value<'gc> {
    /// The payload, if this is a native object with payload `T`.
    #[inline]
    pub fn payload<T: Payload>(self) -> Option<Gc<'gc, Native<T>>> {
        let head = self.cast::<NativeHead>()?;
        if !std::ptr::eq(head.vtable, Native::<T>::VTABLE)
            && head.vtable.type_id != TypeId::of::<T>()
        {
            return None;
        }
        // SAFETY: the vtable says that the payload is a T.
        Some(unsafe { Gc::from_raw(std::ptr::NonNull::new_unchecked(head.as_ptr().cast())) })
    }
}

impl Vm {
    /// The step of a native iterator, unless its class was made by a program and so may have
    /// another `__next__`.
    #[inline(always)]
    pub(crate) fn step_of(&self, iterator: Value<'_>) -> Option<StepFn> {
        let step = iterator.cast::<NativeHead>()?.vtable.def.next?;
        (self.class_of(iterator).flags.get() & ClassFlags::MUTABLE == 0).then_some(step)
    }

    /// A new object of the payload's own type.
    pub fn native<T: Payload>(&self, payload: T) -> Gc<'_, Native<T>> {
        self.native_of_shape(self.native_shape(T::TYPE), payload)
    }

    /// A new object with the payload, of the class that has this instance shape (the payload's own
    /// type or a subclass of it).
    pub fn native_of_shape<T: Payload>(&self, shape: u32, payload: T) -> Gc<'_, Native<T>> {
        const { assert!(align_of::<T>() <= 8) };
        let size = Native::<T>::VTABLE.size;
        let ptr = self.alloc_with_attrs(Kind::Native, shape, size).cast::<Native<T>>();
        // SAFETY: the memory is fresh and large enough; the header in it is kept.
        unsafe {
            (&raw mut (*ptr.as_ptr()).head.vtable).write(Native::<T>::VTABLE);
            (&raw mut (*ptr.as_ptr()).payload).write(payload);
        }
        if T::NEEDS_DROP {
            self.heap.register_outside(ptr.cast());
        }
        // SAFETY: a live object of this layout.
        unsafe { Gc::from_raw(ptr) }
    }
}

/// C memory behind an object: how to trace and free it.
pub struct ForeignVTable {
    /// Visits the words of the payload that name heap objects; may rewrite them. `None` when there
    /// are none.
    pub trace: Option<unsafe fn(this: &ForeignVTable, data: *mut u8, tracer: &mut Tracer<'_>)>,
    /// The object died: frees the payload. Runs no Python.
    pub drop: unsafe fn(this: &ForeignVTable, data: *mut u8),
    /// For the owner of the table.
    pub context: *mut (),
}

/// An object whose payload is C memory outside the moving heap, which never moves. One of a Python
/// subclass has a word more at its end, as those of builtin layouts have.
#[repr(C)]
pub struct Foreign {
    /// Header, kind [`Kind::Foreign`].
    pub header: Header,
    /// The C memory.
    pub data: std::cell::Cell<*mut u8>,
    /// How to trace and free it.
    pub vtable: std::cell::Cell<*const ForeignVTable>,
}

// SAFETY: repr(C), starts with a header, the only layout of kind Foreign.
unsafe impl Layout for Foreign {
    const KIND: Kind = Kind::Foreign;
}
