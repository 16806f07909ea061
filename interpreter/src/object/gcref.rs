//! Typed references to heap objects, and access to their fields.

use super::Kind;
use crate::value::Value;
use crate::vm::Vm;
use sidewinder_gc::{Header, Slot};
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// A Rust struct that lays out heap objects of one kind.
///
/// # Safety
/// The struct is `repr(C)`, starts with a [`Header`], and every object whose header has `KIND`
/// has this layout.
pub unsafe trait Layout: Sized {
    /// The kind of such objects.
    const KIND: Kind;
}

/// A typed reference to a heap object: as short-lived as a [`Value`].
pub struct Gc<'gc, T> {
    ptr: NonNull<T>,
    heap: PhantomData<&'gc T>,
}

impl<T> Clone for Gc<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Gc<'_, T> {}

impl<T> PartialEq for Gc<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.ptr == other.ptr
    }
}

impl<'gc, T> Gc<'gc, T> {
    /// A reference from a pointer.
    ///
    /// # Safety
    /// The pointer is to a live object of layout `T` that does not move during `'gc`.
    #[inline(always)]
    pub unsafe fn from_raw(ptr: NonNull<T>) -> Self {
        Gc { ptr, heap: PhantomData }
    }

    /// The fields, for as long as nothing can move.
    #[inline(always)]
    pub fn r(self) -> &'gc T {
        // SAFETY: by construction the object lives and stays during 'gc; fields that change are
        // cells.
        unsafe { self.ptr.as_ref() }
    }

    /// The untyped value.
    #[inline(always)]
    pub fn value(self) -> Value<'gc> {
        // SAFETY: the pointer is to a live heap object during 'gc.
        unsafe { Value::from_word(self.ptr.as_ptr().expose_provenance() as u64) }
    }

    /// The address of the header.
    #[inline(always)]
    pub fn header_ptr(self) -> NonNull<Header> {
        self.ptr.cast()
    }

    /// The object's address.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.ptr.as_ptr()
    }
}

impl<T> Deref for Gc<'_, T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: as in `r`.
        unsafe { self.ptr.as_ref() }
    }
}

/// Reading a traced field.
pub trait Field {
    /// What the field holds now.
    fn get<'gc>(&self, vm: &'gc Vm) -> Value<'gc>;
    /// What the field holds, if it is of layout `T`.
    fn get_as<'gc, T: Layout>(&self, vm: &'gc Vm) -> Option<Gc<'gc, T>>;
}

impl Field for Slot {
    #[inline(always)]
    fn get<'gc>(&self, _vm: &'gc Vm) -> Value<'gc> {
        // SAFETY: the collector keeps what a reachable slot names alive and up to date; the slot is
        // borrowed from an object that is live while `vm` is borrowed.
        unsafe { Value::from_word(self.word()) }
    }

    #[inline(always)]
    fn get_as<'gc, T: Layout>(&self, vm: &'gc Vm) -> Option<Gc<'gc, T>> {
        self.get(vm).cast()
    }
}

impl Vm {
    /// Stores a value into a field of a heap object. The closure picks the field, so the write
    /// barrier always knows the right owner.
    #[inline(always)]
    pub fn write<T>(
        &self,
        owner: Gc<'_, T>,
        field: impl for<'a> FnOnce(&'a T) -> &'a Slot,
        value: Value<'_>,
    ) {
        // SAFETY: the barrier follows at once and nothing can collect in between.
        unsafe { field(owner.r()).set_word(value.word()) };
        self.heap.barrier(owner.header_ptr());
    }
}

impl<T> std::fmt::Debug for Gc<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gc({:p})", self.ptr)
    }
}
