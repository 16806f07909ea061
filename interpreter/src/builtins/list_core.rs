//! Moving items inside a list: the few operations that work on the array as memory.

use crate::object::*;
use crate::value::{Value, word};
use crate::vm::Vm;

/// Moves `n` items of a list's array from one place to another; both ranges are inside the array.
fn move_items(vm: &Vm, list: Gc<'_, List>, from: usize, to: usize, n: usize) {
    if n == 0 || from == to {
        return;
    }
    let Some(array) = list.array.get_as::<Array>(vm) else { return };
    let items = array.r().items();
    assert!(from + n <= items.len() && to + n <= items.len());
    // SAFETY: both ranges are inside the array; the words are values that the array held already,
    // and the barrier follows.
    unsafe {
        let base = items.as_ptr().cast::<u64>().cast_mut();
        std::ptr::copy(base.add(from), base.add(to), n);
    }
    vm.heap.barrier(array.header_ptr());
}

/// Cuts a list off at `len` items (which must not be more than it has).
pub fn truncate(vm: &Vm, list: Gc<'_, List>, len: usize) {
    let old = list.len.get();
    assert!(len <= old);
    if let Some(array) = list.array.get_as::<Array>(vm) {
        for slot in &array.r().items()[len..old] {
            // SAFETY: an immediate needs no barrier.
            unsafe { slot.set_word(word::UNBOUND) };
        }
    }
    list.len.set(len);
}

/// Opens a gap of `n` items at `at`; the caller fills it at once.
pub fn open_gap(vm: &Vm, list: Gc<'_, List>, at: usize, n: usize) {
    let len = list.len.get();
    vm.list_reserve(list, n);
    move_items(vm, list, at, at + n, len - at);
    list.len.set(len + n);
}

/// Takes `n` items out at `at`.
pub fn close_gap(vm: &Vm, list: Gc<'_, List>, at: usize, n: usize) {
    let len = list.len.get();
    move_items(vm, list, at + n, at, len - at - n);
    truncate(vm, list, len - n);
}

/// Gives a list new contents: the first `len` items of an array (UNBOUND for none).
pub fn set_contents(vm: &Vm, list: Gc<'_, List>, array: Value<'_>, len: usize) {
    vm.write(list, |l| &l.array, array);
    list.len.set(len);
}

/// Reverses the items of a list.
pub fn reverse(vm: &Vm, list: Gc<'_, List>) {
    let Some(array) = list.array.get_as::<Array>(vm) else { return };
    let items = &array.r().items()[..list.len.get()];
    let n = items.len();
    for i in 0..n / 2 {
        let (a, b) = (items[i].word(), items[n - 1 - i].word());
        // SAFETY: values that the array held already; the barrier follows.
        unsafe {
            items[i].set_word(b);
            items[n - 1 - i].set_word(a);
        }
    }
    vm.heap.barrier(array.header_ptr());
}
