//! Text encodings: to come.
use crate::builtins::ClassId;
use crate::vm::{Local, NativeResult, Vm};

/// `str.encode`
pub fn encode_argument(vm: &mut Vm, _: Local, _: Option<Local>, _: Option<Local>) -> NativeResult {
    Err(vm.raise(ClassId::NotImplementedError, "not yet: encodings"))
}

/// `bytes.decode`
pub fn decode_argument(vm: &mut Vm, _: Local, _: Option<Local>, _: Option<Local>) -> NativeResult {
    Err(vm.raise(ClassId::NotImplementedError, "not yet: encodings"))
}
