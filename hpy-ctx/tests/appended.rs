//! What HPy's main branch has appended to the context since 0.9.0, called as C would.

use sidewinder_hpy_ctx::abi::HPy;
use sidewinder_hpy_ctx::context::State;
use sidewinder_hpy_ctx::table::HPyContext;
use sidewinder_interpreter::{Config, Vm};

/// Runs the test with a VM's context, plainly and while everything moves.
fn with_context(test: impl Fn(*mut HPyContext)) {
    for stress in [None, Some(1)] {
        let mut vm = Vm::new(Config::default());
        vm.heap.set_stress(stress);
        // SAFETY: the state lives as long as the VM.
        test(unsafe { &*State::of(&mut vm) }.context());
    }
}

/// The value of a Python expression.
unsafe fn eval(ctx: *mut HPyContext, source: &std::ffi::CStr) -> HPy {
    // SAFETY: a context of a live VM.
    unsafe {
        let code = ((*ctx).ctx_Compile_s)(ctx, source.as_ptr(), c"<test>".as_ptr(), 0);
        let globals = ((*ctx).ctx_Dict_New)(ctx);
        ((*ctx).ctx_EvalCode)(ctx, code, globals, globals)
    }
}

unsafe fn equal(ctx: *mut HPyContext, h: HPy, source: &std::ffi::CStr) -> bool {
    // SAFETY: as above; 2 is `HPy_EQ`.
    unsafe { ((*ctx).ctx_RichCompareBool)(ctx, h, eval(ctx, source), 2) == 1 }
}

unsafe fn raised(ctx: *mut HPyContext, kind: HPy) -> bool {
    // SAFETY: as above.
    unsafe {
        let matches = ((*ctx).ctx_Err_ExceptionMatches)(ctx, kind) == 1;
        ((*ctx).ctx_Err_Clear)(ctx);
        matches
    }
}

#[test]
fn slices() {
    // SAFETY: a context of a live VM, and handles of it, for the whole test.
    with_context(|ctx| unsafe {
        let list = eval(ctx, c"list(range(10))");
        let part = ((*ctx).ctx_GetSlice)(ctx, list, 2, 5);
        assert!(equal(ctx, part, c"[2, 3, 4]"));
        assert!(equal(ctx, ((*ctx).ctx_GetSlice)(ctx, eval(ctx, c"'abcdef'"), -3, 100), c"'def'"));
        assert_eq!(((*ctx).ctx_SetSlice)(ctx, list, 0, 8, part), 0);
        assert!(equal(ctx, list, c"[2, 3, 4, 8, 9]"));
        assert_eq!(((*ctx).ctx_DelSlice)(ctx, list, 1, 3), 0);
        assert!(equal(ctx, list, c"[2, 8, 9]"));
        assert_eq!(((*ctx).ctx_SetSlice)(ctx, list, 0, 1, HPy::NULL), 0);
        assert!(equal(ctx, list, c"[8, 9]"));
        let number = eval(ctx, c"5");
        assert!(((*ctx).ctx_GetSlice)(ctx, number, 0, 1).is_null());
        assert!(raised(ctx, (*ctx).h_TypeError));
        assert_eq!(((*ctx).ctx_SetSlice)(ctx, eval(ctx, c"()"), 0, 1, list), -1);
        assert!(raised(ctx, (*ctx).h_TypeError));
        assert_eq!(((*ctx).ctx_DelSlice)(ctx, eval(ctx, c"'text'"), 0, 1), -1);
        assert!(raised(ctx, (*ctx).h_TypeError));

        let slice = ((*ctx).ctx_Slice_New)(ctx, number, HPy::NULL, eval(ctx, c"-1"));
        assert!(equal(ctx, slice, c"slice(5, None, -1)"));
    });
}

#[test]
fn iterators() {
    // SAFETY: as above.
    with_context(|ctx| unsafe {
        let list = eval(ctx, c"['a' * 3, 'b' * 3]");
        assert_eq!(((*ctx).ctx_Iter_Check)(ctx, list), 0);
        let iterator = ((*ctx).ctx_GetIter)(ctx, list);
        assert_eq!(((*ctx).ctx_Iter_Check)(ctx, iterator), 1);
        assert!(equal(ctx, ((*ctx).ctx_Iter_Next)(ctx, iterator), c"'aaa'"));
        assert!(equal(ctx, ((*ctx).ctx_Iter_Next)(ctx, iterator), c"'bbb'"));
        assert!(((*ctx).ctx_Iter_Next)(ctx, iterator).is_null());
        assert_eq!(((*ctx).ctx_Err_Occurred)(ctx), 0);
        assert!(((*ctx).ctx_GetIter)(ctx, eval(ctx, c"5")).is_null());
        assert!(raised(ctx, (*ctx).h_TypeError));
        let failing = eval(ctx, c"(1 // n for n in [1, 0])");
        assert_eq!(((*ctx).ctx_Iter_Check)(ctx, failing), 1);
        assert!(equal(ctx, ((*ctx).ctx_Iter_Next)(ctx, failing), c"1"));
        assert!(((*ctx).ctx_Iter_Next)(ctx, failing).is_null());
        assert!(raised(ctx, (*ctx).h_ZeroDivisionError));
    });
}

#[test]
fn lists_and_dicts() {
    // SAFETY: as above.
    with_context(|ctx| unsafe {
        let list = eval(ctx, c"[1, 2]");
        let item = eval(ctx, c"'new'");
        for index in [0, -1, 100] {
            assert_eq!(((*ctx).ctx_List_Insert)(ctx, list, index, item), 0);
        }
        assert!(equal(ctx, list, c"['new', 1, 'new', 2, 'new']"));
        // A subclass's own `insert` is not asked.
        let sub = eval(ctx, c"type('L', (list,), {'insert': None})([5])");
        assert_eq!(((*ctx).ctx_List_Insert)(ctx, sub, 0, item), 0);
        assert!(equal(ctx, sub, c"['new', 5]"));
        assert_eq!(((*ctx).ctx_List_Insert)(ctx, eval(ctx, c"()"), 0, item), -1);
        assert!(raised(ctx, (*ctx).h_SystemError));

        assert!(equal(ctx, (*ctx).h_DictType, c"dict"));
        let plain = ((*ctx).ctx_Dict_New)(ctx);
        assert!(((*ctx).ctx_AsStruct_Dict)(ctx, plain).is_null());
    });
}
