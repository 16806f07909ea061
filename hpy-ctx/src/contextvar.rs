//! Context variables.

use crate::abi::HPy;
use crate::context::Cx;
use sidewinder_interpreter::builtins::contextvars::ContextVar;
use sidewinder_interpreter::{Local, Raised, Value};
use std::ffi::c_char;

/// `HPyContextVar_New`
pub fn context_var_new(
    cx: &mut Cx<'_>,
    name: *const c_char,
    default_value: HPy,
) -> Result<HPy, Raised> {
    cx.safepoint()?;
    let name = cx.vm.str(cx.utf8(name)?);
    let default = if default_value.is_null() { Value::UNBOUND } else { cx.get(default_value) };
    Ok(cx.open(cx.vm.new_context_var(name, default).value()))
}

fn variable(cx: &Cx<'_>, h: HPy) -> Result<Local, Raised> {
    match cx.get(h).payload::<ContextVar>() {
        Some(_) => Ok(cx.local(h)),
        None => Err(cx.vm.type_error("an instance of ContextVar was expected")),
    }
}

/// `HPyContextVar_Get`
pub fn context_var_get(
    cx: &mut Cx<'_>,
    context_var: HPy,
    default_value: HPy,
    result: *mut HPy,
) -> Result<i32, Raised> {
    let var = variable(cx, context_var)?;
    let found = match cx.vm.context_var_get(var, !default_value.is_null())? {
        true => cx.open(cx.vm.result()),
        false if default_value.is_null() => HPy::NULL,
        false => cx.open(cx.get(default_value)),
    };
    // SAFETY: C passes a place for a handle.
    unsafe { result.write(found) };
    Ok(0)
}

/// `HPyContextVar_Set`
pub fn context_var_set(cx: &mut Cx<'_>, context_var: HPy, value: HPy) -> Result<HPy, Raised> {
    cx.safepoint()?;
    let (var, value) = (variable(cx, context_var)?, cx.local(value));
    let ret = cx.vm.context_var_set(var, value)?;
    Ok(cx.open_ret(ret))
}
