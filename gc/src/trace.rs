//! How the collector gets to see the words it may have to rewrite: [`Slot`], [`Trace`], [`Tracer`], [`Roots`].

use crate::Header;
use std::cell::Cell;
use std::marker::PhantomData;

/// A tagged word. `word & 7 == 0 && word != 0` makes it a pointer to a heap object; anything else is an immediate
/// value, which the collector leaves alone.
pub type Word = u64;

/// Whether a word is a pointer to a heap object.
#[inline(always)]
pub const fn is_pointer(word: Word) -> bool {
    word & 7 == 0 && word != 0
}

/// The object that a pointer word names.
#[inline(always)]
pub(crate) fn object(word: Word) -> *mut Header {
    std::ptr::with_exposed_provenance_mut(word as usize)
}

/// A traced field of a heap object or of a root.
#[repr(transparent)]
pub struct Slot(Cell<Word>);

impl Slot {
    /// A slot that holds `word`.
    #[inline(always)]
    pub const fn new(word: Word) -> Slot {
        Slot(Cell::new(word))
    }

    /// What the slot holds.
    #[inline(always)]
    pub fn word(&self) -> Word {
        self.0.get()
    }

    /// Stores without a write barrier.
    ///
    /// # Safety
    ///
    /// `word` is an immediate or a pointer to a live object of the heap that traces this slot, and if the slot is
    /// inside a heap object the caller calls [`Heap::barrier`](crate::Heap::barrier) for that object before anything
    /// can collect.
    #[inline(always)]
    pub unsafe fn set_word(&self, word: Word) {
        self.0.set(word);
    }

    /// The address of the word.
    #[inline(always)]
    pub fn as_ptr(&self) -> *mut Word {
        self.0.as_ptr()
    }
}

