//! Codecs and error handlers by name.

use super::handlers;
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::builtins::builtin_funcs::is_callable;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::stack::Global;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};

/// The functions.
pub static FUNCTIONS: &[NativeDef] = &[
    NativeDef::function("register(search_function, /)", register, "Add a search function."),
    NativeDef::function("unregister(search_function, /)", unregister, "Remove it."),
    NativeDef::function("lookup(encoding, /)", lookup_function, "The codec of that name."),
    NativeDef::function("encode(obj, encoding='utf-8', errors='strict')", encode, "Encode."),
    NativeDef::function("decode(obj, encoding='utf-8', errors='strict')", decode, "Decode."),
    NativeDef::function("_encode_text(obj, encoding, errors, /)", encode_text, "str.encode"),
    NativeDef::function("_decode_text(obj, encoding, errors, /)", decode_text, "bytes.decode"),
    NativeDef::function("_forget_codec(encoding, /)", forget, "Drop it from the cache."),
    NativeDef::function("register_error(errors, handler, /)", register_error, "Add a handler."),
    NativeDef::function("_unregister_error(errors, /)", unregister_error, "Remove it."),
    NativeDef::function("lookup_error(errors, /)", lookup_error, "The handler of that name."),
];

#[derive(Default)]
struct Registry {
    search: Vec<Global>,
    cache: Option<Global>,
    handlers: Option<Global>,
    /// Whether `encodings` has been imported.
    started: bool,
}

fn dict_of(vm: &Vm, field: impl Fn(&mut Registry) -> &mut Option<Global>) -> Local {
    let new = vm.dict().value();
    vm.with_extension(|registry: &mut Registry| {
        let global = field(registry).get_or_insert_with(|| vm.global(new));
        vm.root(vm.get_global(global))
    })
}

fn cache(vm: &Vm) -> Local {
    dict_of(vm, |registry| &mut registry.cache)
}

fn handlers_dict(vm: &Vm) -> Local {
    dict_of(vm, |registry| &mut registry.handlers)
}

fn find<'gc>(vm: &'gc Vm, dict: Local, key: &str) -> Option<Value<'gc>> {
    vm.dict_get_str(vm.get(dict).cast::<Dict>()?, vm.intern(key))
}

/// The error handler of that name; LookupError if there is none.
pub fn handler(vm: &Vm, name: &str) -> Result<Local, Raised> {
    if let Some(found) = find(vm, handlers_dict(vm), name) {
        return Ok(vm.root(found));
    }
    match handlers::builtin(name) {
        Some(def) => {
            let owner = vm.intern("_codecs").value();
            let function = vm.root(vm.builtin(def, owner, Value::UNBOUND).value());
            set(vm, handlers_dict(vm), name, function);
            Ok(function)
        }
        None => raise!(vm, LookupError, "unknown error handler name '{name}'"),
    }
}

fn set(vm: &Vm, dict: Local, key: &str, value: Local) {
    if let Some(dict) = vm.get(dict).cast::<Dict>() {
        vm.dict_set_str(dict, vm.intern(key), vm.get(value));
    }
}

fn register(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    if !is_callable(vm, args.get(vm, 0)) {
        raise!(vm, TypeError, "argument must be callable");
    }
    let search = vm.global(args.get(vm, 0));
    vm.with_extension(|registry: &mut Registry| registry.search.push(search));
    Ok(vm.ret(Value::NONE))
}

fn unregister(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let gone = args.get(vm, 0);
    let removed = vm.with_extension(|registry: &mut Registry| {
        let at = registry.search.iter().position(|g| vm.get_global(g).is(gone))?;
        Some(registry.search.remove(at))
    });
    if removed.is_some()
        && let Some(cache) = vm.get(cache(vm)).cast::<Dict>()
    {
        vm.table_clear(cache);
    }
    Ok(vm.ret(Value::NONE))
}

/// An encoding's name in lower case, with one underscore for whatever is between words.
fn normalized(encoding: &str) -> String {
    let mut name = String::new();
    let mut between = false;
    for c in encoding.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if between && !name.is_empty() {
                name.push('_');
            }
            between = false;
            name.push(c.to_ascii_lowercase());
        } else if c.is_ascii() {
            between = true;
        }
    }
    name
}

/// The CodecInfo of an encoding.
pub fn lookup(vm: &mut Vm, encoding: &str) -> Result<Local, Raised> {
    let name = normalized(encoding);
    if let Some(found) = find(vm, cache(vm), &name) {
        return Ok(vm.root(found));
    }
    let started = vm.with_extension(|r: &mut Registry| std::mem::replace(&mut r.started, true));
    if !started && let Err(raised) = vm.import_module("encodings") {
        vm.with_extension(|r: &mut Registry| r.started = false);
        return Err(raised);
    }
    let text = vm.root(vm.str(&name).value());
    let mut i = 0;
    loop {
        let search = {
            let vm = &*vm;
            vm.with_extension(|registry: &mut Registry| {
                registry.search.get(i).map(|g| vm.root(vm.get_global(g)))
            })
        };
        let Some(search) = search else { break };
        i += 1;
        let found = vm.call(search, &[text])?;
        let found = vm.hold(found);
        if vm.get(found).is_none() {
            continue;
        }
        let whole = vm.get(found).cast::<Tuple>().is_some_and(|t| t.len() == 4);
        if !whole {
            raise!(vm, TypeError, "codec search functions must return 4-tuples");
        }
        set(vm, cache(vm), &name, found);
        return Ok(found);
    }
    raise!(vm, LookupError, "unknown encoding: {encoding}")
}

