//! The buffer protocol: objects that lend their bytes to others, and memoryview's core.
//!
//! Objects move, so nobody keeps an address: a view keeps its exporter and asks it for its bytes
//! each time ([`Vm::view_bytes`]). Only memory outside the heap (C structs, mapped files) has an
//! address that stays.
//!
//! **To read bytes** of any bytes-like argument: [`Vm::bytes_like`] (a copy, asks every exporter),
//! or [`Vm::buffer_leaf`] when no Python code may run (bytes, bytearray, memoryview and Rust
//! payloads, without a copy). **To write into** one: [`Vm::writable`].
//!
//! **To export** from a Rust payload: set [`Payload::BUFFER`] to a [`BufferDef`]. Keep the bytes in
//! an internal bytearray or [`Buffer`](crate::object::Buffer) behind a `Slot`, so that they are part
//! of the heap, and an [`Exports`] beside it, whose lock goes into [`Export::lock`]; while
//! [`Vm::still_exported`] says so, the size must not change. A Python class exports by
//! `__buffer__` (PEP 688); for memory outside the heap that method answers with
//! [`Vm::memoryview_outside`].

use super::native::{Local, NativeResult, Raised};
pub use super::strided::{Dim, Rows, Strided};
use super::{Special, Vm};
use crate::builtins::{TypeDef, memoryview};
use crate::object::native::{Native, NativeHead, Payload};
use crate::object::*;
use crate::raise;
use crate::value::Value;
use std::cell::Cell;
use std::rc::Rc;

/// The most dimensions a view can have.
pub const MAX_DIMS: usize = 64;
/// The flags that `__buffer__` is called with for reading: every kind of layout will do.
const FULL_READ_ONLY: i32 = 0x11C;

/// How many views of an object's memory there are. The object keeps this, each view a lock.
#[derive(Default, Debug)]
pub struct Exports(Rc<Cell<usize>>);

impl Exports {
    /// Number of views, those that are garbage but not collected yet included: see
    /// [`Vm::still_exported`].
    pub fn count(&self) -> usize {
        self.0.get()
    }
    /// One more view, until the lock is dropped.
    pub fn lock(&self) -> ExportLock {
        self.0.set(self.0.get() + 1);
        ExportLock(self.0.clone())
    }
}

