//! Exceptions: raising, asking, clearing, making new classes of them.

use crate::abi::HPy;
use crate::context::Cx;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Class, ClassFlags, Exception, Field, Gc, Tuple};
use sidewinder_interpreter::{Local, Raised};
use std::ffi::{CStr, c_char, c_int};

type Handle = Result<HPy, Raised>;

/// `HPy_FatalError`
pub fn fatal_error(_: &mut Cx<'_>, message: *const c_char) -> Result<(), Raised> {
    let text = match message.is_null() {
        true => "<message not set>".into(),
        // SAFETY: C passes a terminated string.
        false => unsafe { CStr::from_ptr(message) }.to_string_lossy(),
    };
    eprintln!("Fatal Python error: {text}");
    std::process::abort()
}

/// Raises `class(*args)`, where the class may be anything that C passes.
fn raise_with(cx: &mut Cx<'_>, class: Local, args: &[Local]) -> Raised {
    let vm = &mut *cx.vm;
    let is_exception = {
        let class = vm.get(class).as_class();
        class.is_some_and(|c| c.flags.get() & ClassFlags::EXCEPTION != 0)
    };
    if !is_exception {
        let shown = match vm.repr_text(class) {
            Ok(shown) => shown,
            Err(raised) => return raised,
        };
        return vm.raise(
            ClassId::SystemError,
            format!("_PyErr_SetObject: exception {shown} is not a BaseException subclass"),
        );
    }
    // Making an OSError may give one of its subclasses.
    let builtin = vm
        .get(class)
        .as_class()
        .is_some_and(|c| !c.def.get().is_null() && !vm.is_subclass(c, vm.class(ClassId::OSError)));
    if builtin {
        let vm = &*vm;
        let class: Gc<'_, Class> = vm.get(class).as_class().expect("checked above");
        let args: Vec<_> = args.iter().map(|a| vm.get(*a)).collect();
        let exception = vm.new_exception(class, &args);
        return vm.set_exception(exception.value());
    }
    match vm.call(class, args) {
        Ok(ret) => {
            let exception = vm.value(ret);
            if exception.cast::<Exception>().is_some() {
                vm.set_exception(exception)
            } else {
                vm.type_error("calling the exception class gave no exception")
            }
        }
        Err(raised) => raised,
    }
}

/// `HPyErr_SetString`
pub fn err_set_string(
    cx: &mut Cx<'_>,
    h_type: HPy,
    utf8_message: *const c_char,
) -> Result<(), Raised> {
    let class = cx.local(h_type);
    let message = cx.utf8(utf8_message)?;
    let message = cx.vm.root(cx.vm.str(message).value());
    Err(raise_with(cx, class, &[message]))
}

/// `HPyErr_SetObject`
pub fn err_set_object(cx: &mut Cx<'_>, h_type: HPy, h_value: HPy) -> Result<(), Raised> {
    let class = cx.local(h_type);
    if h_value.is_null() || cx.get(h_value).is_none() {
        return Err(raise_with(cx, class, &[]));
    }
    let value = cx.get(h_value);
    let fits = cx.get(h_type).as_class().is_some_and(|c| {
        value.cast::<Exception>().is_some() && cx.vm.is_subclass(cx.vm.class_of(value), c)
    });
    if fits {
        return Err(cx.vm.set_exception(value));
    }
    let args: Vec<Local> = match value.cast::<Tuple>() {
        Some(tuple) => tuple.items().iter().map(|s| cx.vm.root(s.get(cx.vm))).collect(),
        None => vec![cx.vm.root(value)],
    };
    Err(raise_with(cx, class, &args))
}

fn raise_errno(cx: &mut Cx<'_>, h_type: HPy, names: &[Local]) -> Raised {
    let error = std::io::Error::last_os_error();
    let errno = error.raw_os_error().unwrap_or(0);
    // SAFETY: strerror gives a terminated string, which is copied at once.
    let text = unsafe { CStr::from_ptr(libc::strerror(errno)) }.to_string_lossy().into_owned();
    let class = cx.local(h_type);
    let mut args = vec![cx.vm.root(cx.vm.int(errno as i64)), cx.vm.root(cx.vm.str(&text).value())];
    match names {
        [] => {}
        [one] => args.push(*one),
        [one, two, ..] => {
            let none = cx.vm.root(sidewinder_interpreter::Value::NONE);
            args.extend([*one, none, *two]);
        }
    }
    match cx.vm.call(class, &args) {
        Ok(ret) => cx.vm.set_exception(cx.vm.value(ret)),
        Err(raised) => raised,
    }
}

/// `HPyErr_SetFromErrnoWithFilename`
pub fn err_set_from_errno_with_filename(
    cx: &mut Cx<'_>,
    h_type: HPy,
    filename: *const c_char,
) -> Handle {
    if filename.is_null() {
        return Err(raise_errno(cx, h_type, &[]));
    }
    // SAFETY: C passes a terminated string.
    let text = unsafe { CStr::from_ptr(filename) }.to_string_lossy();
    let name = cx.vm.root(cx.vm.str(&text).value());
    Err(raise_errno(cx, h_type, &[name]))
}

