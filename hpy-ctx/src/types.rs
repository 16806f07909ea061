//! Types made in C, and the C structs behind their instances.
//!
//! An instance of such a type is a [`Foreign`] object: a small moving object that points to the
//! struct, which lies outside the heap and stays where it is. Types that inherit from a builtin
//! type with a layout of its own (str, list, ...) have their structs attached to the object.

use crate::abi::*;
use crate::context::{Cx, NOTHING, State};
use crate::mode::Mode;
use crate::{call, members, slots};
use sidewinder_interpreter::builtins::ClassId;
use sidewinder_interpreter::object::native::{Foreign, ForeignVTable};
use sidewinder_interpreter::object::{
    Builtin, Class, ClassFlags, Dict, Field, Float, Gc, Kind, Tracer, Tuple,
};
use sidewinder_interpreter::vm::construct::header;
use sidewinder_interpreter::vm::{Binding, Passing, Special};
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::NonNull;

type Handle = Result<HPy, Raised>;

/// What is known of a type made in C. Its address is in [`Class::foreign`], also of subclasses.
pub struct TypeRecord {
    /// How the collector treats the structs.
    pub vtable: ForeignVTable,
    state: *const State,
    /// Size of the struct, with the hidden call function.
    size: usize,
    /// The nearest base made in C, or null.
    base: *const TypeRecord,
    traverse: Option<TraverseProc>,
    destroy: Option<DestroyFunc>,
    release_buffer: Option<ReleaseBuffer>,
    /// Fields of declared members, for types without `tp_traverse`.
    fields: Vec<usize>,
    shape: c_int,
    /// Where the struct has the object's own call function, for types with `tp_call`.
    call_offset: Option<usize>,
}

impl TypeRecord {
    /// This record and those of its bases.
    fn chain(&self) -> impl Iterator<Item = &TypeRecord> {
        // SAFETY: records live as long as the VM.
        std::iter::successors(Some(self), |r| unsafe { r.base.as_ref() })
    }

    /// What to call when the memory of an instance is given back.
    pub fn release_buffer(&self) -> Option<ReleaseBuffer> {
        self.chain().find_map(|r| r.release_buffer)
    }

    /// Whether instances have a C struct, or something that runs when they die.
    fn has_struct(&self) -> bool {
        self.size > 0 || self.chain().any(|r| r.traverse.is_some() || r.destroy.is_some())
    }

    fn is_traversed(&self) -> bool {
        self.chain().any(|r| r.traverse.is_some() || !r.fields.is_empty())
    }

    /// Shows the collector the fields of a struct.
    ///
    /// # Safety
    /// `data` is a struct of this type.
    unsafe fn trace(&self, data: *mut u8, tracer: &mut Tracer<'_>) {
        unsafe extern "C" fn visit(field: *mut HPyField, tracer: *mut c_void) -> c_int {
            // SAFETY: `tracer` is the one below; C passes a field of the struct.
            unsafe { (*tracer.cast::<Tracer<'_>>()).word(field.cast()) };
            0
        }
        for record in self.chain() {
            if let Some(traverse) = record.traverse {
                let tracer = std::ptr::from_mut(tracer).cast();
                // SAFETY: the function is made for such structs and only visits.
                unsafe { traverse(data.cast(), visit, tracer) };
            }
            for offset in &record.fields {
                // SAFETY: a field of the struct.
                tracer.word(unsafe { data.add(*offset) }.cast());
            }
        }
    }

    /// The object died.
    ///
    /// # Safety
    /// `data` is a struct of this type, not used again.
    unsafe fn destroy(&self, data: *mut u8) {
        for record in self.chain() {
            if let Some(destroy) = record.destroy {
                // SAFETY: the function is made for such structs.
                unsafe { destroy(data.cast()) };
            }
        }
        // SAFETY: allocated from the pool with this size; the state lives as long as the heap.
        unsafe {
            let state = &*self.state;
            state.pool.free(data, self.size);
            state.unaccounted.set(state.unaccounted.get() - self.size as isize);
        }
    }
}

unsafe fn trace_foreign(this: &ForeignVTable, data: *mut u8, tracer: &mut Tracer<'_>) {
    // SAFETY: the table's context is its record.
    unsafe { (*this.context.cast::<TypeRecord>()).trace(data, tracer) }
}

unsafe fn drop_foreign(this: &ForeignVTable, data: *mut u8) {
    // SAFETY: as above.
    unsafe { (*this.context.cast::<TypeRecord>()).destroy(data) }
}

/// A struct attached to an object of builtin layout.
struct Attached {
    data: *mut u8,
    record: *const TypeRecord,
}

impl Drop for Attached {
    fn drop(&mut self) {
        // SAFETY: the record lives as long as the VM; the struct belongs to this.
        unsafe {
            let record = &*self.record;
            record.destroy(self.data);
        }
    }
}

/// The record of a class, or of the class in C that it derives from.
pub fn record_of<'a>(class: Gc<'_, Class>) -> Option<&'a TypeRecord> {
    // SAFETY: classes get such addresses only in `type_from_spec`; records live as long as the VM.
    unsafe { class.foreign.get().cast::<TypeRecord>().as_ref() }
}

