//! Members (fields of the C struct) and computed attributes of types made in C.

use crate::abi::*;
use crate::call::arg;
use crate::context::{Cx, State, failed, result_of};
use crate::mode::Mode;
use crate::structs;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef};
use sidewinder_interpreter::object::{Class, Field, Gc, GetSet, Slot};
use sidewinder_interpreter::vm::construct::header;
use sidewinder_interpreter::{Args, NativeResult, Raised, Value, Vm};
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_long, c_short, c_uint, c_ulong, c_ushort, c_void};

/// The C types of members.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum MemberKind {
    Short,
    Int,
    Long,
    Float,
    Double,
    String,
    Object,
    Char,
    Byte,
    UByte,
    UShort,
    UInt,
    ULong,
    StringInplace,
    Bool,
    ObjectEx,
    LongLong,
    ULongLong,
    SSize,
    None,
}

impl MemberKind {
    fn of(kind: c_int) -> Option<MemberKind> {
        use MemberKind::*;
        Some(match kind {
            0 => Short,
            1 => Int,
            2 => Long,
            3 => Float,
            4 => Double,
            5 => String,
            6 => Object,
            7 => Char,
            8 => Byte,
            9 => UByte,
            10 => UShort,
            11 => UInt,
            12 => ULong,
            13 => StringInplace,
            14 => Bool,
            16 => ObjectEx,
            17 => LongLong,
            18 => ULongLong,
            19 => SSize,
            20 => None,
            _ => return Option::None,
        })
    }
}

/// The place of a member that refers to an object.
pub fn field_offset(def: &Def) -> Option<usize> {
    match def {
        Def::Member(m) if matches!(m.kind, 6 | 16) => Some(m.offset as usize),
        _ => None,
    }
}

/// For the member that says where a struct has an `HPyCallFunction` of its own: where the function
/// in that is.
pub fn call_function_offset(def: &Def) -> Option<usize> {
    let Def::Member(m) = def else { return None };
    // SAFETY: names are terminated strings.
    let named = unsafe { CStr::from_ptr(m.name) } == c"__vectorcalloffset__";
    named.then_some(m.offset as usize + std::mem::offset_of!(HPyCallFunction, imp))
}

struct Member {
    name: &'static str,
    kind: c_int,
    offset: usize,
    readonly: bool,
}

struct Computed {
    getter: CFunction,
    setter: CFunction,
    closure: *mut c_void,
    state: *const State,
    mode: Mode,
}

fn descriptor<'a>(
    cx: &'a Cx<'_>,
    class: Gc<'_, Class>,
    shape: ClassId,
    def: GetSetDef,
) -> Value<'a> {
    let def: &'static GetSetDef = cx.state.keep(def);
    let owner = Slot::new(class.value().word());
    cx.vm.alloc(shape, GetSet { header: header(), def: Cell::new(def), owner }).value()
}

fn doc_of(cx: &Cx<'_>, doc: *const c_char) -> &'static str {
    cx.state.keep_text(match doc.is_null() {
        true => String::new(),
        // SAFETY: C gives a terminated string.
        false => unsafe { CStr::from_ptr(doc) }.to_string_lossy().into_owned(),
    })
}

/// The descriptor of a member.
pub fn member<'a>(
    cx: &'a Cx<'_>,
    class: Gc<'_, Class>,
    name: &str,
    member: &HPyMember,
) -> Value<'a> {
    let name = cx.state.keep_text(name.to_owned());
    let readonly = member.readonly != 0;
    let record: &'static Member =
        cx.state.keep(Member { name, kind: member.kind, offset: member.offset as usize, readonly });
    let def = GetSetDef {
        member: true,
        name,
        get: get_member,
        set: Some(set_member),
        doc: doc_of(cx, member.doc),
        data: std::ptr::from_ref(record).cast(),
    };
    descriptor(cx, class, ClassId::Member, def)
}

/// The descriptor of a computed attribute.
pub fn getset<'a>(
    cx: &'a Cx<'_>,
    class: Gc<'_, Class>,
    name: &str,
    getset: &HPyGetSet,
) -> Value<'a> {
    let record: &'static Computed = cx.state.keep(Computed {
        getter: getset.getter,
        setter: getset.setter,
        closure: getset.closure,
        state: cx.state,
        mode: cx.mode,
    });
    let def = GetSetDef {
        member: false,
        name: cx.state.keep_text(name.to_owned()),
        get: get_computed,
        set: (!getset.setter.is_null()).then_some(set_computed),
        doc: doc_of(cx, getset.doc),
        data: std::ptr::from_ref(record).cast(),
    };
    descriptor(cx, class, ClassId::GetSet, def)
}

