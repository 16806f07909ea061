//! The collector's view of the objects: how large they are and which words of them are values.

use super::native::{Foreign, NativeHead};
use super::shape::Shapes;
use super::*;
use crate::builtins::declare::CLASS_COUNT;
use crate::value::{Word, word};
use crate::vm::outside::Attachments;
use sidewinder_gc::Model;
use std::cell::Cell;

/// Header flag of objects of builtin layout that carry one more word at their end: of an instance of
/// a Python subclass the attribute dict (UNBOUND until it is needed), of a grown str its buffer.
pub const HAS_TAIL: u8 = sidewinder_gc::Header::MODEL_A;

/// Header flag of objects to which something was attached that names other objects, see
/// [`Vm::attach_traced`](crate::vm::Vm::attach_traced).
pub const HAS_TRACED: u8 = sidewinder_gc::Header::MODEL_B;

/// What the collector asks about objects.
#[derive(Default)]
pub struct Objects {
    /// All shapes.
    pub shapes: Shapes,
    /// Data attached to objects of any kind.
    pub attachments: Attachments,
    /// The VM's class epoch when the collection under way began: what inline caches have from
    /// earlier ones keeps nothing alive.
    pub class_epoch: Cell<u32>,
}

impl Objects {
    /// Size of the object without the attribute word.
    ///
    /// # Safety
    /// `obj` is an object of this heap.
    #[inline(always)]
    unsafe fn body_size(&self, obj: *const Header) -> usize {
        // SAFETY: the caller's promise.
        unsafe {
            match SIZES[(*obj).kind() as usize % SIZES.len()] {
                0 => self.own_size(obj),
                size => size as usize,
            }
        }
    }

    /// Size of an object of a kind whose objects differ in size.
    ///
    /// # Safety
    /// As for [`Objects::body_size`].
    unsafe fn own_size(&self, obj: *const Header) -> usize {
        // SAFETY: for the whole function: the kind in the header says what layout the object has.
        unsafe {
            match Kind::of(&*obj) {
                Kind::BigInt => BigInt::size((*obj.cast::<BigInt>()).limbs().len()),
                Kind::Str => (*obj.cast::<Str>()).own_size(),
                Kind::Bytes => Bytes::size((*obj.cast::<Bytes>()).data().len()),
                Kind::Tuple => Tuple::size((*obj.cast::<Tuple>()).len()),
                Kind::Array => Array::size((*obj.cast::<Array>()).len()),
                Kind::Buffer => Buffer::size((*obj.cast::<Buffer>()).cap),
                Kind::Table => Table::size((*obj.cast::<Table>()).log2_slots),
                Kind::Instance => Instance::size(self.shapes.get((*obj).shape()).inline as usize),
                Kind::Generator => Generator::size((*obj.cast::<Generator>()).registers().len()),
                Kind::Native => (*obj.cast::<NativeHead>()).vtable.size,
                kind => unreachable!("object of kind {kind:?}"),
            }
        }
    }
}

/// Sizes of objects by kind; 0 where objects of one kind differ in size.
const SIZES: [u8; Header::KINDS as usize] = {
    let mut sizes = [0; Header::KINDS as usize];
    let mut i = 0;
    while i < Kind::ALL.len() {
        let kind = Kind::ALL[i];
        if !kind.has_items() {
            assert!(kind.fixed_size() < 256);
            sizes[i] = kind.fixed_size() as u8;
        }
        i += 1;
    }
    sizes
};

/// The items that lie, at least in part, at addresses `from..to`.
fn part<T>(items: &[T], from: usize, to: usize) -> &[T] {
    let (start, size) = (items.as_ptr() as usize, size_of::<T>());
    let first = (from.saturating_sub(start) / size).min(items.len());
    let last = to.saturating_sub(start).div_ceil(size).min(items.len());
    &items[first..last.max(first)]
}

macro_rules! visit {
    ($obj:ident as $ty:ty, $tracer:ident: $($field:ident),*) => {{
        let this = &*$obj.cast::<$ty>();
        $( $tracer.slot(&this.$field); )*
    }};
}

// SAFETY: sizes and slots are those of the layouts that the kinds stand for.
unsafe impl Model for Objects {
    const WEAK_DEAD: Word = word::NONE;

    const LEAF_KINDS: u64 = 1 << Kind::Float as u64
        | 1 << Kind::BigInt as u64
        | 1 << Kind::Complex as u64
        | 1 << Kind::Str as u64
        | 1 << Kind::Bytes as u64
        | 1 << Kind::Buffer as u64;

    // Not tuples: those of a subclass refer to their class as well.
    const RANGE_KINDS: u64 = 1 << Kind::Array as u64 | 1 << Kind::Table as u64;