/// Whether the collector gets to see the fields in an object's struct.
pub fn is_traversed(vm: &Vm, value: Value<'_>) -> bool {
    record_of(vm.class_of(value)).is_some_and(TypeRecord::is_traversed)
}

/// The C struct of an object; null when it has none.
#[inline(always)]
pub fn data_of(vm: &Vm, value: Value<'_>) -> *mut u8 {
    match value.cast::<Foreign>() {
        Some(foreign) => foreign.data.get(),
        None => attached_data(vm, value),
    }
}

#[cold]
fn attached_data(vm: &Vm, value: Value<'_>) -> *mut u8 {
    if let Some(found) = vm.attached::<Attached>(value) {
        // SAFETY: attached data stays while the object lives.
        return unsafe { found.as_ref() }.data;
    }
    let Some(record) = record_of(vm.class_of(value)) else { return std::ptr::null_mut() };
    let Some(data) = allocate(vm, record) else { return std::ptr::null_mut() };
    let place = vm.attach(value, Attached { data: data.as_ptr(), record });
    if place.is_none() {
        return std::ptr::null_mut();
    }
    if record.is_traversed() {
        let (data, record) = (data.as_ptr(), std::ptr::from_ref(record));
        // SAFETY: the struct lives as long as the object; its `tp_traverse` visits its fields.
        unsafe { vm.attach_traced(value, Box::new(move |tracer| (*record).trace(data, tracer))) };
    }
    data.as_ptr()
}

/// Bytes of structs after which the collector is told about them.
const ACCOUNT_EVERY: isize = 16 << 10;

