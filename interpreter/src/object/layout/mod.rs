//! The fields of every layout.
//!
//! All structs are `repr(C)` and start with the header. Fields that the program changes are cells;
//! fields of type [`Slot`] hold values and are seen by the collector. Objects of variable size end
//! with their items, reached by methods.

use super::{Field, Gc, Header, Kind, Layout, Slot};
use crate::builtins::TypeDef;
use crate::value::Value;
use crate::vm::Vm;
use crate::vm::code::CodeData;
use crate::vm::native::NativeDef;
use std::cell::Cell;

mod classes;
mod containers;
mod data;
mod functions;

pub use classes::*;
pub use containers::*;
pub use data::*;
pub use functions::*;

macro_rules! layouts {
    ($($ty:ident)*) => { $(
        // SAFETY: repr(C), starts with a header, and the only layout of this kind.
        unsafe impl Layout for $ty {
            const KIND: Kind = Kind::$ty;
        }
    )* };
}

layouts! {
    Float BigInt Complex Str Bytes ByteArray Tuple List Array Buffer Dict Table Set Range Slice
    Function Builtin BoundMethod Code Cell_ Class Instance Module Generator Exception Traceback
    Property ClassMethod StaticMethod Super WeakRef GetSet Member
}

/// The layout named `Cell` would hide `std::cell::Cell`.
#[allow(non_upper_case_globals)]
impl Kind {
    const Cell_: Kind = Kind::Cell;
}

impl<'gc> Value<'gc> {
    /// As a str.
    #[inline(always)]
    pub fn as_str(self) -> Option<Gc<'gc, Str>> {
        self.cast()
    }
    /// As a class.
    #[inline(always)]
    pub fn as_class(self) -> Option<Gc<'gc, Class>> {
        self.cast()
    }
}