// SAFETY: there are no values in it.
unsafe impl Trace for Exports {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// Held by a view for as long as it uses the exporter's memory.
#[derive(Debug)]
pub struct ExportLock(Rc<Cell<usize>>);

impl Drop for ExportLock {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// What an exporter says of its memory.
pub struct Export {
    /// Its layout.
    pub view: Strided,
    /// Whether it must not be written to.
    pub readonly: bool,
    /// Dropped when the view is released.
    pub lock: Option<ExportLock>,
}

/// How a payload exports its memory.
pub struct BufferDef {
    /// Describes the memory of an object; BufferError when it cannot be lent.
    pub export: for<'gc> fn(&'gc Vm, Value<'gc>) -> Result<Export, Raised>,
    /// The bytes, wherever they are now.
    pub bytes: for<'gc> fn(&'gc Vm, Value<'gc>) -> &'gc [Cell<u8>],
}

/// What runs when memory outside the heap is given back; gets the exporter.
pub type Release = Box<dyn FnOnce(&mut Vm, Local) -> Result<(), Raised>>;

enum Source {
    /// The exporter's own.
    Object(&'static BufferDef),
    /// Memory that does not move.
    Outside { data: *mut u8, len: usize },
    /// That of another view (what a `__buffer__` in Python returned).
    View,
}

/// A loan: one exporter's memory, shared by all views that were made from the first one.
pub struct Managed {
    exporter: Slot,
    inner: Slot,
    source: Source,
    /// Views that have not been released.
    views: Cell<usize>,
    lock: Cell<Option<ExportLock>>,
    release: Cell<Option<Release>>,
}

// SAFETY: both slots are visited; the rest holds no values.
unsafe impl Trace for Managed {
    fn trace(&self, t: &mut Tracer<'_>) {
        t.slot(&self.exporter);
        t.slot(&self.inner);
    }
}

impl Payload for Managed {
    const TYPE: &'static TypeDef = &memoryview::MANAGED;
    const NEEDS_DROP: bool = true;
}

/// What is behind a memoryview.
pub struct MemoryView {
    /// The [`Managed`], or UNBOUND when this was released.
    managed: Slot,
    /// The layout.
    pub view: Strided,
    /// Whether it must not be written to.
    pub readonly: bool,
    /// The hash, once known.
    pub hash: Cell<Option<u64>>,
    /// Uses of this view by others.
    pub exports: Exports,
}

// SAFETY: the slot is visited; the rest holds no values.
unsafe impl Trace for MemoryView {
    fn trace(&self, t: &mut Tracer<'_>) {
        t.slot(&self.managed);
    }
}

impl Payload for MemoryView {
    const TYPE: &'static TypeDef = &memoryview::TYPE;
    const NEEDS_DROP: bool = true;
}

/// A memoryview object.
pub type View<'gc> = Gc<'gc, Native<MemoryView>>;

/// The memory that a view shows a part of.
#[derive(Clone, Copy)]
pub enum Lent<'gc> {
    /// In one piece.
    Piece(&'gc [Cell<u8>]),
    /// In rows that lie apart.
    Rows(&'gc Rows),
}

impl<'gc> Lent<'gc> {
    /// The bytes of an item, or of all items of a contiguous view.
    pub fn at(self, at: usize, len: usize) -> &'gc [Cell<u8>] {
        match self {
            Lent::Piece(bytes) => &bytes[at..at + len],
            // SAFETY: whoever has this has a view that is not released.
            Lent::Rows(rows) => unsafe { rows.bytes(at, len) },
        }
    }
}

/// A copy of lent bytes.
pub fn copied(bytes: &[Cell<u8>]) -> Vec<u8> {
    bytes.iter().map(Cell::get).collect()
}

/// An object that can be written into, found by [`Vm::writable`]. The memory keeps its size for as
/// long as this lives.
pub struct Writable {
    object: Local,
    _lock: Option<ExportLock>,
}

impl Writable {
    /// The bytes.
    pub fn bytes<'gc>(&self, vm: &'gc Vm) -> &'gc [Cell<u8>] {
        vm.buffer_leaf(vm.get(self.object)).unwrap_or(&[])
    }
    /// Number of bytes.
    pub fn len(&self, vm: &Vm) -> usize {
        self.bytes(vm).len()
    }
    /// Whether there are none.
    pub fn is_empty(&self, vm: &Vm) -> bool {
        self.len(vm) == 0
    }
    /// Copies `data` in at an offset; what does not fit is left out.
    pub fn write(&self, vm: &Vm, at: usize, data: &[u8]) {
        for (to, from) in self.bytes(vm).iter().skip(at).zip(data) {
            to.set(*from);
        }
    }
}

fn cells(data: &[u8]) -> &[Cell<u8>] {
    // SAFETY: the same memory and layout. Heap memory is read and written through raw pointers and
    // cells; whoever gets these is told that they are read-only.
    unsafe { std::slice::from_raw_parts(data.as_ptr().cast(), data.len()) }
}

static BYTES: BufferDef = BufferDef {
    export: |_, v| {
        let len = v.cast::<Bytes>().map_or(0, |b| b.data().len());
        Ok(Export { view: Strided::bytes(len), readonly: true, lock: None })
    },
    bytes: |_, v| v.cast::<Bytes>().map_or(&[], |b| cells(b.r().data())),
};

static BYTEARRAY: BufferDef = BufferDef {
    export: |vm, v| {
        let array: Gc<'_, ByteArray> = v.cast().expect("a bytearray");
        let view = Strided::bytes(array.len.get());
        Ok(Export { view, readonly: false, lock: vm.bytearray_exports(array, |e| e.lock()) })
    },
    bytes: |vm, v| {
        let array: Gc<'_, ByteArray> = v.cast().expect("a bytearray");
        array.buffer.get_as::<Buffer>(vm).map_or(&[], |b| &b.r().data()[..array.len.get()])
    },
};

fn def_of(v: Value<'_>) -> Option<&'static BufferDef> {
    match v.kind()? {
        Kind::Bytes => Some(&BYTES),
        Kind::ByteArray => Some(&BYTEARRAY),
        Kind::Native => v.cast::<NativeHead>()?.vtable.buffer,
        _ => None,
    }
}

impl Vm {
    /// Runs `f` with the export count of a bytearray, which is made at the first call.
    fn bytearray_exports<R>(
        &self,
        array: Gc<'_, ByteArray>,
        f: impl FnOnce(&Exports) -> R,
    ) -> Option<R> {
        let found = match array.exported.get() {
            true => self.attached::<Exports>(array.value()),
            false => self.attach(array.value(), Exports::default()),
        };
        array.exported.set(found.is_some());
        // SAFETY: attached data stays while the object lives.
        found.map(|exports| f(unsafe { exports.as_ref() }))
    }

    /// Whether a bytearray's memory is lent, to views that may be garbage already.
    pub fn bytearray_is_lent(&self, array: Gc<'_, ByteArray>) -> bool {
        array.exported.get() && self.bytearray_exports(array, Exports::count) > Some(0)
    }

    /// Collects if memory is lent, so that only views in use count: to be called before a method
    /// that changes the size of a bytearray.
    pub fn settle_exports(&mut self, object: Local) {
        if self.get(object).cast::<ByteArray>().is_some_and(|array| array.exported.get()) {
            self.still_exported(|vm| {
                let array = vm.get(object).cast::<ByteArray>();
                array.is_some_and(|array| vm.bytearray_is_lent(array))
            });
        }
    }

    /// Whether memory is lent to views in use: garbage is collected to find out.
    pub fn still_exported(&mut self, is_lent: impl Fn(&Vm) -> bool) -> bool {
        if is_lent(self) {
            self.collect_minor();
        }
        if is_lent(self) {
            self.collect_now();
        }
        is_lent(self)
    }

    /// The bytes of an object that lends them without running Python: bytes, bytearray, a
    /// C-contiguous memoryview, a Rust payload that exports.
    pub fn buffer_leaf<'gc>(&'gc self, v: Value<'gc>) -> Option<&'gc [Cell<u8>]> {
        if let Some(view) = v.payload::<MemoryView>() {
            if !view.view.is_c_contiguous() {
                return None;
            }
            let (start, len) = (view.view.start, view.view.nbytes());
            return Some(self.loan_bytes(view)?.at(start, len));
        }
        let def = def_of(v)?;
        Some((def.bytes)(self, v))
    }

    /// A copy of the bytes of any bytes-like object; BufferError when they do not follow each other in
    /// C order. TypeError for other objects.
    pub fn bytes_like(&mut self, object: Local) -> Result<Vec<u8>, Raised> {
        self.buffer_bytes(object, true)
    }

    /// A copy of the bytes of any bytes-like object in C order, wherever they are in memory.
    pub fn gathered_bytes(&mut self, object: Local) -> Result<Vec<u8>, Raised> {
        self.buffer_bytes(object, false)
    }

    fn buffer_bytes(&mut self, object: Local, contiguous: bool) -> Result<Vec<u8>, Raised> {
        if let Some(lent) = self.buffer_leaf(self.get(object)) {
            return Ok(copied(lent));
        }
        self.scope(|vm| {
            if !vm.exports_buffer(vm.get(object)) {
                let given = vm.type_name(vm.get(object));
                raise!(vm, TypeError, "a bytes-like object is required, not '{given}'");
            }
            let view = vm.memoryview(object)?;
            let view = vm.hold(view);
            let data = vm.view_of(view).and_then(|v| {
                if contiguous && !v.view.is_c_contiguous() {
                    raise!(vm, BufferError, "memoryview: underlying buffer is not C-contiguous");
                }
                vm.view_to_vec(v, false)
            });
            if !vm.get(view).is(vm.get(object)) {
                vm.release_view(view)?;
            }
            data
        })
    }

    /// Whether the object has a buffer to lend.
    pub fn exports_buffer(&self, v: Value<'_>) -> bool {
        def_of(v).is_some()
            || v.payload::<MemoryView>().is_some()
            || self.special_of(v, Special::Buffer).is_some_and(|m| !m.is_none())
    }

    /// An object's bytes for writing; `refusal` is the TypeError for objects that have none (the
    /// type's name is added).
    pub fn writable(&mut self, object: Local, refusal: &str) -> Result<Writable, Raised> {
        if let Some(def) = def_of(self.get(object)) {
            let Export { readonly, lock, .. } = (def.export)(self, self.get(object))?;
            if !readonly {
                return Ok(Writable { object, _lock: lock });
            }
        } else if self.exports_buffer(self.get(object)) {
            let view = match self.get(object).payload::<MemoryView>() {
                Some(view) => self.ret(view.value()),
                None => self.memoryview(object)?,
            };
            let view = self.hold(view);
            let found = self.view_of(view)?;
            if !found.readonly && found.view.is_c_contiguous() {
                let lock = Some(found.exports.lock());
                return Ok(Writable { object: view, _lock: lock });
            }
            if !found.readonly {
                raise!(self, BufferError, "memoryview: underlying buffer is not C-contiguous");
            }
        }
        let given = self.type_name(self.get(object));
        Err(self.type_error(format!("{refusal} must be read-write bytes-like object, not {given}")))
    }

    /// `memoryview(object)`
    pub fn memoryview(&mut self, object: Local) -> NativeResult {
        let value = self.get(object);
        let method = self.special_of(value, Special::Buffer).filter(|m| !m.is_none());
        let in_python = method.is_some_and(|m| m.kind() == Some(Kind::Function));
        if !in_python {
            if let Some(view) = value.payload::<MemoryView>() {
                self.managed_of(view)?;
                let again = self.another_view(view, view.view.clone(), view.readonly);
                return Ok(self.ret(again.value()));
            }
            if let Some(def) = def_of(value) {
                let Export { view, readonly, lock } = (def.export)(self, value)?;
                let managed = self.lend(value, Value::UNBOUND, Source::Object(def), lock, None);
                return Ok(self.ret(self.first_view(managed, view, readonly).value()));
            }
        }
        let flags = self.root(Value::from_i32(FULL_READ_ONLY));
        let Some(ret) = self.call_special(object, Special::Buffer, &[flags])? else {
            let given = self.type_name(self.get(object));
            raise!(self, TypeError, "memoryview: a bytes-like object is required, not '{given}'");
        };
        let inner = self.hold(ret);
        let Some(view) = self.get(inner).payload::<MemoryView>() else {
            raise!(self, TypeError, "__buffer__ returned non-memoryview object");
        };
        self.managed_of(view)?;
        if !in_python {
            return Ok(self.ret(view.value()));
        }
        let release: Release = Box::new(release_in_python);
        let (layout, readonly) = (view.view.clone(), view.readonly);
        let lock = view.exports.lock();
        let (owner, inner) = (self.get(object), view.value());
        let managed = self.lend(owner, inner, Source::View, Some(lock), Some(release));
        Ok(self.ret(self.first_view(managed, layout, readonly).value()))
    }

    /// A view of memory that does not move and stays until `release` runs.
    ///
    /// # Safety
    /// `data..data + len`, or the rows of `view`, may be read, and written to unless `readonly`,
    /// until then.
    #[allow(clippy::too_many_arguments)]
    pub unsafe fn memoryview_outside(
        &self,
        owner: Value<'_>,
        data: *mut u8,
        len: usize,
        view: Strided,
        readonly: bool,
        release: Release,
    ) -> View<'_> {
        let source = Source::Outside { data, len };
        let managed = self.lend(owner, Value::UNBOUND, source, None, Some(release));
        self.first_view(managed, view, readonly)
    }

    fn lend(
        &self,
        exporter: Value<'_>,
        inner: Value<'_>,
        source: Source,
        lock: Option<ExportLock>,
        release: Option<Release>,
    ) -> Gc<'_, Native<Managed>> {
        let must_release = release.is_some();
        let managed = self.native(Managed {
            exporter: Slot::new(exporter.word()),
            inner: Slot::new(inner.word()),
            source,
            views: Cell::new(0),
            lock: Cell::new(lock),
            release: Cell::new(release),
        });
        if must_release {
            // Views that nobody released are given back when they are found dead.
            self.heap.register_finalizer(managed.header_ptr());
        }
        managed
    }

