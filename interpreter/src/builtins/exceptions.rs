//! To come.
#![allow(missing_docs)]
use super::TypeDef;
use crate::object::Kind;
pub static TRACEBACK: TypeDef = TypeDef::new("traceback", Kind::Traceback);

use super::GetSetDef;
use crate::object::*;
use crate::value::Value;
use crate::vm::*;
pub const fn methods(_name: &str) -> &'static [NativeDef] {
    &[]
}
pub const fn getset(_name: &str) -> &'static [GetSetDef] {
    &[]
}
pub const fn doc(_name: &str) -> &'static str {
    ""
}
/// Fills the exception's `extra` from the constructor's arguments.
pub fn init_extra(_vm: &Vm, _e: Gc<'_, Exception>, _args: Gc<'_, Tuple>) {}
/// Sets `name` and `obj` of the AttributeError that is set.
pub fn set_attribute_error_fields(_vm: &Vm, _name: Value<'_>, _obj: Value<'_>) {}
/// Sets `name` of the NameError that is set.
pub fn set_name_error_name(_vm: &Vm, _name: Value<'_>) {}
/// Sets `name` of the ImportError that is set.
pub fn set_import_error_name(_vm: &Vm, _name: Value<'_>) {}
/// Sets the OSError (of the subclass for its errno) for a failed operation on a file.
pub fn raise_os_error(vm: &Vm, error: &std::io::Error, _file: Option<&str>) -> Raised {
    vm.raise(super::ClassId::OSError, error.to_string())
}
/// Sets a SyntaxError (or IndentationError, TabError) with its place.
pub fn raise_syntax_error(vm: &Vm, _file: &str, error: &crate::compiler::SyntaxError) -> Raised {
    vm.raise(super::ClassId::SyntaxError, &error.message)
}
/// Writes the lines that CPython prints for a SyntaxError: file, source line, carets, message.
pub fn format_syntax_error(_vm: &mut Vm, _e: Local, _out: &mut String) {}
