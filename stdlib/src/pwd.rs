//! The module `pwd`: the users of the system.

use crate::posix::support::{int, sys};
use crate::structseq;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::ffi::{CStr, CString};

crate::open_struct_sequence! { PASSWD "pwd" "struct_passwd" "What the system knows about a user." 7:
0 "pw_name" 1 "pw_passwd" 2 "pw_uid" 3 "pw_gid" 4 "pw_gecos" 5 "pw_dir" 6 "pw_shell" }

/// The declaration.
pub static PWD: ModuleDef = ModuleDef {
    name: "pwd",
    doc: "The users of the system.",
    functions: &[
        NativeDef::function("getpwuid(uidobj, /)", getpwuid, "The user of that number."),
        NativeDef::function("getpwnam(name, /)", getpwnam, "The user of that name."),
        NativeDef::function("getpwall()", getpwall, "All users."),
    ],
    types: &[&PASSWD],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, _: Local) -> Result<(), Raised> {
    structseq::finish(vm, &PASSWD, 7);
    Ok(())
}

/// What a pointer of the system's says, until the next question.
fn entry<'gc>(vm: &'gc Vm, p: *mut libc::passwd) -> Option<Value<'gc>> {
    if p.is_null() {
        return None;
    }
    let p = sys!(*p);
    let text = |c: *mut libc::c_char| {
        if c.is_null() {
            return vm.str("").value();
        }
        crate::fs_path::decode(vm, sys!(CStr::from_ptr(c)).to_bytes()).value()
    };
    let items = [
        text(p.pw_name),
        text(p.pw_passwd),
        vm.int(p.pw_uid.into()),
        vm.int(p.pw_gid.into()),
        text(p.pw_gecos),
        text(p.pw_dir),
        text(p.pw_shell),
    ];
    Some(structseq::new(vm, &PASSWD, &items).value())
}

fn getpwuid(vm: &mut Vm, args: Args) -> NativeResult {
    let uid = int(vm, args, 0)?;
    let vm = &*vm;
    match u32::try_from(uid).ok().and_then(|uid| entry(vm, sys!(libc::getpwuid(uid)))) {
        Some(entry) => Ok(vm.ret(entry)),
        None => raise!(vm, KeyError, "getpwuid(): uid not found: {uid}"),
    }
}

fn getpwnam(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = vm.text_of(args.str(vm, 0)?.value());
    let Ok(c) = CString::new(name.clone()) else { raise!(vm, ValueError, "embedded null byte") };
    match entry(vm, sys!(libc::getpwnam(c.as_ptr()))) {
        Some(entry) => Ok(vm.ret(entry)),
        None => raise!(vm, KeyError, "getpwnam(): name not found: '{name}'"),
    }
}

fn getpwall(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let list = vm.list(&[]);
    sys!(libc::setpwent());
    while let Some(entry) = entry(vm, sys!(libc::getpwent())) {
        vm.list_push(list, entry);
    }
    sys!(libc::endpwent());
    Ok(vm.ret(list.value()))
}
