//! `_heapq`: heaps in lists.

#![forbid(unsafe_code)]

use crate::prelude::*;
use sidewinder_interpreter::builtins::list_core;

/// The module.
pub static HEAPQ: ModuleDef = ModuleDef {
    name: "_heapq",
    doc: "Priority queues in lists: the smallest item (or the largest) comes first.",
    functions: &[
        NativeDef::function(
            "heappush(heap, item, /)",
            |vm, args| push(vm, args, Order::Min),
            "Push item onto heap, maintaining the heap invariant.",
        ),
        NativeDef::function(
            "heappushpop(heap, item, /)",
            |vm, args| push_pop(vm, args, Order::Min),
            "Push item on the heap, then pop and return the smallest item from the heap.",
        ),
        NativeDef::function(
            "heappop(heap, /)",
            |vm, args| pop(vm, args, Order::Min),
            "Pop the smallest item off the heap, maintaining the heap invariant.",
        ),
        NativeDef::function(
            "heapreplace(heap, item, /)",
            |vm, args| replace(vm, args, Order::Min),
            "Pop and return the current smallest value, and add the new item.",
        ),
        NativeDef::function(
            "heapify(heap, /)",
            |vm, args| heapify(vm, args, Order::Min),
            "Transform list into a heap, in-place, in O(len(heap)) time.",
        ),
        NativeDef::function(
            "heappush_max(heap, item, /)",
            |vm, args| push(vm, args, Order::Max),
            "Push item onto max heap, maintaining the heap invariant.",
        ),
        NativeDef::function(
            "heappushpop_max(heap, item, /)",
            |vm, args| push_pop(vm, args, Order::Max),
            "Push item on the max heap, then pop and return the largest item from it.",
        ),
        NativeDef::function(
            "heappop_max(heap, /)",
            |vm, args| pop(vm, args, Order::Max),
            "Pop the largest item off the max heap, maintaining the heap invariant.",
        ),
        NativeDef::function(
            "heapreplace_max(heap, item, /)",
            |vm, args| replace(vm, args, Order::Max),
            "Pop and return the current largest value, and add the new item.",
        ),
        NativeDef::function(
            "heapify_max(heap, /)",
            |vm, args| heapify(vm, args, Order::Max),
            "Transform list into a max heap, in-place, in O(len(heap)) time.",
        ),
    ],
    types: &[],
    exec: None,
};

/// Which item is the first of the heap.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Min,
    Max,
}

/// A heap at work: the list, and places for two items that are compared.
#[derive(Clone, Copy)]
struct Heap {
    list: Local,
    one: Local,
    other: Local,
    order: Order,
}

impl Heap {
    /// The heap that is argument 0.
    fn of(vm: &Vm, args: Args, order: Order) -> Result<Heap, Raised> {
        let v = args.get(vm, 0);
        if v.cast::<List>().is_none() {
            let function = args.callee(vm).map_or("?", |callee| callee.def.get().name());
            let given = vm.type_name(v);
            raise!(vm, TypeError, "{function}() argument 1 must be list, not {given}");
        }
        Ok(Heap { list: args.local(0), one: vm.empty_root(), other: vm.empty_root(), order })
    }