/// Types that can say which words of theirs the collector must see and may rewrite.
///
/// # Safety
///
/// `trace` passes every slot that can hold a heap pointer to the tracer, in place, and does nothing else. A slot that
/// is left out dangles after the next collection.
pub unsafe trait Trace {
    /// Passes every slot to `t`.
    fn trace(&self, t: &mut Tracer<'_>);
}

// SAFETY: the one word is passed on.
unsafe impl Trace for Slot {
    #[inline(always)]
    fn trace(&self, t: &mut Tracer<'_>) {
        t.slot(self);
    }
}

macro_rules! nothing_to_trace {
    ($($type:ty),*) => {$(
        // SAFETY: the type holds no heap pointer.
        unsafe impl Trace for $type {
            #[inline(always)]
            fn trace(&self, _: &mut Tracer<'_>) {}
        }
        // SAFETY: the type holds no heap pointer.
        unsafe impl Trace for Cell<$type> {
            #[inline(always)]
            fn trace(&self, _: &mut Tracer<'_>) {}
        }
    )*};
}
nothing_to_trace!((), bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
nothing_to_trace!(f32, f64);

// SAFETY: there is no value of T in it.
unsafe impl<T: ?Sized> Trace for PhantomData<T> {
    #[inline(always)]
    fn trace(&self, _: &mut Tracer<'_>) {}
}

// SAFETY: every element is traced.
unsafe impl<T: Trace, const N: usize> Trace for [T; N] {
    #[inline(always)]
    fn trace(&self, t: &mut Tracer<'_>) {
        self.as_slice().trace(t);
    }
}

// SAFETY: every element is traced.
unsafe impl<T: Trace> Trace for [T] {
    #[inline(always)]
    fn trace(&self, t: &mut Tracer<'_>) {
        for element in self {
            element.trace(t);
        }
    }
}

// SAFETY: every element is traced; the buffer stays where it is while the collector runs.
unsafe impl<T: Trace> Trace for Vec<T> {
    fn trace(&self, t: &mut Tracer<'_>) {
        self.as_slice().trace(t);
    }
}

// SAFETY: the content is traced.
unsafe impl<T: Trace + ?Sized> Trace for Box<T> {
    fn trace(&self, t: &mut Tracer<'_>) {
        (**self).trace(t);
    }
}

// SAFETY: the content, if any, is traced.
unsafe impl<T: Trace> Trace for Option<T> {
    #[inline(always)]
    fn trace(&self, t: &mut Tracer<'_>) {
        if let Some(value) = self {
            value.trace(t);
        }
    }
}

macro_rules! trace_tuple {
    ($($name:ident)*) => {
        // SAFETY: every field is traced.
        unsafe impl<$($name: Trace),*> Trace for ($($name,)*) {
            #[inline(always)]
            #[expect(non_snake_case)]
            fn trace(&self, t: &mut Tracer<'_>) {
                let ($($name,)*) = self;
                $($name.trace(t);)*
            }
        }
    };
}
trace_tuple!(A);
trace_tuple!(A B);
trace_tuple!(A B C);

/// What a tracer does with a slot that holds a pointer: context, slot, the word in it.
pub(crate) type Visit = unsafe fn(*mut (), *mut Word, Word);

/// The collector's visitor. Handed out by the collector only, while nothing else touches the heap.
pub struct Tracer<'a> {
    /// Pointers from here on, for `skip_len` bytes, need no visit (a minor collection ignores the old blocks).
    skip_base: u64,
    skip_len: u64,
    visit: Visit,
    context: *mut (),
    minor: bool,
    life: PhantomData<&'a mut ()>,
}

impl<'a> Tracer<'a> {
    #[inline(always)]
    pub(crate) fn new(
        visit: Visit,
        context: *mut (),
        skip: std::ops::Range<usize>,
        minor: bool,
    ) -> Tracer<'a> {
        Tracer {
            skip_base: skip.start as u64,
            skip_len: (skip.end - skip.start) as u64,
            visit,
            context,
            minor,
            life: PhantomData,
        }
    }

    /// A tracer that calls `f` for each slot that holds a pointer: for heap dumps and for asking what an object refers to.
    pub fn visitor(f: &'a mut &mut dyn FnMut(*mut Word)) -> Tracer<'a> {
        unsafe fn call(context: *mut (), slot: *mut Word, _: Word) {
            // SAFETY: `context` is the `f` below, borrowed for as long as the tracer.
            let f = unsafe { &mut *context.cast::<&mut dyn FnMut(*mut Word)>() };
            f(slot);
        }
        Tracer::new(call, std::ptr::from_mut(f).cast(), 0..0, false)
    }

    /// Visits one word in place. `slot` must point to an initialised word of a live object or root.
    #[inline(always)]
    #[expect(clippy::not_unsafe_ptr_arg_deref)] // called from implementations of unsafe traits and from roots
    pub fn word(&mut self, slot: *mut Word) {
        // SAFETY: the caller vouches for the slot.
        let word = unsafe { slot.read() };
        if is_pointer(word) && word.wrapping_sub(self.skip_base) >= self.skip_len {
            // SAFETY: `visit` and `context` were put together by the collector; the slot holds a pointer.
            unsafe { (self.visit)(self.context, slot, word) }
        }
    }

    /// Visits a slot.
    #[inline(always)]
    pub fn slot(&mut self, slot: &Slot) {
        self.word(slot.as_ptr());
    }

    /// Visits `n` words that follow each other.
    #[inline(always)]
    pub fn words(&mut self, first: *mut Word, n: usize) {
        for i in 0..n {
            self.word(first.wrapping_add(i));
        }
    }

    /// Whether this is a minor collection, in which roots that have not been written since the last one may be left out.
    #[inline(always)]
    pub fn is_minor(&self) -> bool {
        self.minor
    }
}

/// Where tracing starts.
pub trait Roots {
    /// Passes every root slot to `t`, in place.
    fn trace(&mut self, t: &mut Tracer<'_>);
}

impl<F: FnMut(&mut Tracer<'_>)> Roots for F {
    fn trace(&mut self, t: &mut Tracer<'_>) {
        self(t);
    }
}
