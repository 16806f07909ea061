//! The C structs behind instances of types made in C, and what is known of such a type.
//!
//! An instance is a [`Foreign`] object: a small moving object that points to the struct, which lies
//! outside the heap and stays where it is. Types that inherit from a builtin type with a layout of
//! its own (str, list, ...) have their structs attached to the object.

use crate::abi::*;
use crate::context::State;
use crate::{members, slots};
use sidewinder_interpreter::object::native::{Foreign, ForeignVTable};
use sidewinder_interpreter::object::{Class, Gc, Tracer};
use sidewinder_interpreter::{Value, Vm};
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

/// What is known of a type made in C. Its address is in [`Class::foreign`], also of subclasses.
pub struct TypeRecord {
    /// How the collector treats the structs.
    pub vtable: ForeignVTable,
    state: *const State,
    /// Size of the struct, with the hidden call function.
    pub size: usize,
    /// The nearest base made in C, or null.
    base: *const TypeRecord,
    traverse: Option<TraverseProc>,
    destroy: Option<DestroyFunc>,
    release_buffer: Option<ReleaseBuffer>,
    /// Fields of declared members, for types without `tp_traverse`.
    fields: Vec<usize>,
    /// The shape of the specification.
    pub shape: c_int,
    /// Where the struct has the object's own call function, for types with `tp_call`.
    pub call_offset: Option<usize>,
}

impl TypeRecord {
    /// This record and those of its bases.
    fn chain(&self) -> impl Iterator<Item = &TypeRecord> {
        // SAFETY: records live as long as the VM.
        std::iter::successors(Some(self), |r| unsafe { r.base.as_ref() })
    }

    /// What to call when the memory of an instance is given back.
    pub fn release_buffer(&self) -> Option<ReleaseBuffer> {
        self.chain().find_map(|r| r.release_buffer)
    }

    /// Whether instances have a C struct, or something that runs when they die.
    pub fn has_struct(&self) -> bool {
        self.size > 0 || self.chain().any(|r| r.traverse.is_some() || r.destroy.is_some())
    }

    pub fn is_traversed(&self) -> bool {
        self.chain().any(|r| r.traverse.is_some() || !r.fields.is_empty())
    }

    /// Shows the collector the fields of a struct.
    ///
    /// # Safety
    /// `data` is a struct of this type.
    unsafe fn trace(&self, data: *mut u8, tracer: &mut Tracer<'_>) {
        unsafe extern "C" fn visit(field: *mut HPyField, tracer: *mut c_void) -> c_int {
            // SAFETY: `tracer` is the one below; C passes a field of the struct.
            unsafe { (*tracer.cast::<Tracer<'_>>()).word(field.cast()) };
            0
        }
        for record in self.chain() {
            if let Some(traverse) = record.traverse {
                let tracer = std::ptr::from_mut(tracer).cast();
                // SAFETY: the function is made for such structs and only visits.
                unsafe { traverse(data.cast(), visit, tracer) };
            }
            for offset in &record.fields {
                // SAFETY: a field of the struct.
                tracer.word(unsafe { data.add(*offset) }.cast());
            }
        }
    }

    /// The object died.
    ///
    /// # Safety
    /// `data` is a struct of this type, not used again.
    unsafe fn destroy(&self, data: *mut u8) {
        for record in self.chain() {
            if let Some(destroy) = record.destroy {
                // SAFETY: the function is made for such structs.
                unsafe { destroy(data.cast()) };
            }
        }
        // SAFETY: allocated from the pool with this size; the state lives as long as the heap.
        unsafe {
            let state = &*self.state;
            state.pool.free(data, self.size);
            state.unaccounted.set(state.unaccounted.get() - self.size as isize);
        }
    }
}

unsafe fn trace_foreign(this: &ForeignVTable, data: *mut u8, tracer: &mut Tracer<'_>) {
    // SAFETY: the table's context is its record.
    unsafe { (*this.context.cast::<TypeRecord>()).trace(data, tracer) }
}

unsafe fn drop_foreign(this: &ForeignVTable, data: *mut u8) {
    // SAFETY: as above.
    unsafe { (*this.context.cast::<TypeRecord>()).destroy(data) }
}

/// A struct attached to an object of builtin layout.
struct Attached {
    data: *mut u8,
    record: *const TypeRecord,
}

impl Drop for Attached {
    fn drop(&mut self) {
        // SAFETY: the record lives as long as the VM; the struct belongs to this.
        unsafe {
            let record = &*self.record;
            record.destroy(self.data);
        }
    }
}

/// The record of a class, or of the class in C that it derives from.
pub fn record_of<'a>(class: Gc<'_, Class>) -> Option<&'a TypeRecord> {
    // SAFETY: classes get such addresses only in `type_from_spec`; records live as long as the VM.
    unsafe { class.foreign.get().cast::<TypeRecord>().as_ref() }
}