    fn list(self, vm: &Vm) -> Gc<'_, List> {
        vm.get(self.list).cast().expect("checked at the start")
    }

    fn len(self, vm: &Vm) -> usize {
        self.list(vm).len.get()
    }

    /// Whether the item at `a` comes before that at `b`. The comparison must leave the length.
    fn before(self, vm: &mut Vm, a: usize, b: usize) -> Result<bool, Raised> {
        let len = self.len(vm);
        vm.set(self.one, vm.list_item(self.list(vm), a));
        vm.set(self.other, vm.list_item(self.list(vm), b));
        let answer = self.in_order(vm, self.one, self.other)?;
        if self.len(vm) != len {
            raise!(vm, RuntimeError, "list changed size during iteration");
        }
        Ok(answer)
    }

    fn in_order(self, vm: &mut Vm, a: Local, b: Local) -> Result<bool, Raised> {
        match self.order {
            Order::Min => vm.lt(a, b),
            Order::Max => vm.lt(b, a),
        }
    }

    fn swap(self, vm: &Vm, a: usize, b: usize) {
        let list = self.list(vm);
        let (x, y) = (vm.list_item(list, a), vm.list_item(list, b));
        vm.list_set(list, a, y);
        vm.list_set(list, b, x);
    }

    /// Moves the item at `at` towards the root, at most to `top`, while it comes before its parent.
    fn rise(self, vm: &mut Vm, top: usize, mut at: usize) -> Result<(), Raised> {
        while at > top {
            let parent = (at - 1) / 2;
            if !self.before(vm, at, parent)? {
                break;
            }
            self.swap(vm, at, parent);
            at = parent;
        }
        Ok(())
    }

    /// Moves the item at `top` down to a leaf, its smaller children up, and the item up again from
    /// there: it mostly belongs near a leaf, and so comparisons are saved.
    fn sink(self, vm: &mut Vm, top: usize) -> Result<(), Raised> {
        let len = self.len(vm);
        let mut at = top;
        while at < len / 2 {
            let mut child = 2 * at + 1;
            if child + 1 < len && !self.before(vm, child, child + 1)? {
                child += 1;
            }
            self.swap(vm, at, child);
            at = child;
        }
        self.rise(vm, top, at)
    }

    /// Puts an item in the place of the first, which is the result.
    fn exchange(self, vm: &mut Vm, item: Local) -> NativeResult {
        let first = vm.root(vm.list_item(self.list(vm), 0));
        vm.list_set(self.list(vm), 0, vm.get(item));
        self.sink(vm, 0)?;
        Ok(vm.ret(vm.get(first)))
    }
}

fn push(vm: &mut Vm, args: Args, order: Order) -> NativeResult {
    let heap = Heap::of(vm, args, order)?;
    vm.list_push(heap.list(vm), args.get(vm, 1));
    let last = heap.len(vm) - 1;
    heap.rise(vm, 0, last)?;
    Ok(vm.none())
}

fn pop(vm: &mut Vm, args: Args, order: Order) -> NativeResult {
    let heap = Heap::of(vm, args, order)?;
    let Some(last) = heap.len(vm).checked_sub(1) else {
        raise!(vm, IndexError, "index out of range");
    };
    let item = vm.root(vm.list_item(heap.list(vm), last));
    list_core::truncate(vm, heap.list(vm), last);
    if last == 0 {
        return Ok(vm.ret(vm.get(item)));
    }
    heap.exchange(vm, item)
}

fn replace(vm: &mut Vm, args: Args, order: Order) -> NativeResult {
    let heap = Heap::of(vm, args, order)?;
    if heap.len(vm) == 0 {
        raise!(vm, IndexError, "index out of range");
    }
    heap.exchange(vm, args.local(1))
}

fn push_pop(vm: &mut Vm, args: Args, order: Order) -> NativeResult {
    let heap = Heap::of(vm, args, order)?;
    let item = args.local(1);
    if heap.len(vm) == 0 {
        return Ok(vm.ret(vm.get(item)));
    }
    vm.set(heap.one, vm.list_item(heap.list(vm), 0));
    if !heap.in_order(vm, heap.one, item)? {
        return Ok(vm.ret(vm.get(item)));
    }
    if heap.len(vm) == 0 {
        raise!(vm, IndexError, "index out of range");
    }
    heap.exchange(vm, item)
}

fn heapify(vm: &mut Vm, args: Args, order: Order) -> NativeResult {
    let heap = Heap::of(vm, args, order)?;
    for at in (0..heap.len(vm) / 2).rev() {
        heap.sink(vm, at)?;
        vm.safepoint()?;
    }
    Ok(vm.none())
}
