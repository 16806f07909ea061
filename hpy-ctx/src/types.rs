//! Instances of types made in C, and what C asks of types.

use crate::abi::*;
use crate::call;
use crate::context::{Cx, NOTHING};
use crate::structs::{TypeRecord, allocate, data_of, record_of};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::{Builtin, Class, ClassFlags, Field, Float, Gc, Kind};
use sidewinder_interpreter::vm::Special;
use sidewinder_interpreter::vm::construct::header;
use sidewinder_interpreter::{Args, NativeResult, Raised, Value, Vm};
use std::ffi::{CString, c_char, c_int, c_void};

type Handle = Result<HPy, Raised>;

/// A new instance with a zeroed struct.
fn instantiate<'a>(
    vm: &'a Vm,
    class: Gc<'a, Class>,
    record: &TypeRecord,
) -> Result<(Value<'a>, *mut u8), Raised> {
    if class.instance_kind.get() != Kind::Foreign {
        let value = empty_of_layout(vm, class)?;
        let data = if record.size > 0 { data_of(vm, value) } else { std::ptr::null_mut() };
        return Ok((value, data));
    }
    let Some(data) = allocate(vm, record) else { return Err(vm.memory_error()) };
    let leaf = record.vtable.trace.is_none();
    let object = vm.new_foreign(class, data.as_ptr(), &raw const record.vtable, leaf);
    if class.flags.get() & ClassFlags::HAS_DEL != 0 {
        vm.heap.register_finalizer(object.header_ptr());
    }
    Ok((object.value(), data.as_ptr()))
}

/// An empty object of a class that inherits from a builtin type.
fn empty_of_layout<'a>(vm: &'a Vm, class: Gc<'a, Class>) -> Result<Value<'a>, Raised> {
    let shape = class.shape.get();
    Ok(match class.instance_kind.get() {
        Kind::List => vm.list_of_array(shape, 0, Value::UNBOUND).value(),
        Kind::Tuple => vm.tuple_of_shape(shape, 0, []).value(),
        Kind::Str => vm.str_of_shape(shape, vm.str("")).value(),
        Kind::Dict => vm.dict_of_shape(shape).value(),
        Kind::Bytes => vm.bytes_of_shape(shape, b"").value(),
        Kind::Instance => vm.new_instance(class).value(),
        Kind::Float => vm.alloc(shape, Float { header: header(), value: 0.0 }).value(),
        Kind::BigInt => vm.int_of_shape(shape, 0),
        _ => {
            let name = vm.class_name(class);
            return Err(vm.raise(
                ClassId::NotImplementedError,
                format!("HPy_New of '{name}', which inherits from a builtin type, is not done yet"),
            ));
        }
    })
}

/// `HPy_New`
pub fn new(cx: &mut Cx<'_>, h_type: HPy, data: *mut *mut c_void) -> Handle {
    cx.safepoint()?;
    if let Some(class) = cx.get(h_type).as_class()
        && class.instance_kind.get() == Kind::Class
        && record_of(class).is_some()
    {
        return new_type(cx, h_type, data);
    }
    let (value, place) = instance_of(cx, h_type, "HPy_New arg 1 must be a type")?;
    // SAFETY: C passes a place for the pointer.
    unsafe { data.write(place.cast()) };
    Ok(cx.open(value))
}

/// An instance of a metaclass: an empty class that goes by the metaclass's name.
fn new_type(cx: &mut Cx<'_>, h_meta: HPy, data: *mut *mut c_void) -> Handle {
    let meta = cx.local(h_meta);
    let (name, bases, namespace, none) = {
        let vm = &*cx.vm;
        let name = vm.get(meta).as_class().map_or(Value::NONE, |class| class.name.get(vm));
        let bases = vm.tuple(&[vm.class(ClassId::Object).value()]);
        (vm.root(name), vm.root(bases.value()), vm.root(vm.dict().value()), vm.empty_root())
    };
    let class = cx.vm.new_class(meta, name, bases, namespace, none, 0)?;
    let value = cx.vm.value(class);
    // SAFETY: C passes a place for the pointer.
    unsafe { data.write(data_of(cx.vm, value).cast()) };
    Ok(cx.open(value))
}

fn instance_of<'a>(
    cx: &'a Cx<'_>,
    h_type: HPy,
    message: &str,
) -> Result<(Value<'a>, *mut u8), Raised> {
    let vm = &*cx.vm;
    let Some(class) = cx.get(h_type).as_class() else { return Err(vm.type_error(message)) };
    let Some(record) = record_of(class) else {
        let name = vm.class_name(class);
        return Err(vm.type_error(format!("HPy_New: type '{name}' is not made by HPy")));
    };
    instantiate(vm, class, record)
}

/// `HPyType_GenericNew`
pub fn type_generic_new(
    cx: &mut Cx<'_>,
    cls: HPy,
    _args: *const HPy,
    _nargs: isize,
    _kw: HPy,
) -> Handle {
    cx.safepoint()?;
    let (value, _) = instance_of(cx, cls, "HPy_Type_GenericNew arg 1 must be a type")?;
    Ok(cx.open(value))
}

/// For `__new__` in C: the class asked for must derive from the one the function was made for.
#[inline]
pub fn check_new_class(vm: &Vm, args: Args, callee: Gc<'_, Builtin>) -> Result<(), Raised> {
    if !args.is_empty()
        && let Some(class) = args.get(vm, 0).as_class()
        && let Some(owner) = callee.owner.get_as::<Class>(vm)
        && vm.is_subclass(class, owner)
    {
        return Ok(());
    }
    Err(wrong_new_class(vm, args, callee))
}