/// A zeroed struct.
fn allocate(vm: &Vm, record: &TypeRecord) -> Option<NonNull<u8>> {
    // SAFETY: the state lives as long as the VM.
    let state = unsafe { &*record.state };
    let data = state.pool.alloc(record.size)?;
    let unaccounted = state.unaccounted.get() + record.size as isize;
    state.unaccounted.set(unaccounted);
    if unaccounted >= ACCOUNT_EVERY {
        vm.heap.account_outside(state.unaccounted.take());
    }
    Some(data)
}

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
fn default_new(vm: &mut Vm, args: Args) -> NativeResult {
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

/// The parameters of a specification: bases and metaclass.
struct Params {
    bases: Local,
    meta: Local,
}

/// Reads the parameters.
///
/// # Safety
/// `params` is null or an array that ends with kind 0.
unsafe fn parameters(
    cx: &Cx<'_>,
    params: *const HPyType_SpecParam,
    name: &str,
) -> Result<Params, Raised> {
    let vm = &*cx.vm;
    let (mut bases, mut tuple, mut meta) = (Vec::new(), None, None);
    let mut at = params;
    // SAFETY: the caller's promise.
    while let Some(param) = unsafe { at.as_ref() }.filter(|p| p.kind != 0) {
        let value = cx.get(param.object);
        match param.kind {
            1 => bases.push(value),
            2 => tuple = value.cast::<Tuple>(),
            3 => match (value.as_class(), meta) {
                (_, Some(_)) => {
                    return Err(vm.value_error("metaclass was specified multiple times"));
                }
                (None, _) => {
                    let given = vm.type_name(value);
                    return Err(
                        vm.type_error(format!("Metaclass '{given}' is not a subclass of 'type'."))
                    );
                }
                (Some(class), None) => meta = Some(class),
            },
            kind => {
                return Err(vm.type_error(format!(
                    "ABI mismatch, spec for type '{name}': unknown HPyType_SpecParam kind {kind}"
                )));
            }
        }
        // SAFETY: the array has a last element of kind 0, and this was not it.
        at = unsafe { at.add(1) };
    }
    if tuple.is_some() && !bases.is_empty() {
        return Err(vm.type_error("multiple specifications of HPyType_SpecParam_BasesTuple"));
    }
    let bases = match tuple {
        Some(tuple) => tuple,
        None if bases.is_empty() => vm.tuple(&[vm.class(ClassId::Object).value()]),
        None => vm.tuple(&bases),
    };
    let mut best = meta.unwrap_or_else(|| vm.class(ClassId::Type));
    for base in bases.items() {
        let base_meta = vm.class_of(base.get(vm));
        if vm.is_subclass(base_meta, best) {
            best = base_meta;
        } else if !vm.is_subclass(best, base_meta) && base.get(vm).as_class().is_some() {
            return Err(vm.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) \
                 subclass of the metaclasses of all its bases",
            ));
        }
    }
    Ok(Params { bases: vm.root(bases.value()), meta: vm.root(best.value()) })
}

