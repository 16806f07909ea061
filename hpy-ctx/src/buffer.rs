//! Memory that objects made in C lend: `HPy_bf_getbuffer` and `HPy_bf_releasebuffer` as
//! `__buffer__`. C structs do not move, so views of them hold the address.

use crate::abi::{GetBuffer, HPy, HPy_buffer};
use crate::call::shown;
use crate::context::{State, failed};
use crate::mode::Mode;
use crate::{handle, slots, types};
use sidewinder_interpreter::vm::buffer::{Dim, Release, Strided};
use sidewinder_interpreter::{Args, Local, NativeResult, Raised, Vm};
use std::ffi::{CStr, c_int};

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
        let record = types::record_of(vm.class_of(vm.get(exporter)));
        let Some(release) = record.and_then(types::TypeRecord::release_buffer) else {
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
        if view.count() == 0 {
            return (view, data, 0);
        }
        let (mut low, mut high) = (0, itemsize as isize);
        for dim in &view.dims {
            let span = dim.stride * (dim.len as isize - 1);
            if span < 0 { low += span } else { high += span }
        }
        view.start = low.unsigned_abs();
        (view, data.wrapping_offset(low), (high - low) as usize)
    }
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
    let has_offsets = !loan.buffer.suboffsets.is_null() && {
        let ndim = loan.buffer.ndim.max(0) as usize;
        // SAFETY: one number for each dimension.
        (0..ndim).any(|i| unsafe { loan.buffer.suboffsets.add(i).read() } >= 0)
    };
    if has_offsets {
        loan.release(vm, args.local(0))?;
        return Err(vm.raise(
            sidewinder_interpreter::builtins::ClassId::NotImplementedError,
            "memoryview: buffers with suboffsets are not supported",
        ));
    }
    let (view, data, len) = loan.layout();
    let readonly = loan.buffer.readonly != 0;
    let release: Release = Box::new(move |vm, exporter| loan.release(vm, exporter));
    let vm = &*vm;
    // SAFETY: C lends this memory until the buffer is released, which `release` does.
    let view =
        unsafe { vm.memoryview_outside(args.get(vm, 0), data, len, view, readonly, release) };
    Ok(vm.ret(view.value()))
}