    #[inline]
    unsafe fn size(&self, obj: *const Header) -> usize {
        // SAFETY: the collector passes objects of this heap.
        unsafe { self.body_size(obj) + if (*obj).flag(HAS_TAIL) { 8 } else { 0 } }
    }

    #[inline]
    unsafe fn trace(&self, obj: *mut Header, tracer: &mut Tracer<'_>) {
        // SAFETY: for the whole function: the kind in the header says what layout the object has.
        unsafe {
            match Kind::of(&*obj) {
                Kind::Instance => {
                    let this = &*obj.cast::<Instance>();
                    let inline = self.shapes.get((*obj).shape()).inline as usize;
                    // `extra` and the inline attributes are one run of words.
                    tracer.words((&raw const this.extra).cast_mut().cast(), inline + 1);
                }
                Kind::Tuple => {
                    let items = (*obj.cast::<Tuple>()).items();
                    tracer.words(items.as_ptr().cast_mut().cast(), items.len());
                }
                Kind::Array => {
                    let items = (*obj.cast::<Array>()).items();
                    tracer.words(items.as_ptr().cast_mut().cast(), items.len());
                }
                Kind::Table => {
                    for entry in (*obj.cast::<Table>()).entries() {
                        tracer.slot(&entry.key);
                        tracer.slot(&entry.value);
                    }
                }
                Kind::Float | Kind::BigInt | Kind::Complex | Kind::Str | Kind::Bytes => {}
                Kind::Buffer | Kind::Invalid => {}
                Kind::List => visit!(obj as List, tracer: array),
                Kind::Dict => visit!(obj as Dict, tracer: table),
                Kind::Set => visit!(obj as Set, tracer: table),
                Kind::ByteArray => visit!(obj as ByteArray, tracer: buffer),
                Kind::Range => visit!(obj as Range, tracer: start, stop, step),
                Kind::Slice => visit!(obj as Slice, tracer: start, stop, step),
                Kind::Function => visit!(obj as Function, tracer: code, globals, defaults,
                    kwdefaults, closure, name, qualname, doc, module, annotate, type_params, attrs),
                Kind::Builtin => visit!(obj as Builtin, tracer: owner, this),
                Kind::BoundMethod => visit!(obj as BoundMethod, tracer: func, this),
                Kind::Code => {
                    let data = &*(*obj.cast::<Code>()).data.get();
                    data.trace(tracer, self.class_epoch.get());
                }
                Kind::Cell => visit!(obj as Cell_, tracer: contents),
                Kind::Class => visit!(obj as Class, tracer: name, qualname, bases, mro, dict, base,
                    subclasses, specials),
                Kind::Module => visit!(obj as Module, tracer: dict),
                Kind::Generator => {
                    visit!(obj as Generator, tracer: func, handled, name, qualname, extra,
                        frame);
                    let registers = (*obj.cast::<Generator>()).registers();
                    tracer.words(registers.as_ptr().cast_mut().cast(), registers.len());
                }
                Kind::Exception => visit!(obj as Exception, tracer: args, traceback, context,
                    cause, attrs, extra),
                Kind::Traceback => visit!(obj as Traceback, tracer: next, func, outer, frame),
                Kind::Property => visit!(obj as Property, tracer: get, set, delete, doc, name),
                Kind::ClassMethod => visit!(obj as ClassMethod, tracer: func, attrs),
                Kind::StaticMethod => visit!(obj as StaticMethod, tracer: func, attrs),
                Kind::Super => visit!(obj as Super, tracer: class, this, this_class),
                Kind::WeakRef => visit!(obj as WeakRef, tracer: callback),
                Kind::GetSet => visit!(obj as GetSet, tracer: owner),
                Kind::Member => visit!(obj as Member, tracer: name, owner),
                Kind::Native => ((*obj.cast::<NativeHead>()).vtable.trace)(obj, tracer),
                Kind::Foreign => {
                    let this = &*obj.cast::<Foreign>();
                    let vtable = &*this.vtable.get();
                    if let Some(trace) = vtable.trace {
                        trace(vtable, this.data.get(), tracer);
                    }
                }
            }
            if !tracer.is_minor() && (*obj).shape() >= CLASS_COUNT {
                // In a minor collection classes are old, or reached as new shapes.
                tracer.slot(&self.shapes.get((*obj).shape()).class);
            }
            if (*obj).flag(HAS_TRACED) {
                self.attachments.trace((*obj).identity_raw(), tracer);
            }
            if (*obj).flag(HAS_TAIL) {
                tracer.word(obj.byte_add(self.body_size(obj)).cast());
            }
        }
    }