#[cold]
fn wrong_new_class(vm: &Vm, args: Args, callee: Gc<'_, Builtin>) -> Raised {
    let owner = callee.owner.get_as::<Class>(vm);
    let name = owner.map_or("object".into(), |owner| vm.class_name(owner));
    if args.is_empty() {
        return vm.type_error(format!("{name}.__new__(): not enough arguments"));
    }
    match args.get(vm, 0).as_class() {
        None => {
            let given = vm.type_name(args.get(vm, 0));
            vm.type_error(format!("{name}.__new__(X): X is not a type object ({given})"))
        }
        Some(class) => {
            let given = vm.class_name(class);
            vm.type_error(format!("{name}.__new__({given}): {given} is not a subtype of {name}"))
        }
    }
}

/// `__new__` of types without `tp_new`: what `object.__new__` does, with a struct.
pub fn default_new(vm: &mut Vm, args: Args) -> NativeResult {
    vm.safepoint()?;
    let vm = &*vm;
    let (_, callee) = call::record(vm, args);
    check_new_class(vm, args, callee)?;
    let class = args.get(vm, 0).as_class().expect("checked");
    if args.len() > 1 {
        let object_init = vm.special(vm.class(ClassId::Object), Special::Init);
        let init = vm.special(class, Special::Init);
        let plain = match (init, object_init) {
            (Some(init), Some(plain)) => init.is(plain),
            (init, _) => init.is_none(),
        };
        if plain {
            let name = vm.class_name(class);
            return Err(vm.type_error(format!("{name}() takes no arguments")));
        }
    }
    let record = record_of(class).expect("derives from a type made in C");
    let (value, _) = instantiate(vm, class, record)?;
    Ok(vm.ret(value))
}

macro_rules! as_struct {
    ($($name:ident)*) => { $(
        /// The C struct of an object.
        #[inline(always)]
        pub fn $name(cx: &mut Cx<'_>, h: HPy) -> Result<*mut c_void, Raised> {
            Ok(data_of(cx.vm, cx.get(h)).cast())
        }
    )* };
}

as_struct! {
    as_struct_object as_struct_type as_struct_long as_struct_float as_struct_unicode
    as_struct_tuple as_struct_list as_struct_dict
}

/// `HPy_AsStructLegacy`
pub fn as_struct_legacy(cx: &mut Cx<'_>, _: HPy) -> Result<*mut c_void, Raised> {
    let _ = cx.vm.type_error("legacy types exist only on CPython");
    Ok(NOTHING)
}

/// The shape that the type of an object was made with.
pub fn shape_of_instance(vm: &Vm, value: Value<'_>) -> c_int {
    record_of(vm.class_of(value)).map_or(shape::LEGACY, |r| r.shape)
}

/// `HPyType_GetBuiltinShape`
pub fn type_get_builtin_shape(cx: &mut Cx<'_>, h_type: HPy) -> Result<c_int, Raised> {
    match cx.get(h_type).as_class() {
        Some(class) => Ok(record_of(class).map_or(shape::LEGACY, |r| r.shape)),
        None => {
            let _ = cx.vm.type_error("arg must be a type");
            Ok(-2)
        }
    }
}

/// `HPyType_GetName`
pub fn type_get_name(cx: &mut Cx<'_>, cls: HPy) -> Result<*const c_char, Raised> {
    let value = cx.get(cls);
    let Some(class) = value.as_class() else {
        return Err(cx.vm.type_error("HPyType_GetName argument must be a type"));
    };
    let text = CString::new(cx.vm.class_name(class)).unwrap_or_default();
    let place = match cx.vm.attached::<CString>(value) {
        // SAFETY: attached data stays while the class lives. A class renamed since keeps both.
        Some(old) if unsafe { old.as_ref() } == &text => Some(old),
        _ => cx.vm.attach(value, text),
    };
    // SAFETY: as above.
    Ok(place.map_or(std::ptr::null(), |name| unsafe { name.as_ref() }.as_ptr()))
}

/// The object's own call function, if it has one.
pub fn call_function(vm: &Vm, this: Value<'_>) -> Option<KeywordsFunc> {
    let record = record_of(vm.class_of(this))?;
    let offset = record.call_offset?;
    let data = data_of(vm, this);
    if data.is_null() {
        return None;
    }
    // SAFETY: the struct has the pointer there.
    unsafe { data.add(offset).cast::<Option<KeywordsFunc>>().read() }
}

/// `HPy_SetCallFunction`
pub fn set_call_function(
    cx: &mut Cx<'_>,
    h: HPy,
    func: *mut HPyCallFunction,
) -> Result<c_int, Raised> {
    let value = cx.get(h);
    let record = record_of(cx.vm.class_of(value));
    let Some(offset) = record.and_then(|r| r.call_offset) else {
        let name = cx.vm.type_name(value);
        return Err(cx
            .vm
            .type_error(format!("type '{name} does not implement the HPy call protocol")));
    };
    // SAFETY: the struct has room for the pointer there; C passes a call function.
    unsafe {
        let imp = func.as_ref().and_then(|f| f.imp);
        data_of(cx.vm, value).add(offset).cast::<Option<KeywordsFunc>>().write(imp);
    }
    Ok(0)
}