/// The record behind the running descriptor, and the object, which must be of its class.
fn begin<'r, T>(vm: &Vm, args: Args) -> Result<&'r T, Raised> {
    let descriptor = args.descriptor(vm).expect("called through a descriptor");
    let owner = descriptor.owner.get_as::<Class>(vm).expect("made for a class");
    let this = args.get(vm, 0);
    if !vm.is_subclass(vm.class_of(this), owner) {
        let (name, owner, given) =
            (descriptor.def.get().name, vm.name_in_messages(owner), vm.type_name(this));
        return Err(vm.type_error(format!(
            "descriptor '{name}' for '{owner}' objects doesn't apply to a '{given}' object"
        )));
    }
    // SAFETY: descriptors with these functions are made above, with data of that type, which lives
    // as long as the VM.
    Ok(unsafe { &*descriptor.def.get().data.cast::<T>() })
}

fn shown(name: &'static str) -> impl FnOnce(&mut Vm) -> String {
    move |_| format!("<attribute '{name}'>")
}

fn get_computed(vm: &mut Vm, args: Args) -> NativeResult {
    type Getter = unsafe extern "C" fn(HPyContextPtr, HPy, *mut c_void) -> HPy;
    let record: &Computed = begin(vm, args)?;
    let name = args.descriptor(vm).map_or("?", |d| d.def.get().name);
    if record.getter.is_null() {
        let owner = vm.type_name(args.get(vm, 0));
        return Err(vm.raise(
            ClassId::AttributeError,
            format!("attribute '{name}' of '{owner}' objects is not readable"),
        ));
    }
    // SAFETY: the getter has this signature; C is called as it wants to be.
    let (state, h) = unsafe {
        let f = std::mem::transmute::<CFunction, Getter>(record.getter);
        let state = &*record.state;
        let h =
            state.enter(vm, record.mode, |b| b.result(f(b.ctx, b.arg(args, 0), record.closure)));
        (state, h)
    };
    result_of(vm, state, h, shown(name))
}

fn set_computed(vm: &mut Vm, args: Args) -> NativeResult {
    type Setter = unsafe extern "C" fn(HPyContextPtr, HPy, HPy, *mut c_void) -> c_int;
    let record: &Computed = begin(vm, args)?;
    let name = args.descriptor(vm).map_or("?", |d| d.def.get().name);
    let value = if args.get(vm, 1).is_unbound() { HPy::NULL } else { arg(args, 1) };
    // SAFETY: as above.
    let status = unsafe {
        let f = std::mem::transmute::<CFunction, Setter>(record.setter);
        (*record.state)
            .enter(vm, record.mode, |b| f(b.ctx, b.arg(args, 0), b.pass(value), record.closure))
    };
    if status < 0 {
        return Err(failed(vm, shown(name)));
    }
    Ok(vm.none())
}

/// The member's place in the object's struct.
fn place(vm: &Vm, args: Args, member: &Member) -> Result<*mut u8, Raised> {
    let data = structs::data_of(vm, args.get(vm, 0));
    if data.is_null() {
        return Err(vm.raise(ClassId::SystemError, "the object has no C struct"));
    }
    Ok(data.wrapping_add(member.offset))
}

fn bad_kind(vm: &Vm, member: &Member) -> Raised {
    vm.raise(ClassId::SystemError, format!("bad memberdescr type for {}", member.name))
}

fn get_member(vm: &mut Vm, args: Args) -> NativeResult {
    use MemberKind::*;
    let member: &Member = begin(vm, args)?;
    let vm = &*vm;
    let p = place(vm, args, member)?;
    let Some(kind) = MemberKind::of(member.kind) else { return Err(bad_kind(vm, member)) };
    // SAFETY: for the whole match: the struct has a field of that C type there.
    let value = unsafe {
        match kind {
            Short => vm.int(p.cast::<c_short>().read() as i64),
            Int => vm.int(p.cast::<c_int>().read() as i64),
            Long => vm.int(p.cast::<c_long>().read()),
            Float => vm.float(p.cast::<f32>().read() as f64),
            Double => vm.float(p.cast::<f64>().read()),
            String => {
                let text = p.cast::<*const c_char>().read();
                if text.is_null() {
                    Value::NONE
                } else {
                    vm.str(&CStr::from_ptr(text).to_string_lossy()).value()
                }
            }
            StringInplace => vm.str(&CStr::from_ptr(p.cast()).to_string_lossy()).value(),
            Char => vm.str_from_char(p.read() as u32).value(),
            Byte => vm.int(p.cast::<i8>().read() as i64),
            UByte => vm.int(p.read() as i64),
            UShort => vm.int(p.cast::<c_ushort>().read() as i64),
            UInt => vm.int(p.cast::<c_uint>().read() as i64),
            ULong => vm.big_from_i128(p.cast::<c_ulong>().read() as i128),
            Bool => Value::from_bool(p.read() != 0),
            LongLong | SSize => vm.int(p.cast::<i64>().read()),
            ULongLong => vm.big_from_i128(p.cast::<u64>().read() as i128),
            None => Value::NONE,
            Object | ObjectEx => {
                let word = p.cast::<u64>().read();
                match (word, kind) {
                    (0, Object) => Value::NONE,
                    (0, _) => {
                        let owner = vm.type_name(args.get(vm, 0));
                        let message =
                            format!("'{owner}' object has no attribute '{}'", member.name);
                        return Err(vm.raise(ClassId::AttributeError, message));
                    }
                    _ => Value::from_word(word),
                }
            }
        }
    };
    Ok(vm.ret(value))
}

