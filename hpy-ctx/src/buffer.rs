//! Memory that objects made in C lend: `HPy_bf_getbuffer` and `HPy_bf_releasebuffer` as
//! `__buffer__`. C structs do not move, so views of them hold the address.

use crate::abi::{GetBuffer, HPy, HPy_buffer};
use crate::call::shown;
use crate::context::{State, failed};
use crate::mode::Mode;
use crate::{handle, slots, structs};
use sidewinder_interpreter::vm::buffer::{Dim, Release, Rows, Strided};
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Vm};
use std::ffi::{CStr, c_int};
use std::rc::Rc;

/// A lent buffer and where it came from.
struct Loan {
    /// As C filled it in; it gets this very struct back.
    buffer: Box<HPy_buffer>,
    state: *const State,
    mode: Mode,
}

impl Loan {
    /// Gives the memory back to the exporter.
    fn release(mut self, vm: &mut Vm, exporter: Local) -> Result<(), Raised> {
        let record = structs::record_of(vm.class_of(vm.get(exporter)));
        let Some(release) = record.and_then(structs::TypeRecord::release_buffer) else {
            return Ok(());
        };
        // SAFETY: the state lives as long as the VM; C gets back what it filled in.
        unsafe {
            let state = &*self.state;
            let this = handle::of_stack_slot(exporter.slot());
            state.enter(vm, self.mode, |b| release(b.ctx, b.pass(this), &mut *self.buffer));
        }
        vm.pending()
    }

    /// The layout, with the range of memory it spans: its start and its length.
    fn layout(&self) -> (Strided, *mut u8, usize) {
        let b = &*self.buffer;
        let format = match b.format.is_null() {
            true => "B".into(),
            // SAFETY: C gives a terminated string that lives as long as the loan.
            false => unsafe { CStr::from_ptr(b.format) }.to_string_lossy(),
        };
        let itemsize = b.itemsize.max(1) as usize;
        let ndim = b.ndim.max(0) as usize;
        // SAFETY: arrays of C, where they are, have a number for each dimension.
        let number = |p: *mut isize, i: usize| unsafe { p.add(i).read() };
        let lens: Vec<usize> = match b.shape.is_null() {
            true => vec![b.len.max(0) as usize / itemsize; ndim.min(1)],
            false => (0..ndim).map(|i| number(b.shape, i).max(0) as usize).collect(),
        };
        let mut view = Strided::shaped(&format, itemsize, 0, &lens);
        if !b.strides.is_null() {
            view.dims = (0..lens.len())
                .map(|i| Dim { len: lens[i], stride: number(b.strides, i) })
                .collect();
        }
        let data = b.buf.cast::<u8>();
        if !b.suboffsets.is_null() && !view.dims.is_empty() {
            let suboffsets = (0..lens.len()).map(|i| number(b.suboffsets, i)).collect();
            // SAFETY: C fills in arrays that belong together.
            unsafe { lay_out_rows(&mut view, data, suboffsets) };
            return (view, data, 0);
        }
        if view.count() == 0 {
            return (view, data, 0);
        }
        let (low, len) = span(view.itemsize, &view.dims);
        view.start = low.unsigned_abs();
        (view, data.wrapping_offset(low), len)
    }
}

/// Where the memory of items begins, seen from the first one, and its length.
fn span(itemsize: usize, dims: &[Dim]) -> (isize, usize) {
    let (mut low, mut high) = (0, itemsize as isize);
    for dim in dims {
        let span = dim.stride * (dim.len as isize - 1);
        if span < 0 { low += span } else { high += span }
    }
    (low, (high - low) as usize)
}

/// Finds the rows of a buffer with suboffsets: the dimensions up to the last one with a suboffset
/// are arrays of pointers.
///
/// # Safety
/// The dimensions describe memory that is lent.
unsafe fn lay_out_rows(view: &mut Strided, data: *mut u8, suboffsets: Vec<isize>) {
    let outer = suboffsets.iter().rposition(|n| *n >= 0).map_or(0, |last| last + 1);
    let (pointers, inner) = view.dims.split_at_mut(outer);
    if pointers.iter().chain(&*inner).any(|dim| dim.len == 0) {
        let rows = Rows { starts: Vec::new(), len: 0, suboffsets, strides: Vec::new() };
        view.rows = Some(Rc::new(rows));
        return;
    }
    let (low, len) = span(view.itemsize, inner);
    let mut starts = vec![data];
    let mut strides = Vec::with_capacity(outer);
    let mut rest = pointers.iter().map(|dim| dim.len).product::<usize>();
    for (dim, suboffset) in pointers.iter_mut().zip(&suboffsets) {
        let Dim { len: count, stride } = *dim;
        starts = starts
            .iter()
            .flat_map(|start| (0..count as isize).map(move |i| start.wrapping_offset(i * stride)))
            .map(|place| {
                if *suboffset < 0 {
                    return place;
                }
                // SAFETY: the dimension is an array of pointers that C lends.
                unsafe { place.cast::<*mut u8>().read_unaligned() }.wrapping_offset(*suboffset)
            })
            .collect();
        rest /= count;
        strides.push(((rest * len) as isize, stride));
        dim.stride = (rest * len) as isize;
    }
    starts.iter_mut().for_each(|start| *start = start.wrapping_offset(low));
    view.start = low.unsigned_abs();
    view.rows = Some(Rc::new(Rows { starts, len, suboffsets, strides }));
}

/// `__buffer__` of a type with `HPy_bf_getbuffer`.
pub fn lend(vm: &mut Vm, args: Args) -> NativeResult {
    let record = slots::begin(vm, args, 2)?;
    let flags = vm.index_i64(args.local(1))? as c_int;
    // SAFETY: a struct of numbers and pointers may be all zeros.
    let mut buffer: Box<HPy_buffer> = Box::new(unsafe { std::mem::zeroed() });
    // SAFETY: the slot's function has this signature; C is called as it wants to be.
    let (status, state) = unsafe {
        let f: GetBuffer = record.function();
        let state = record.state();
        let status = state.enter(vm, record.mode, |b| {
            let status = f(b.ctx, b.arg(args, 0), &mut *buffer, flags);
            buffer.obj = b.result(buffer.obj);
            status
        });
        (status, state)
    };
    if status < 0 {
        return Err(failed(vm, |vm| shown(vm, args)));
    }
    state.handles.close(std::mem::replace(&mut buffer.obj, HPy::NULL));
    let loan = Loan { buffer, state, mode: record.mode };
    let (view, data, len) = loan.layout();
    let readonly = loan.buffer.readonly != 0;
    let release: Release = Box::new(move |vm, exporter| loan.release(vm, exporter));
    let vm = &*vm;
    // SAFETY: C lends this memory until the buffer is released, which `release` does.
    let view =
        unsafe { vm.memoryview_outside(args.get(vm, 0), data, len, view, readonly, release) };
    Ok(vm.ret(view.value()))
}
