//! `_csv`: rows of comma separated values, read and written.

#![forbid(unsafe_code)]

mod dialect;
mod reader;
mod writer;

use crate::prelude::*;
use dialect::{DIALECT, dialect_of};
use reader::READER;
use sidewinder_interpreter::vm::stack::Global;
use writer::WRITER;

/// The module.
pub static CSV: ModuleDef = ModuleDef {
    name: "_csv",
    doc: "Comma separated values: the reader, the writer and dialects of the module csv.",
    functions: &[
        NativeDef::function(
            "reader(iterable, /, dialect=None, **options)",
            reader::reader,
            "An iterator over the rows of an iterable of lines.",
        ),
        NativeDef::function(
            "writer(file, /, dialect=None, **options)",
            writer::writer,
            "An object that writes rows to a file.",
        ),
        NativeDef::function(
            "register_dialect(name, /, dialect=None, **options)",
            register_dialect,
            "Give a dialect a name.",
        ),
        NativeDef::function(
            "unregister_dialect(name)",
            unregister_dialect,
            "Forget the dialect of that name.",
        ),
        NativeDef::function("get_dialect(name)", get_dialect, "The dialect of that name."),
        NativeDef::function("list_dialects()", list_dialects, "The names of all dialects."),
        NativeDef::function(
            "field_size_limit(new_limit=<unrepresentable>, /)",
            field_size_limit,
            "How long a field may be; with an argument: from now on.",
        ),
    ],
    types: &[&DIALECT],
    exec: Some(exec),
};

/// What the module keeps.
struct State {
    error: Option<Global>,
    /// A dict of dialects by name.
    dialects: Option<Global>,
    /// The longest field, in characters.
    limit: i64,
}

impl Default for State {
    fn default() -> State {
        State { error: None, dialects: None, limit: 128 * 1024 }
    }
}

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, value) in dialect::QUOTINGS {
        vm.module_set(module, name, Value::from_i32(value as i32));
    }
    vm.module_set(module, "__version__", vm.str("1.0").value());
    vm.module_set(module, "Reader", vm.native_class(&READER).value());
    vm.module_set(module, "Writer", vm.native_class(&WRITER).value());
    let error = new_exception(vm, "_csv", "Error", ClassId::Exception)?;
    vm.module_set(module, "Error", vm.get(error));
    let dialects = vm.global(vm.dict().value());
    vm.module_set(module, "_dialects", vm.get_global(&dialects));
    let error = vm.global(vm.get(error));
    vm.with_extension(|state: &mut State| {
        state.error = Some(error);
        state.dialects = Some(dialects);
    });
    Ok(())
}

/// Raises `_csv.Error`.
#[cold]
fn error(vm: &Vm, message: impl AsRef<str>) -> Raised {
    let class = vm.with_extension(|s: &mut State| s.error.as_ref().map(|g| vm.get_global(g)));
    match class.and_then(Value::as_class) {
        Some(class) => {
            let text = vm.str(message.as_ref()).value();
            vm.set_exception(vm.new_exception(class, &[text]).value())
        }
        None => vm.value_error(message),
    }
}

/// The dict of dialects by name.
fn dialects(vm: &Vm) -> Local {
    let dict = vm.with_extension(|s: &mut State| s.dialects.as_ref().map(|g| vm.get_global(g)));
    vm.root(dict.unwrap_or_else(|| vm.dict().value()))
}

/// The dialect of a name, in the result register; an error if there is none.
fn find_dialect(vm: &mut Vm, name: Local) -> NativeResult {
    let all = dialects(vm);
    if vm.dict_get(all, name)? {
        Ok(vm.ret(vm.result()))
    } else {
        Err(error(vm, "unknown dialect"))
    }
}

fn register_dialect(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 0).as_str().is_none() {
        return Err(vm.type_error("dialect name must be a string"));
    }
    let dialect = dialect_of(vm, args.local(1), args.local(2))?;
    let all = dialects(vm);
    vm.dict_set(all, args.local(0), dialect)?;
    Ok(vm.none())
}

fn unregister_dialect(vm: &mut Vm, args: Args) -> NativeResult {
    let all = dialects(vm);
    if vm.dict_del(all, args.local(0))? { Ok(vm.none()) } else { Err(error(vm, "unknown dialect")) }
}

fn get_dialect(vm: &mut Vm, args: Args) -> NativeResult {
    find_dialect(vm, args.local(0))
}

fn list_dialects(vm: &mut Vm, _: Args) -> NativeResult {
    let all = dialects(vm);
    vm.collect_list(all)
}

fn field_size_limit(vm: &mut Vm, args: Args) -> NativeResult {
    let old = vm.with_extension(|state: &mut State| state.limit);
    if let Some(new) = args.opt(vm, 0) {
        if !vm.has_class(new, ClassId::Int) {
            return Err(vm.type_error("limit must be an integer"));
        }
        let Some(new) = vm.as_i64(new) else {
            raise!(vm, OverflowError, "Python int too large to convert to C ssize_t");
        };
        vm.with_extension(|state: &mut State| state.limit = new);
    }
    Ok(vm.ret(vm.int(old)))
}
