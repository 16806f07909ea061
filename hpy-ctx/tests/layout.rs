//! `HPyContext` is laid out as HPy's headers say.
//!
//! A C program compiled against the headers of the PyPI package prints where each member is. The
//! headers are those that `tests/hpy/build.py` unpacks, or those in the directory that `HPY_INCLUDE`
//! names; without them, or without a C compiler, the test says so and passes.

use sidewinder_hpy_ctx::abi;
use sidewinder_hpy_ctx::table::HPyContext;
use std::fmt::Write;
use std::mem::{offset_of, size_of};
use std::path::PathBuf;
use std::process::Command;

fn headers() -> Option<PathBuf> {
    let given = std::env::var_os("HPY_INCLUDE").map(PathBuf::from);
    let built =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/hpy/src/hpy/devel/include");
    given.into_iter().chain([built]).find(|dir| dir.join("hpy.h").is_file())
}

/// What C says of each expression.
fn ask_c(expressions: &[String]) -> Option<Vec<usize>> {
    let Some(include) = headers() else {
        eprintln!("skipped: no HPy headers (run tests/hpy/build.py, or set HPY_INCLUDE)");
        return None;
    };
    let mut program = String::from(
        "#include \"hpy.h\"\n#include <stddef.h>\n#include <stdio.h>\n\
         HPyContext *_ctx_for_trampolines;\nint main(void) {\n",
    );
    for e in expressions {
        writeln!(program, "printf(\"%zu\\n\", (size_t)({e}));").expect("into a String");
    }
    program.push_str("return 0; }\n");
    let mut name = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(&program, &mut name);
    let name = format!("hpy-layout-{}-{:x}", std::process::id(), std::hash::Hasher::finish(&name));
    let base = std::env::temp_dir().join(name);
    let source = base.with_extension("c");
    std::fs::write(&source, program).expect("a temporary file can be written");
    let compiled = Command::new("cc")
        .args(["-DHPY_ABI_UNIVERSAL", "-w", "-I"])
        .arg(include)
        .arg("-o")
        .arg(&base)
        .arg(&source)
        .status();
    match compiled {
        Err(error) => {
            eprintln!("skipped: no C compiler ({error})");
            return None;
        }
        Ok(status) => assert!(status.success(), "the C program does not compile: {source:?}"),
    }
    let output = Command::new(&base).output().expect("the C program runs");
    let _ = std::fs::remove_file(source);
    let _ = std::fs::remove_file(base);
    let text = String::from_utf8(output.stdout).expect("digits");
    Some(text.lines().map(|line| line.parse().expect("a number")).collect())
}

#[test]
fn context() {
    // The headers are those of 0.9.0; what comes behind was appended later.
    let all = HPyContext::LAYOUT;
    let end = all.iter().position(|(name, _)| *name == "h_DictType").expect("appended");
    let ours = &all[..end];
    let mut asked: Vec<String> =
        ours.iter().map(|(name, _)| format!("offsetof(HPyContext, {name})")).collect();
    asked.push("sizeof(HPyContext)".into());
    let Some(theirs) = ask_c(&asked) else { return };
    for ((name, offset), c) in ours.iter().zip(&theirs) {
        assert_eq!(offset, c, "{name}");
    }
    // Every pointer-sized place is named: nothing is missing.
    assert_eq!(theirs.last(), Some(&all[end].1));
    assert_eq!(all.len(), size_of::<HPyContext>() / size_of::<usize>());
    let appended: Vec<&str> = all[end..].iter().map(|(name, _)| *name).collect();
    let expected = "h_DictType ctx_AsStruct_Dict ctx_List_Insert ctx_GetSlice ctx_SetSlice \
                    ctx_DelSlice ctx_GetIter ctx_Iter_Next ctx_Iter_Check ctx_Slice_New";
    assert_eq!(appended.join(" "), expected);
}

#[test]
fn definitions() {
    let ours = [
        ("sizeof(HPyDef)", size_of::<abi::HPyDef>()),
        ("offsetof(HPyDef, slot)", offset_of!(abi::HPyDef, u)),
        ("sizeof(HPySlot)", size_of::<abi::HPySlot>()),
        ("sizeof(HPyMeth)", size_of::<abi::HPyMeth>()),
        ("offsetof(HPyMeth, doc)", offset_of!(abi::HPyMeth, doc)),
        ("sizeof(HPyMember)", size_of::<abi::HPyMember>()),
        ("offsetof(HPyMember, doc)", offset_of!(abi::HPyMember, doc)),
        ("sizeof(HPyGetSet)", size_of::<abi::HPyGetSet>()),
        ("offsetof(HPyGetSet, closure)", offset_of!(abi::HPyGetSet, closure)),
        ("sizeof(HPyModuleDef)", size_of::<abi::HPyModuleDef>()),
        ("offsetof(HPyModuleDef, globals)", offset_of!(abi::HPyModuleDef, globals)),
        ("sizeof(HPyType_Spec)", size_of::<abi::HPyType_Spec>()),
        ("offsetof(HPyType_Spec, builtin_shape)", offset_of!(abi::HPyType_Spec, builtin_shape)),
        ("offsetof(HPyType_Spec, doc)", offset_of!(abi::HPyType_Spec, doc)),
        ("sizeof(HPyType_SpecParam)", size_of::<abi::HPyType_SpecParam>()),
        ("sizeof(HPyCapsule_Destructor)", size_of::<abi::HPyCapsule_Destructor>()),
        ("sizeof(HPyCallFunction)", size_of::<abi::HPyCallFunction>()),
        ("sizeof(wchar_t)", size_of::<abi::wchar_t>()),
        ("HPy_tp_new", sidewinder_hpy_ctx::slots::TP_NEW as usize),
        ("HPy_tp_traverse", sidewinder_hpy_ctx::slots::TP_TRAVERSE as usize),
        ("HPy_tp_destroy", sidewinder_hpy_ctx::slots::TP_DESTROY as usize),
        ("HPy_mod_exec", sidewinder_hpy_ctx::slots::MOD_EXEC as usize),
        ("HPyFunc_NOARGS", abi::signature::NOARGS as usize),
        ("HPyFunc_VARARGS", abi::signature::VARARGS as usize),
    ];
    let asked: Vec<String> = ours.iter().map(|(e, _)| e.to_string()).collect();
    let Some(theirs) = ask_c(&asked) else { return };
    for ((expression, value), c) in ours.iter().zip(&theirs) {
        assert_eq!(value, c, "{expression}");
    }
}