/// Whether the collector gets to see the fields in an object's struct.
pub fn is_traversed(vm: &Vm, value: Value<'_>) -> bool {
    record_of(vm.class_of(value)).is_some_and(TypeRecord::is_traversed)
}

/// The C struct of an object; null when it has none.
#[inline(always)]
pub fn data_of(vm: &Vm, value: Value<'_>) -> *mut u8 {
    match value.cast::<Foreign>() {
        Some(foreign) => foreign.data.get(),
        None => attached_data(vm, value),
    }
}

#[cold]
fn attached_data(vm: &Vm, value: Value<'_>) -> *mut u8 {
    if let Some(found) = vm.attached::<Attached>(value) {
        // SAFETY: attached data stays while the object lives.
        return unsafe { found.as_ref() }.data;
    }
    let Some(record) = record_of(vm.class_of(value)) else { return std::ptr::null_mut() };
    let Some(data) = allocate(vm, record) else { return std::ptr::null_mut() };
    let place = vm.attach(value, Attached { data: data.as_ptr(), record });
    if place.is_none() {
        return std::ptr::null_mut();
    }
    if record.is_traversed() {
        let (data, record) = (data.as_ptr(), std::ptr::from_ref(record));
        // SAFETY: the struct lives as long as the object; its `tp_traverse` visits its fields.
        unsafe { vm.attach_traced(value, Box::new(move |tracer| (*record).trace(data, tracer))) };
    }
    data.as_ptr()
}

/// Bytes of structs after which the collector is told about them.
const ACCOUNT_EVERY: isize = 16 << 10;

/// A zeroed struct.
pub fn allocate(vm: &Vm, record: &TypeRecord) -> Option<NonNull<u8>> {
    // SAFETY: the state lives as long as the VM.
    let state = unsafe { &*record.state };
    let data = state.pool.alloc(record.size)?;
    let unaccounted = state.unaccounted.get() + record.size as isize;
    state.unaccounted.set(unaccounted);
    if unaccounted >= ACCOUNT_EVERY {
        vm.heap.account_outside(state.unaccounted.take());
    }
    Some(data)
}

/// Makes the record of a type.
pub fn make_record(
    state: &State,
    spec: &HPyType_Spec,
    defs: &[Def],
    base: Option<&TypeRecord>,
) -> &'static TypeRecord {
    let slot = |n: c_int| {
        defs.iter().find_map(|d| match d {
            Def::Slot(s) if s.slot == n && !s.imp.is_null() => Some(s.imp),
            _ => None,
        })
    };
    // SAFETY: the slots' functions have these signatures.
    let (traverse, destroy, release_buffer) = unsafe {
        (
            slot(slots::TP_TRAVERSE).map(|f| std::mem::transmute::<CFunction, TraverseProc>(f)),
            slot(slots::TP_DESTROY).map(|f| std::mem::transmute::<CFunction, DestroyFunc>(f)),
            slot(slots::BF_RELEASEBUFFER)
                .map(|f| std::mem::transmute::<CFunction, ReleaseBuffer>(f)),
        )
    };
    let mut size = (spec.basicsize.max(0) as usize).max(base.map_or(0, |b| b.size));
    let mut call_offset = base.and_then(|b| b.call_offset);
    if let Some(at) = defs.iter().find_map(members::call_function_offset) {
        call_offset = Some(at);
    } else if slot(slots::TP_CALL).is_some() || call_offset.is_some() {
        // Behind the struct, which may have grown past where a base had it.
        let at = match call_offset {
            Some(at) if at >= spec.basicsize.max(0) as usize => at,
            _ => (size + 7) & !7,
        };
        call_offset = Some(at);
        size = size.max(at + 8);
    }
    let fields = match traverse.is_some() || base.is_some_and(|b| b.is_traversed()) {
        true => Vec::new(),
        false => defs.iter().filter_map(members::field_offset).collect(),
    };
    let record = state.keep(TypeRecord {
        vtable: ForeignVTable {
            trace: Some(trace_foreign),
            drop: drop_foreign,
            context: std::ptr::null_mut(),
        },
        state,
        size,
        base: base.map_or(std::ptr::null(), std::ptr::from_ref),
        traverse,
        destroy,
        release_buffer,
        fields,
        shape: spec.builtin_shape,
        call_offset,
    });
    if !record.is_traversed() {
        record.vtable.trace = None;
    }
    record.vtable.context = std::ptr::from_mut(record).cast();
    record
}