    fn first_view<'gc>(
        &'gc self,
        managed: Gc<'gc, Native<Managed>>,
        view: Strided,
        readonly: bool,
    ) -> View<'gc> {
        managed.views.set(managed.views.get() + 1);
        self.native(MemoryView {
            managed: Slot::new(managed.value().word()),
            view,
            readonly,
            hash: Cell::new(None),
            exports: Exports::default(),
        })
    }

    /// One more view of the memory of a view that is not released.
    pub fn another_view<'gc>(&'gc self, of: View<'gc>, view: Strided, readonly: bool) -> View<'gc> {
        let managed = of.managed.get(self).payload().expect("not released");
        self.first_view(managed, view, readonly)
    }

    fn managed_of<'gc>(&'gc self, view: View<'gc>) -> Result<Gc<'gc, Native<Managed>>, Raised> {
        view.managed
            .get(self)
            .payload::<Managed>()
            .ok_or_else(|| self.value_error("operation forbidden on released memoryview object"))
    }

    /// The view in a root; ValueError when it has been released.
    pub fn view_of(&self, object: Local) -> Result<View<'_>, Raised> {
        let Some(view) = self.get(object).payload::<MemoryView>() else {
            let given = self.type_name(self.get(object));
            raise!(self, TypeError, "memoryview expected, got {given}");
        };
        self.managed_of(view)?;
        Ok(view)
    }

    /// Whether the view was released.
    pub fn view_is_released(&self, view: View<'_>) -> bool {
        view.managed.get(self).is_unbound()
    }

    /// The object whose memory a view shows.
    pub fn view_exporter<'gc>(&'gc self, view: View<'gc>) -> Result<Value<'gc>, Raised> {
        Ok(self.managed_of(view)?.exporter.get(self))
    }

    /// The exporter's whole memory, in which the view's offsets count; `None` when the view was
    /// released or the memory no longer has the size it was lent with.
    fn loan_bytes<'gc>(&'gc self, view: View<'gc>) -> Option<Lent<'gc>> {
        let managed = view.managed.get(self).payload::<Managed>()?;
        if let Some(rows) = &view.r().view.rows {
            return view.view.fits(rows.size()).then_some(Lent::Rows(rows));
        }
        let bytes = match managed.r().source {
            Source::Object(def) => (def.bytes)(self, managed.exporter.get(self)),
            // SAFETY: by the promise to `memoryview_outside`; not released yet.
            Source::Outside { data, len } => unsafe {
                if len == 0 { &[] } else { std::slice::from_raw_parts(data.cast(), len) }
            },
            Source::View => {
                return self.loan_bytes(managed.inner.get(self).payload::<MemoryView>()?);
            }
        };
        view.view.fits(bytes.len()).then_some(Lent::Piece(bytes))
    }

    /// The memory that the view's offsets count in; ValueError when the view was released.
    pub fn view_bytes<'gc>(&'gc self, view: View<'gc>) -> Result<Lent<'gc>, Raised> {
        self.managed_of(view)?;
        self.loan_bytes(view).ok_or_else(|| {
            self.raise(crate::builtins::ClassId::BufferError, "the exporter's memory has shrunk")
        })
    }

    /// A copy of the items' bytes.
    pub fn view_to_vec(&self, view: View<'_>, first_fastest: bool) -> Result<Vec<u8>, Raised> {
        let bytes = self.view_bytes(view)?;
        let layout = &view.view;
        if layout.is_c_contiguous() && !first_fastest {
            let (start, len) = (layout.start, layout.nbytes());
            return Ok(copied(bytes.at(start, len)));
        }
        let mut out = Vec::with_capacity(layout.nbytes());
        layout.each(first_fastest, |at| {
            out.extend(bytes.at(at, layout.itemsize).iter().map(Cell::get));
        });
        Ok(out)
    }

    /// `memoryview.release`: gives the memory back when this was the last view of it.
    pub fn release_view(&mut self, object: Local) -> Result<(), Raised> {
        let Some(view) = self.get(object).payload::<MemoryView>() else { return Ok(()) };
        let Some(managed) = view.managed.get(self).payload::<Managed>() else { return Ok(()) };
        let uses = view.exports.count();
        if uses > 0 {
            let s = if uses == 1 { "" } else { "s" };
            raise!(self, BufferError, "memoryview has {uses} exported buffer{s}");
        }
        self.write(view, |v| &v.managed, Value::UNBOUND);
        managed.views.set(managed.views.get().saturating_sub(1));
        if managed.views.get() > 0 {
            return Ok(());
        }
        let managed = self.root(managed.value());
        self.give_back(managed)
    }

    /// Ends a loan, once.
    pub(crate) fn give_back(&mut self, managed: Local) -> Result<(), Raised> {
        let Some(loan) = self.get(managed).payload::<Managed>() else { return Ok(()) };
        drop(loan.lock.take());
        let Some(release) = loan.release.take() else { return Ok(()) };
        if matches!(loan.source, Source::View) {
            return release(self, managed);
        }
        let exporter = self.root(loan.exporter.get(self));
        release(self, exporter)
    }
}

/// Ends the loan of a `__buffer__` written in Python: `__release_buffer__`, then its view.
fn release_in_python(vm: &mut Vm, managed: Local) -> Result<(), Raised> {
    let Some(loan) = vm.get(managed).payload::<Managed>() else { return Ok(()) };
    let (exporter, inner) = (vm.root(loan.exporter.get(vm)), vm.root(loan.inner.get(vm)));
    let name = vm.intern("__release_buffer__").value();
    let method = vm.class_lookup(vm.class_of(vm.get(exporter)), name);
    if let Some(method) = method.filter(|m| m.kind() == Some(Kind::Function)) {
        let method = vm.root(method);
        let _ = vm.call(method, &[exporter, inner])?;
    }
    vm.release_view(inner)
}