fn check_spec(cx: &Cx<'_>, spec: &HPyType_Spec, defs: &[Def]) -> Result<(), Raised> {
    let vm = &*cx.vm;
    if spec.builtin_shape == shape::LEGACY || !spec.legacy_slots.is_null() {
        return Err(vm.type_error("legacy types exist only on CPython"));
    }
    if !(shape::OBJECT..=shape::DICT).contains(&spec.builtin_shape) {
        return Err(vm.value_error(format!("invalid shape: {}", spec.builtin_shape)));
    }
    let has_slot = |n: c_int| defs.iter().any(|d| matches!(d, Def::Slot(s) if s.slot == n));
    if spec.flags & type_flags::HAVE_GC != 0 && !has_slot(slots::TP_TRAVERSE) {
        return Err(vm.value_error(
            "You must provide an HPy_tp_traverse slot if you specify HPy_TPFLAGS_HAVE_GC",
        ));
    }
    if spec.basicsize == 0 && defs.iter().any(|d| matches!(d, Def::Member(_))) {
        return Err(vm.type_error("Type claims to have basicsize==0 but defines members"));
    }
    let has_offset = defs.iter().any(|d| members::call_function_offset(d).is_some());
    if has_offset && has_slot(slots::TP_CALL) {
        return Err(vm.type_error(
            "Cannot have HPy_tp_call and explicit member'__vectorcalloffset__'. Specify just one \
             of them.",
        ));
    }
    if spec.itemsize != 0 && has_slot(slots::TP_CALL) {
        return Err(vm.type_error("Cannot use HPy call protocol with var objects"));
    }
    for def in defs {
        match def {
            Def::Slot(slot) if slots::entries(slot.slot).is_none() => {
                return Err(vm.raise(
                    ClassId::SystemError,
                    format!("Unsupported slot in HPyType_Spec.defines (value: {})", slot.slot),
                ));
            }
            Def::Meth(meth) if call::method_function(meth, true).is_none() => {
                return Err(call::unsupported_signature(vm));
            }
            Def::Unknown(kind) => {
                return Err(vm.raise(
                    ClassId::SystemError,
                    format!("Unsupported definition in HPyType_Spec.defines (kind: {kind})"),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes the record of a type.
fn make_record(
    state: &State,
    spec: &HPyType_Spec,
    defs: &[Def],
    base: Option<&TypeRecord>,
) -> &'static TypeRecord {
    let slot = |n: c_int| {
        defs.iter().find_map(|d| match d {
            Def::Slot(s) if s.slot == n && !s.imp.is_null() => Some(s.imp),
            _ => None,
        })
    };
    // SAFETY: the slots' functions have these signatures.
    let (traverse, destroy, release_buffer) = unsafe {
        (
            slot(slots::TP_TRAVERSE).map(|f| std::mem::transmute::<CFunction, TraverseProc>(f)),
            slot(slots::TP_DESTROY).map(|f| std::mem::transmute::<CFunction, DestroyFunc>(f)),
            slot(slots::BF_RELEASEBUFFER)
                .map(|f| std::mem::transmute::<CFunction, ReleaseBuffer>(f)),
        )
    };
    let mut size = (spec.basicsize.max(0) as usize).max(base.map_or(0, |b| b.size));
    let mut call_offset = base.and_then(|b| b.call_offset);
    if let Some(at) = defs.iter().find_map(members::call_function_offset) {
        call_offset = Some(at);
    } else if slot(slots::TP_CALL).is_some() || call_offset.is_some() {
        // Behind the struct, which may have grown past where a base had it.
        let at = match call_offset {
            Some(at) if at >= spec.basicsize.max(0) as usize => at,
            _ => (size + 7) & !7,
        };
        call_offset = Some(at);
        size = size.max(at + 8);
    }
    let fields = match traverse.is_some() || base.is_some_and(|b| b.is_traversed()) {
        true => Vec::new(),
        false => defs.iter().filter_map(members::field_offset).collect(),
    };
    let record = state.keep(TypeRecord {
        vtable: ForeignVTable {
            trace: Some(trace_foreign),
            drop: drop_foreign,
            context: std::ptr::null_mut(),
        },
        state,
        size,
        base: base.map_or(std::ptr::null(), std::ptr::from_ref),
        traverse,
        destroy,
        release_buffer,
        fields,
        shape: spec.builtin_shape,
        call_offset,
    });
    if !record.is_traversed() {
        record.vtable.trace = None;
    }
    record.vtable.context = std::ptr::from_mut(record).cast();
    record
}

/// `HPyType_FromSpec`
pub fn type_from_spec(
    cx: &mut Cx<'_>,
    spec: *mut HPyType_Spec,
    params: *mut HPyType_SpecParam,
) -> Handle {
    cx.safepoint()?;
    // SAFETY: C passes a specification that lives for the call, with its arrays.
    let (spec, defs) = unsafe { (&*spec, definitions((*spec).defines)) };
    let full_name = cx.utf8(spec.name)?;
    check_spec(cx, spec, &defs)?;
    // SAFETY: as above.
    let params = unsafe { parameters(cx, params, full_name) }?;
    let (module, name) = match full_name.rsplit_once('.') {
        Some((module, name)) => (Some(module), name),
        None => (None, full_name),
    };
    let (name_root, namespace, none) = {
        let vm = &*cx.vm;
        let namespace = vm.dict();
        let set = |key: &str, value: Value<'_>| {
            vm.dict_set_str(namespace, vm.intern(key), value);
        };
        set("__module__", vm.str(module.unwrap_or("builtins")).value());
        let (sig, doc) = call::signature_and_doc(name, spec.doc);
        set("__doc__", if spec.doc.is_null() { Value::NONE } else { vm.str(&doc).value() });
        if let Some(open) = sig.find('(') {
            set("__text_signature__", vm.str(&sig[open..]).value());
        }
        // Instances have no dict.
        set("__slots__", vm.tuple(&[]).value());
        (vm.root(vm.str(name).value()), vm.root(namespace.value()), vm.empty_root())
    };
    let ret = cx.vm.new_class(params.meta, name_root, params.bases, namespace, none, 0)?;
    let state = cx.state;
    let vm = &*cx.vm;
    let class = vm.value(ret).as_class().expect("a new class");
    let base = class.base.get_as::<Class>(vm);
    let base_record = base.and_then(record_of);
    let record = make_record(state, spec, &defs, base_record);
    vm.make_foreign(class, std::ptr::from_ref(record).cast(), record.has_struct())?;
    if spec.flags & type_flags::BASETYPE == 0 {
        class.flags.set(class.flags.get() & !ClassFlags::BASE);
    }
    let dict: Gc<'_, Dict> = class.dict.get_as(vm).expect("a class has a dict");
    vm.dict_del_str(dict, vm.intern("__slots__"));
    fill(cx, class, dict, &defs)?;
    let has_new = vm.dict_get_str(dict, vm.intern("__new__")).is_some();
    if !has_new
        && base_record.is_none_or(|base| !base.has_struct())
        && class.instance_kind.get() == Kind::Foreign
    {
        let def = default_new_def(state);
        let function = vm.builtin(def, class.value(), Value::UNBOUND);
        vm.dict_set_str(dict, vm.intern("__new__"), function.value());
    }
    vm.class_filled(class);
    Ok(cx.open(class.value()))
}

fn default_new_def(state: &State) -> &'static NativeDef {
    let record: &'static call::Record =
        state.keep(call::Record { imp: std::ptr::null(), state, mode: Mode::Universal });
    state.keep(NativeDef {
        sig: "__new__",
        doc: "Create and return a new object.",
        func: default_new,
        binding: Binding::Static,
        passing: Passing::Raw,
        data: std::ptr::from_ref(record).cast(),
    })
}

/// Puts what a specification defines into the class's dict.
fn fill(cx: &Cx<'_>, class: Gc<'_, Class>, dict: Gc<'_, Dict>, defs: &[Def]) -> Result<(), Raised> {
    let (vm, state, mode) = (&*cx.vm, cx.state, cx.mode);
    let put = |name: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(name), value);
    // By name, so that slots of numbers and mappings go before those of sequences.
    let mut special: HashMap<&str, &HPySlot> = HashMap::new();
    for def in defs {
        match def {
            Def::Slot(slot) => {
                for (name, _) in slots::entries(slot.slot).unwrap_or_default() {
                    let old = special.get(name);
                    if !slots::is_sequence(slot) || old.is_none() {
                        special.insert(name, slot);
                    }
                }
            }
            Def::Meth(meth) => {
                let name = cx.utf8(meth.name)?;
                let func = call::method_function(meth, true).expect("checked before");
                let def =
                    call::define(state, mode, name, meth.doc, Binding::Method, func, meth.imp);
                put(name, vm.builtin(def, class.value(), Value::UNBOUND).value());
            }
            Def::Member(_) if members::call_function_offset(def).is_some() => {
                let (none, null) = (std::ptr::null(), std::ptr::null());
                let func = slots::call_object;
                let def = call::define(state, mode, "__call__", none, Binding::Method, func, null);
                put("__call__", vm.builtin(def, class.value(), Value::UNBOUND).value());
            }
            Def::Member(member) => {
                let name = cx.utf8(member.name)?;
                put(name, members::member(cx, class, name, member));
            }
            Def::GetSet(getset) => {
                let name = cx.utf8(getset.name)?;
                put(name, members::getset(cx, class, name, getset));
            }
            Def::Unknown(_) => {}
        }
    }
    for (name, slot) in &special {
        let entry = slots::entries(slot.slot).unwrap_or_default();
        let Some((_, func)) = entry.iter().find(|(n, _)| n == name) else { continue };
        let none = std::ptr::null();
        let def = call::define(state, mode, name, none, slots::binding(name), *func, slot.imp);
        put(name, vm.builtin(def, class.value(), Value::UNBOUND).value());
    }
    if special.contains_key("__eq__") && !special.contains_key("__hash__") {
        put("__hash__", Value::NONE);
    }
    Ok(())
}
