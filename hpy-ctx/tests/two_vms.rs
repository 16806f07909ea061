//! Handles and VMs: two of them in one process, and handles that are none.

use sidewinder_hpy_ctx::abi::HPy;
use sidewinder_hpy_ctx::context::State;
use sidewinder_hpy_ctx::handle::HandleTable;
use sidewinder_hpy_ctx::mode::Mode;
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
    for wrong in [h, HPy::NULL, HPy(1 << 40), HPy(!7), HPy(1 << 63 | 1 << 30)] {
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
fn code_runs() {
    let mut vm = Vm::new(Config::default());
    let state = State::of(&mut vm);
    // SAFETY: as above.
    unsafe {
        let ctx = (*state).context();
        let globals = ((*ctx).ctx_Dict_New)(ctx);
        let code = ((*ctx).ctx_Compile_s)(ctx, c"6 * 7".as_ptr(), c"<test>".as_ptr(), 0);
        assert!(!code.is_null());
        let result = ((*ctx).ctx_EvalCode)(ctx, code, globals, globals);
        assert_eq!(((*ctx).ctx_Long_AsInt64_t)(ctx, result), 42);
        let wrong = ((*ctx).ctx_Compile_s)(ctx, c"6 *".as_ptr(), c"<test>".as_ptr(), 0);
        assert!(wrong.is_null());
        assert_eq!(((*ctx).ctx_Err_ExceptionMatches)(ctx, (*ctx).h_SyntaxError), 1);
    }
}

#[test]
fn what_is_missing_says_so() {
    let mut vm = Vm::new(Config::default());
    let state = State::of(&mut vm);
    assert!(HPyContext::missing().contains(&"ctx_FromPyObject"));
    // SAFETY: as above.
    unsafe {
        let ctx = (*state).context();
        let h = ((*ctx).ctx_FromPyObject)(ctx, std::ptr::null_mut());
        assert!(h.is_null());
        assert_eq!(((*ctx).ctx_Err_ExceptionMatches)(ctx, (*ctx).h_NotImplementedError), 1);
        ((*ctx).ctx_Err_Clear)(ctx);
        assert_eq!(((*ctx).ctx_Err_Occurred)(ctx), 0);
    }
}

/// An extension from HPy's sdist, if `tests/hpy/build.py` has built it.
fn extension(name: &str) -> Option<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/hpy/bare");
    let path = root.join(format!("{name}.hpy0.so"));
    if !path.is_file() {
        eprintln!("skipped: {name}.hpy0.so is not built (run tests/hpy/build.py)");
        return None;
    }
    Some(path.to_string_lossy().into_owned())
}

fn load(vm: &mut Vm, name: &str, path: &str) -> sidewinder_interpreter::Local {
    sidewinder_hpy_ctx::install(vm);
    let spec = vm.root(sidewinder_interpreter::Value::NONE);
    let loaded = sidewinder_hpy_ctx::load::load(vm, name, path, spec, true, Mode::Universal);
    loaded.unwrap_or_else(|raised| {
        let exception = vm.take_exception(raised);
        panic!("{}", vm.format_exception(exception))
    })
}

fn call(vm: &mut Vm, module: sidewinder_interpreter::Local, name: &str, args: &[i64]) -> String {
    let args: Vec<_> = args.iter().map(|i| vm.root(vm.int(*i))).collect();
    let result = vm.call_method(module, name, &args).and_then(|ret| {
        let result = vm.hold(ret);
        vm.repr_text(result)
    });
    result.unwrap_or_else(|raised| {
        let exception = vm.take_exception(raised);
        vm.format_exception(exception)
    })
}

#[test]
fn one_extension_in_two_vms() {
    let Some(path) = extension("pof") else { return };
    let (mut a, mut b) = (Vm::new(Config::default()), Vm::new(Config::default()));
    let (in_a, in_b) = (load(&mut a, "pof", &path), load(&mut b, "pof", &path));
    for i in 0..100 {
        assert_eq!(call(&mut a, in_a, "add_ints", &[i, 1]), (i + 1).to_string());
        assert_eq!(call(&mut b, in_b, "add_ints", &[i, -1]), (i - 1).to_string());
        let p = call(&mut a, in_a, "Point", &[i, 2]);
        let q = call(&mut b, in_b, "Point", &[2, i]);
        assert_eq!((p, q), (format!("Point({i}, 2)"), format!("Point(2, {i})")));
        if i % 10 == 0 {
            a.collect_now();
        }
    }
    assert!(call(&mut a, in_a, "add_ints", &[1]).contains("TypeError"));
    drop(a);
    assert_eq!(call(&mut b, in_b, "add_ints", &[40, 2]), "42");
}

#[test]
fn globals_belong_to_a_vm() {
    let Some(path) = extension("battery") else { return };
    let (mut a, mut b) = (Vm::new(Config::default()), Vm::new(Config::default()));
    let (in_a, in_b) = (load(&mut a, "battery", &path), load(&mut b, "battery", &path));
    call(&mut a, in_a, "global_set", &[1]);
    call(&mut b, in_b, "global_set", &[2]);
    a.collect_now();
    assert_eq!(call(&mut a, in_a, "global_get", &[]), "1");
    assert_eq!(call(&mut b, in_b, "global_get", &[]), "2");
}