    unsafe fn trace_range(
        &self,
        obj: *mut Header,
        from: usize,
        to: usize,
        tracer: &mut Tracer<'_>,
    ) {
        // SAFETY: for the whole function: the kind in the header says what layout the object has.
        unsafe {
            match Kind::of(&*obj) {
                Kind::Array => {
                    for slot in part((*obj.cast::<Array>()).items(), from, to) {
                        tracer.slot(slot);
                    }
                }
                Kind::Tuple => {
                    for slot in part((*obj.cast::<Tuple>()).items(), from, to) {
                        tracer.slot(slot);
                    }
                }
                Kind::Table => {
                    for entry in part((*obj.cast::<Table>()).entries(), from, to) {
                        tracer.slot(&entry.key);
                        tracer.slot(&entry.value);
                    }
                }
                _ => self.trace(obj, tracer),
            }
        }
    }

    unsafe fn weak_slot(&self, obj: *mut Header) -> *mut Word {
        // SAFETY: only WeakRef objects are registered as weak.
        unsafe { (&raw mut (*obj.cast::<WeakRef>()).target).cast() }
    }

    unsafe fn wants_callback(&self, obj: *mut Header) -> bool {
        // SAFETY: as in `weak_slot`.
        unsafe { (*obj.cast::<WeakRef>()).callback.word() != word::NONE }
    }

    unsafe fn wants_finalizer(&self, obj: *mut Header) -> bool {
        // SAFETY: the kind in the header says what layout the object has.
        unsafe {
            (*obj).kind() != Kind::Generator as u8
                || (*obj.cast::<Generator>()).state.get() != GenState::Finished
        }
    }

    unsafe fn marked(&self, resolve: &dyn Fn(Word) -> Option<Word>) {
        self.shapes.sweep(resolve);
    }

    unsafe fn ephemerons(&self, _: *mut Header, _: &mut dyn FnMut(*mut Word, *mut Word)) {}

    unsafe fn drop_outside(&self, obj: *mut Header) {
        // SAFETY: the collector passes a dead object of this heap, once.
        unsafe {
            match Kind::of(&*obj) {
                Kind::Code => {
                    let data = (*obj.cast::<Code>()).data.get();
                    drop(Box::from_raw(data.cast_mut()));
                }
                Kind::Native => ((*obj.cast::<NativeHead>()).vtable.drop)(obj),
                Kind::Foreign => {
                    let this = &*obj.cast::<Foreign>();
                    let vtable = &*this.vtable.get();
                    (vtable.drop)(vtable, this.data.get());
                }
                _ => self.attachments.drop_of((*obj).identity_raw()),
            }
        }
    }
}

impl Kind {
    /// Whether objects of the layout differ in size, attribute word aside.
    const fn has_items(self) -> bool {
        matches!(
            self,
            Kind::Invalid
                | Kind::BigInt
                | Kind::Str
                | Kind::Bytes
                | Kind::Tuple
                | Kind::Array
                | Kind::Buffer
                | Kind::Table
                | Kind::Instance
                | Kind::Generator
                | Kind::Native
        )
    }

    /// Size in bytes of an object of the layout, without its items, text or attributes.
    pub const fn fixed_size(self) -> usize {
        match self {
            Kind::Float => size_of::<Float>(),
            Kind::BigInt => BigInt::size(0),
            Kind::Complex => size_of::<Complex>(),
            Kind::Str => Str::size(0),
            Kind::Bytes => Bytes::size(0),
            Kind::ByteArray => size_of::<ByteArray>(),
            Kind::Tuple => Tuple::size(0),
            Kind::List => size_of::<List>(),
            Kind::Dict => size_of::<Dict>(),
            Kind::Set => size_of::<Set>(),
            Kind::Range => size_of::<Range>(),
            Kind::Slice => size_of::<Slice>(),
            Kind::Function => size_of::<Function>(),
            Kind::Builtin => size_of::<Builtin>(),
            Kind::BoundMethod => size_of::<BoundMethod>(),
            Kind::Code => size_of::<Code>(),
            Kind::Cell => size_of::<Cell_>(),
            Kind::Class => size_of::<Class>(),
            Kind::Instance => Instance::size(0),
            Kind::Module => size_of::<Module>(),
            Kind::Generator => Generator::size(0),
            Kind::Exception => size_of::<Exception>(),
            Kind::Traceback => size_of::<Traceback>(),
            Kind::Property => size_of::<Property>(),
            Kind::ClassMethod => size_of::<ClassMethod>(),
            Kind::StaticMethod => size_of::<StaticMethod>(),
            Kind::Super => size_of::<Super>(),
            Kind::WeakRef => size_of::<WeakRef>(),
            Kind::GetSet => size_of::<GetSet>(),
            Kind::Member => size_of::<Member>(),
            Kind::Native => size_of::<NativeHead>(),
            Kind::Foreign => size_of::<Foreign>(),
            Kind::Array | Kind::Buffer | Kind::Table | Kind::Invalid => size_of::<Header>(),
        }
    }
}