fn name_arg(vm: &Vm, args: Args, i: usize, default: &str) -> Result<String, Raised> {
    match args.opt(vm, i) {
        None => Ok(default.into()),
        Some(_) => Ok(vm.text_of(args.str(vm, i)?.value())),
    }
}

fn lookup_function(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 0, "")?;
    if name.contains('\0') {
        raise!(vm, ValueError, "embedded null character");
    }
    let found = lookup(vm, &name)?;
    Ok(vm.ret(vm.get(found)))
}

fn forget(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 0, "")?;
    if let Some(cache) = vm.get(cache(vm)).cast::<Dict>() {
        vm.dict_del_str(cache, vm.intern(&normalized(&name)));
    }
    Ok(vm.none())
}

/// Calls function number `which` of a codec; the first item of what it returns.
fn run(vm: &mut Vm, args: Args, which: usize, codec: Local) -> NativeResult {
    let function = {
        let vm = &*vm;
        let codec = vm.get(codec).cast::<Tuple>().filter(|t| t.len() == 4);
        vm.root(codec.map_or(Value::NONE, |t| t.r().item(vm, which)))
    };
    let word = if which == 0 { "encoding" } else { "decoding" };
    let encoding = name_arg(vm, args, 1, "utf-8")?;
    let result = match args.opt(vm, 2) {
        Some(_) => vm.call(function, &[args.local(0), args.local(2)]),
        None => vm.call(function, &[args.local(0)]),
    };
    let result = match result {
        Ok(result) => vm.hold(result),
        Err(raised) => {
            let note = format!("{word} with '{encoding}' codec failed");
            let plain = vm.current_exception().is_some_and(|e| {
                let class = vm.class_of(e.value());
                vm.is_subclass(class, vm.class(ClassId::UnicodeError)) || class.shape.get() == 0
            });
            if !plain {
                vm.add_note(&note);
            }
            return Err(raised);
        }
    };
    let vm = &*vm;
    match vm.get(result).cast::<Tuple>().filter(|t| t.len() == 2) {
        Some(result) => Ok(vm.ret(result.r().item(vm, 0))),
        None => {
            let kind = if which == 0 { "encoder" } else { "decoder" };
            raise!(vm, TypeError, "{kind} must return a tuple (object, integer)")
        }
    }
}

fn encode(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 1, "utf-8")?;
    let codec = lookup(vm, &name)?;
    run(vm, args, 0, codec)
}

fn decode(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 1, "utf-8")?;
    let codec = lookup(vm, &name)?;
    run(vm, args, 1, codec)
}

/// The codec, which must be one between text and bytes.
fn text_codec(vm: &mut Vm, name: &str, instead: &str) -> Result<Local, Raised> {
    let codec = lookup(vm, name)?;
    if let Some(is_text) = vm.getattr_opt(codec, "_is_text_encoding")? {
        let is_text = vm.hold(is_text);
        if !vm.truth(is_text)? {
            raise!(
                vm,
                LookupError,
                "'{name}' is not a text encoding; use {instead} to handle arbitrary codecs"
            );
        }
    }
    Ok(codec)
}

fn encode_text(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 1, "utf-8")?;
    let codec = text_codec(vm, &name, "codecs.encode()")?;
    let result = run(vm, args, 0, codec)?;
    let vm = &*vm;
    let value = vm.value(result);
    if let Some(bytes) = value.cast::<ByteArray>() {
        return Ok(vm.ret(vm.bytes(&vm.bytearray_data(bytes)).value()));
    }
    if value.cast::<Bytes>().is_none() {
        let given = vm.type_name(value);
        raise!(
            vm,
            TypeError,
            "'{name}' encoder returned '{given}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
        );
    }
    Ok(vm.ret(value))
}

fn decode_text(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 1, "utf-8")?;
    let codec = text_codec(vm, &name, "codecs.decode()")?;
    let result = run(vm, args, 1, codec)?;
    let vm = &*vm;
    let value = vm.value(result);
    if value.as_str().is_none() {
        let given = vm.type_name(value);
        raise!(
            vm,
            TypeError,
            "'{name}' decoder returned '{given}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
        );
    }
    Ok(vm.ret(value))
}

fn register_error(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 0, "")?;
    if !is_callable(vm, args.get(vm, 1)) {
        raise!(vm, TypeError, "handler must be callable");
    }
    set(vm, handlers_dict(vm), &name, args.local(1));
    Ok(vm.none())
}

fn unregister_error(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 0, "")?;
    if handlers::builtin(&name).is_some() {
        raise!(vm, ValueError, "cannot un-register built-in error handler '{name}'");
    }
    let dict = vm.get(handlers_dict(vm)).cast::<Dict>();
    let removed = dict.is_some_and(|d| vm.dict_del_str(d, vm.intern(&name)));
    Ok(vm.ret(Value::from_bool(removed)))
}

fn lookup_error(vm: &mut Vm, args: Args) -> NativeResult {
    let name = name_arg(vm, args, 0, "")?;
    let found = handler(vm, &name)?;
    Ok(vm.ret(vm.get(found)))
}
