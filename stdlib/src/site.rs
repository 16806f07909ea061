//! What every session finds in builtins besides the language: `exit`, `quit`, `help`, `license`,
//! `copyright`, `credits`.

use sidewinder_interpreter::builtins::{GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Value, Vm};

/// `exit` and `quit`.
#[derive(Trace)]
struct Quitter {
    name: Slot,
}

impl Payload for Quitter {
    const TYPE: &'static TypeDef = &QUITTER;
}

static QUITTER: TypeDef = TypeDef {
    module: "_sitebuiltins",
    doc: "Leaves the prompt when called.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__call__($self, code=None)", quit, "Raise SystemExit(code)."),
        NativeDef::method("__repr__($self, /)", quitter_repr, "How to leave."),
    ],
    getset: &[GetSetDef::new("name", quitter_name, "Its name.")],
    ..TypeDef::new("Quitter", Kind::Native)
};

fn quitter_name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Quitter>(vm)?.r().name.get(vm)))
}

fn quitter_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = vm.text_of(args.payload::<Quitter>(vm)?.r().name.get(vm));
    let text = format!("Use {name}() or Ctrl-D (i.e. EOF) to exit");
    Ok(vm.ret(vm.str(&text).value()))
}

fn quit(vm: &mut Vm, args: Args) -> NativeResult {
    use sidewinder_interpreter::builtins::ClassId;
    let vm = &*vm;
    match args.not_none(vm, 1) {
        Some(code) => Err(vm.raise_args(ClassId::SystemExit, &[code])),
        None => Err(vm.raise_args(ClassId::SystemExit, &[Value::NONE])),
    }
}

/// `copyright`, `credits`, `license`: print themselves.
#[derive(Trace)]
struct Printer {
    text: Slot,
}

impl Payload for Printer {
    const TYPE: &'static TypeDef = &PRINTER;
}

static PRINTER: TypeDef = TypeDef {
    module: "_sitebuiltins",
    doc: "A text that prints itself when called.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__call__($self, /)", printer_call, "Print the text."),
        NativeDef::method("__repr__($self, /)", printer_repr, "The text."),
    ],
    ..TypeDef::new("_Printer", Kind::Native)
};

fn printer_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<Printer>(vm)?.r().text.get(vm)))
}

fn printer_call(vm: &mut Vm, args: Args) -> NativeResult {
    let text = {
        let vm = &*vm;
        vm.text_of(args.payload::<Printer>(vm)?.r().text.get(vm))
    };
    print(vm, &format!("{text}\n"))?;
    Ok(vm.none())
}

/// Writes to `sys.stdout`.
fn print(vm: &mut Vm, text: &str) -> Result<(), sidewinder_interpreter::Raised> {
    if vm.stdout_is_builtin() {
        return vm.write_stdout(text);
    }
    if let Some(stdout) = vm.sys_stream("stdout")? {
        let text = vm.root(vm.str(text).value());
        let _ = vm.call_method(stdout, "write", &[text])?;
    }
    Ok(())
}

/// `help`
#[derive(Trace)]
struct Helper {}

impl Payload for Helper {
    const TYPE: &'static TypeDef = &HELPER;
}

static HELPER: TypeDef = TypeDef {
    module: "_sitebuiltins",
    doc: "Shows the documentation of an object.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__call__($self, request=None, /)", help, "Print documentation."),
        NativeDef::method("__repr__($self, /)", helper_repr, "How to ask for help."),
    ],
    ..TypeDef::new("_Helper", Kind::Native)
};

fn helper_repr(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.str("Type help(object) for help about object.").value()))
}

fn help(vm: &mut Vm, args: Args) -> NativeResult {
    if args.not_none(vm, 1).is_none() {
        print(vm, "Type help(object) for help about object.\n")?;
        return Ok(vm.none());
    }
    let object = args.local(1);
    let mut text = match vm.getattr_opt(object, "__name__")? {
        Some(name) => {
            let name = vm.hold(name);
            vm.str_text_of(name)?
        }
        None => vm.type_name(vm.get(object)),
    };
    if let Some(signature) = vm.getattr_opt(object, "__text_signature__")? {
        let signature = vm.value(signature);
        if signature.as_str().is_some() {
            text.push_str(&vm.text_of(signature));
        }
    }
    text.push('\n');
    if let Some(doc) = vm.getattr_opt(object, "__doc__")? {
        let doc = vm.value(doc);
        if doc.as_str().is_some() {
            for line in vm.text_of(doc).trim().lines() {
                text.push_str(&format!("    {}\n", line.trim_end()));
            }
        }
    }
    print(vm, &text)?;
    Ok(vm.none())
}

/// Puts the names into builtins .
pub fn install(vm: &mut Vm) {
    let vm = &*vm;
    let set = |name: &str, value: Value<'_>| vm.dict_set_str(vm.builtins(), vm.intern(name), value);
    for name in ["exit", "quit"] {
        set(name, vm.native(Quitter { name: Slot::new(vm.intern(name).value().word()) }).value());
    }
    for (name, text) in [
        ("copyright", "Copyright (c) the Sidewinder developers.\nLicensed as MIT OR Apache-2.0."),
        (
            "credits",
            "Sidewinder is written by its contributors; HPy's authors made the interface it runs extensions with.",
        ),
        ("license", "MIT OR Apache-2.0; the texts are in the source distribution."),
    ] {
        set(name, vm.native(Printer { text: Slot::new(vm.str(text).value().word()) }).value());
    }
    set("help", vm.native(Helper {}).value());
}
