//! Values of Rust's and Python's.

use sidewinder_interpreter::object::List;
use sidewinder_interpreter::{Local, NativeResult, Raised, Value, Vm};

/// What can be made from a Python value. TypeError (or OverflowError) when it cannot.
pub trait FromPython: Sized {
    /// The conversion.
    fn from_python(vm: &mut Vm, value: Local) -> Result<Self, Raised>;
}

/// What can become a Python value.
pub trait ToPython {
    /// The conversion; the value is in the result register.
    fn to_python(&self, vm: &mut Vm) -> NativeResult;
}

fn unexpected(vm: &Vm, value: Local, wanted: &str) -> Raised {
    let given = vm.type_name(vm.get(value));
    vm.type_error(format!("expected {wanted}, got {given}"))
}

impl FromPython for () {
    fn from_python(_: &mut Vm, _: Local) -> Result<(), Raised> {
        Ok(())
    }
}

impl FromPython for i64 {
    fn from_python(vm: &mut Vm, value: Local) -> Result<i64, Raised> {
        vm.index_i64(value)
    }
}

impl FromPython for f64 {
    fn from_python(vm: &mut Vm, value: Local) -> Result<f64, Raised> {
        vm.float_of(value)
    }
}

impl FromPython for bool {
    fn from_python(vm: &mut Vm, value: Local) -> Result<bool, Raised> {
        match vm.get(value) {
            v if v.is_bool() => Ok(v.is(Value::TRUE)),
            _ => Err(unexpected(vm, value, "bool")),
        }
    }
}

impl FromPython for String {
    fn from_python(vm: &mut Vm, value: Local) -> Result<String, Raised> {
        match vm.get(value).as_str() {
            Some(text) => Ok(vm.str_text(text).into_owned()),
            None => Err(unexpected(vm, value, "str")),
        }
    }
}

impl<T: FromPython> FromPython for Option<T> {
    fn from_python(vm: &mut Vm, value: Local) -> Result<Option<T>, Raised> {
        if vm.get(value).is_none() { Ok(None) } else { T::from_python(vm, value).map(Some) }
    }
}

impl<T: FromPython> FromPython for Vec<T> {
    fn from_python(vm: &mut Vm, value: Local) -> Result<Vec<T>, Raised> {
        let mut items = Vec::new();
        vm.iterate(value, |vm, item| {
            items.push(T::from_python(vm, item)?);
            Ok(())
        })?;
        Ok(items)
    }
}

macro_rules! to_python {
    ($($type:ty: |$vm:ident, $value:ident| $make:expr;)*) => {$(
        impl ToPython for $type {
            fn to_python(&self, $vm: &mut Vm) -> NativeResult {
                let $vm = &*$vm;
                let $value = self;
                Ok($vm.ret($make))
            }
        }
    )*};
}

to_python! {
    (): |vm, _value| Value::NONE;
    bool: |vm, value| Value::from_bool(*value);
    i32: |vm, value| Value::from_i32(*value);
    i64: |vm, value| vm.int(*value);
    usize: |vm, value| vm.int_usize(*value);
    f64: |vm, value| vm.float(*value);
    str: |vm, value| vm.str(value).value();
    String: |vm, value| vm.str(value).value();
}

impl<T: ToPython + ?Sized> ToPython for &T {
    fn to_python(&self, vm: &mut Vm) -> NativeResult {
        (**self).to_python(vm)
    }
}

impl<T: ToPython> ToPython for Option<T> {
    fn to_python(&self, vm: &mut Vm) -> NativeResult {
        match self {
            Some(value) => value.to_python(vm),
            None => Ok(vm.none()),
        }
    }
}

impl<T: ToPython> ToPython for [T] {
    fn to_python(&self, vm: &mut Vm) -> NativeResult {
        let list = vm.root(vm.list(&[]).value());
        for item in self {
            let item = item.to_python(vm)?;
            let item = vm.value(item);
            if let Some(list) = vm.get(list).cast::<List>() {
                vm.list_push(list, item);
            }
        }
        Ok(vm.ret(vm.get(list)))
    }
}

impl<T: ToPython> ToPython for Vec<T> {
    fn to_python(&self, vm: &mut Vm) -> NativeResult {
        self.as_slice().to_python(vm)
    }
}
