//! Handles and VMs: two of them in one process, and handles that are none.

use sidewinder_hpy_ctx::abi::HPy;
use sidewinder_hpy_ctx::context::State;
use sidewinder_hpy_ctx::handle::HandleTable;
use sidewinder_hpy_ctx::table::HPyContext;
use sidewinder_interpreter::value::word;
use sidewinder_interpreter::{Config, Vm};

#[test]
fn immediates_are_their_own_handles() {
    let vm = Vm::new(Config::default());
    let table = HandleTable::default();
    for w in [word::NONE, word::TRUE, word::from_int(0), word::from_int(-5), vm.float(1.5).word()] {
        let h = table.open(w);
        assert_eq!((h.0, table.word(&vm, h)), (w, w));
        table.close(h);
    }
    assert_eq!(table.open_count(), 0);
}

#[test]
fn bad_handles_are_harmless() {
    let vm = Vm::new(Config::default());
    let table = HandleTable::default();
    let object = vm.list(&[]).value().word();
    let h = table.open(object);
    assert_eq!(table.word(&vm, h), object);
    table.close(h);
    table.close(h);
    for wrong in [h, HPy::NULL, HPy(1 << 40), HPy(u64::MAX & !7), HPy(1 << 63)] {
        assert_eq!(table.word(&vm, wrong), word::NONE);
        table.close(wrong);
    }
    let (a, b) = (table.open(object), table.open(object));
    assert_ne!(a, b);
    assert_eq!(table.open_count(), 2);
}

#[test]
fn handles_follow_their_objects() {
    let mut vm = Vm::new(Config::default());
    // SAFETY: the state lives as long as the VM.
    let state = unsafe { &*State::of(&mut vm) };
    let handles: Vec<HPy> =
        (0..5000).map(|i| state.handles.open(vm.tuple(&[vm.int(i)]).value().word())).collect();
    let before: Vec<u64> = handles.iter().map(|h| state.handles.word(&vm, *h)).collect();
    vm.collect_minor();
    vm.collect_now();
    vm.heap.set_stress(Some(1));
    vm.safepoint().expect("nothing is raised");
    let mut moved = 0;
    for (i, h) in handles.iter().enumerate() {
        let w = state.handles.word(&vm, *h);
        moved += (w != before[i]) as usize;
        // SAFETY: what a handle names is alive.
        let value = unsafe { sidewinder_interpreter::Value::from_word(w) };
        let tuple = value.cast::<sidewinder_interpreter::object::Tuple>().expect("a tuple");
        assert_eq!(tuple.item(&vm, 0).as_small_int(), Some(i as i64));
    }
    assert_eq!(moved, handles.len());
}

#[test]
fn each_vm_has_its_own() {
    let (mut a, mut b) = (Vm::new(Config::default()), Vm::new(Config::default()));
    let (sa, sb) = (State::of(&mut a), State::of(&mut b));
    assert_ne!(sa, sb);
    assert_eq!(sa, State::of(&mut a));
    // SAFETY: the states live as long as the VMs.
    let (ca, cb) = unsafe { ((*sa).context(), (*sb).context()) };
    assert_ne!(ca, cb);
    // SAFETY: contexts of live VMs, called as C would.
    unsafe {
        let text = c"text".as_ptr();
        let (x, y) =
            (((*ca).ctx_Unicode_FromString)(ca, text), ((*cb).ctx_Unicode_FromString)(cb, text));
        a.collect_now();
        assert_eq!(((*ca).ctx_Length)(ca, x), 4);
        assert_eq!(((*cb).ctx_Length)(cb, y), 4);
        assert_eq!(((*ca).ctx_Err_Occurred)(ca), 0);
    }
}

#[test]
fn what_is_missing_says_so() {
    let mut vm = Vm::new(Config::default());
    let state = State::of(&mut vm);
    assert!(HPyContext::missing().contains(&"ctx_EvalCode"));
    // SAFETY: as above.
    unsafe {
        let ctx = (*state).context();
        let h = ((*ctx).ctx_EvalCode)(ctx, HPy::NULL, HPy::NULL, HPy::NULL);
        assert!(h.is_null());
        assert_eq!(((*ctx).ctx_Err_ExceptionMatches)(ctx, (*ctx).h_NotImplementedError), 1);
        ((*ctx).ctx_Err_Clear)(ctx);
        assert_eq!(((*ctx).ctx_Err_Occurred)(ctx), 0);
    }
}