/// `HPyErr_SetFromErrnoWithFilenameObjects`
pub fn err_set_from_errno_with_filename_objects(
    cx: &mut Cx<'_>,
    h_type: HPy,
    filename1: HPy,
    filename2: HPy,
) -> Result<(), Raised> {
    let names: Vec<Local> =
        [filename1, filename2].iter().filter(|h| !h.is_null()).map(|h| cx.local(*h)).collect();
    Err(raise_errno(cx, h_type, &names))
}

/// `HPyErr_Occurred`
pub fn err_occurred(cx: &mut Cx<'_>) -> Result<c_int, Raised> {
    Ok(cx.vm.current_exception().is_some() as c_int)
}

/// `HPyErr_ExceptionMatches`
pub fn err_exception_matches(cx: &mut Cx<'_>, exc: HPy) -> Result<c_int, Raised> {
    let vm = &*cx.vm;
    let Some(current) = vm.current_exception() else { return Ok(0) };
    let current = vm.class_of(current.value());
    let wanted = cx.get(exc);
    let matches = match (wanted.as_class(), wanted.cast::<Tuple>()) {
        (Some(class), _) => vm.is_subclass(current, class),
        (_, Some(tuple)) => tuple
            .items()
            .iter()
            .any(|s| s.get_as::<Class>(vm).is_some_and(|c| vm.is_subclass(current, c))),
        _ => false,
    };
    Ok(matches as c_int)
}

/// `HPyErr_NoMemory`
pub fn err_no_memory(cx: &mut Cx<'_>) -> Result<(), Raised> {
    Err(cx.vm.memory_error())
}

/// `HPyErr_Clear`
pub fn err_clear(cx: &mut Cx<'_>) -> Result<(), Raised> {
    if let Err(raised) = cx.vm.pending() {
        cx.vm.take_exception(raised);
    }
    Ok(())
}

/// `HPyErr_NewException`
pub fn err_new_exception(
    cx: &mut Cx<'_>,
    utf8_name: *const c_char,
    base: HPy,
    dict: HPy,
) -> Handle {
    err_new_exception_with_doc(cx, utf8_name, std::ptr::null(), base, dict)
}

/// `HPyErr_NewExceptionWithDoc`
pub fn err_new_exception_with_doc(
    cx: &mut Cx<'_>,
    utf8_name: *const c_char,
    utf8_doc: *const c_char,
    base: HPy,
    dict: HPy,
) -> Handle {
    cx.safepoint()?;
    let full = cx.utf8(utf8_name)?;
    let doc = if utf8_doc.is_null() { None } else { Some(cx.utf8(utf8_doc)?) };
    let Some((module, name)) = full.rsplit_once('.') else {
        return Err(cx
            .vm
            .raise(ClassId::SystemError, "PyErr_NewException: name must be module.class"));
    };
    let (meta, name, bases, namespace, none) = {
        let vm = &*cx.vm;
        let bases = match cx.get(base) {
            _ if base.is_null() => vm.tuple(&[vm.class(ClassId::Exception).value()]),
            base => base.cast::<Tuple>().unwrap_or_else(|| vm.tuple(&[base])),
        };
        let namespace = vm.dict();
        if !dict.is_null()
            && let Some(source) = cx.get(dict).cast::<sidewinder_interpreter::object::Dict>()
        {
            for (key, value) in vm.table_items(source.r()) {
                if let Some(key) = key.as_str() {
                    vm.dict_set_str(namespace, key, value);
                }
            }
        }
        let module_key = vm.intern("__module__");
        if vm.dict_get_str(namespace, module_key).is_none() {
            vm.dict_set_str(namespace, module_key, vm.str(module).value());
        }
        if let Some(doc) = doc {
            vm.dict_set_str(namespace, vm.intern("__doc__"), vm.str(doc).value());
        }
        (
            vm.root(vm.class(ClassId::Type).value()),
            vm.root(vm.str(name).value()),
            vm.root(bases.value()),
            vm.root(namespace.value()),
            vm.empty_root(),
        )
    };
    let ret = cx.vm.new_class(meta, name, bases, namespace, none, 0)?;
    Ok(cx.open_ret(ret))
}

/// `HPyErr_WarnEx`
pub fn err_warn_ex(
    cx: &mut Cx<'_>,
    category: HPy,
    utf8_message: *const c_char,
    stack_level: isize,
) -> Result<c_int, Raised> {
    cx.safepoint()?;
    let message = cx.utf8(utf8_message)?;
    let message = cx.vm.root(cx.vm.str(message).value());
    let category = match category.is_null() {
        true => cx.vm.root(cx.vm.class(ClassId::RuntimeWarning).value()),
        false => cx.local(category),
    };
    let level = cx.vm.root(cx.vm.int(stack_level as i64));
    let warnings = cx.vm.import_module("warnings")?;
    cx.vm.call_method(warnings, "warn", &[message, category, level]).map(|_| 0)
}

/// `HPyErr_WriteUnraisable`
pub fn err_write_unraisable(cx: &mut Cx<'_>, obj: HPy) -> Result<(), Raised> {
    if let Err(raised) = cx.vm.pending() {
        let source = if obj.is_null() {
            cx.vm.root(sidewinder_interpreter::Value::NONE)
        } else {
            cx.local(obj)
        };
        cx.vm.unraisable(raised, source);
    }
    Ok(())
}