/// The number for a member, as a wide integer.
fn integer(vm: &mut Vm, args: Args, c_type: &str) -> Result<i128, Raised> {
    let ret = vm.index(args.local(1))?;
    let value = vm.value(ret);
    let wide = vm.as_i64(value).map(i128::from).or_else(|| {
        let big = value.cast::<sidewinder_interpreter::object::BigInt>()?;
        match (big.limbs(), big.is_negative()) {
            ([limb], false) => Some(*limb as i128),
            ([limb], true) => Some(-(*limb as i128)),
            _ => Option::None,
        }
    });
    wide.ok_or_else(|| {
        let message = format!("Python int too large to convert to C {c_type}");
        vm.raise(ClassId::OverflowError, message)
    })
}

/// As [`integer`], for the signed types that hold 64 bits.
fn long(vm: &mut Vm, args: Args) -> Result<i64, Raised> {
    let i = integer(vm, args, "long")?;
    i64::try_from(i)
        .map_err(|_| vm.raise(ClassId::OverflowError, "Python int too large to convert to C long"))
}

fn set_member(vm: &mut Vm, args: Args) -> NativeResult {
    use MemberKind::*;
    let member: &Member = begin(vm, args)?;
    let Some(kind) = MemberKind::of(member.kind) else { return Err(bad_kind(vm, member)) };
    if member.readonly || matches!(kind, String | StringInplace | None) {
        return Err(match (member.readonly, kind) {
            (false, String | StringInplace) => vm.type_error("readonly attribute"),
            (false, None) if !args.get(vm, 1).is_unbound() => bad_kind(vm, member),
            (false, None) => vm.type_error("can't delete numeric/char attribute"),
            _ => vm.raise(ClassId::AttributeError, "readonly attribute"),
        });
    }
    let p = place(vm, args, member)?;
    let deleted = args.get(vm, 1).is_unbound();
    if matches!(kind, Object | ObjectEx) {
        // SAFETY: the struct has a field there; the barrier follows.
        unsafe {
            let field = p.cast::<u64>();
            if deleted && kind == ObjectEx && field.read() == 0 {
                return Err(vm.raise(ClassId::AttributeError, member.name));
            }
            field.write(if deleted { 0 } else { args.get(vm, 1).word() });
        }
        if let Some(header) = args.get(vm, 0).header() {
            vm.heap.barrier(std::ptr::NonNull::from(header));
        }
        return Ok(vm.none());
    }
    if deleted {
        return Err(vm.type_error("can't delete numeric/char attribute"));
    }
    // SAFETY: for the whole match: the struct has a field of that C type there, and does not move.
    unsafe {
        match kind {
            Short => p.cast::<c_short>().write(long(vm, args)? as c_short),
            Int => p.cast::<c_int>().write(long(vm, args)? as c_int),
            Long | LongLong | SSize => {
                let i = long(vm, args)?;
                p.cast::<i64>().write(i);
            }
            Byte => p.cast::<i8>().write(long(vm, args)? as i8),
            UByte => p.write(long(vm, args)? as u8),
            UShort => p.cast::<c_ushort>().write(long(vm, args)? as c_ushort),
            UInt => p.cast::<c_uint>().write(integer(vm, args, "unsigned long")? as c_uint),
            ULong | ULongLong => p.cast::<u64>().write(integer(vm, args, "unsigned long")? as u64),
            Float => {
                let f = vm.float_of(args.local(1))?;
                p.cast::<f32>().write(f as f32);
            }
            Double => {
                let f = vm.float_of(args.local(1))?;
                p.cast::<f64>().write(f);
            }
            Bool => {
                let value = args.get(vm, 1);
                if !value.is_bool() {
                    return Err(vm.type_error("attribute value type must be bool"));
                }
                p.write(value.is(Value::TRUE) as u8);
            }
            Char => {
                let text = args.get(vm, 1).as_str().map(|s| vm.str_text(s).into_owned());
                match text.as_deref().map(str::as_bytes) {
                    Some([byte]) => p.write(*byte),
                    _ => {
                        return Err(vm.type_error("bad argument type for built-in operation"));
                    }
                }
            }
            String | StringInplace | None | Object | ObjectEx => unreachable!("done above"),
        }
    }
    Ok(vm.none())
}
