//! `ast.AST`: construction by position and keyword, pickling and replacement.

use crate::prelude::*;

static METHODS: &[NativeDef] = &[
    NativeDef::method("__init__($self, /, *args, **kwargs)", init, "").raw(),
    NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    NativeDef::method("__reduce__($self, /)", reduce, ""),
    NativeDef::method(
        "__replace__($self, /, **fields)",
        replace,
        "Return a copy of the AST node with new values for the specified fields.",
    ),
];

/// The class AST.
pub(super) fn base_class(vm: &mut Vm) -> Result<Local, Raised> {
    let namespace = vm.root(vm.dict().value());
    {
        let vm = &*vm;
        let dict: Gc<'_, Dict> = vm.get(namespace).cast().expect("a dict");
        let set = |name: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(name), value);
        let none = vm.tuple(&[]).value();
        set("__module__", vm.intern("ast").value());
        set("_fields", none);
        set("_attributes", none);
        set("__match_args__", none);
        set("_field_types", vm.dict().value());
        for def in METHODS {
            set(def.name(), vm.builtin(def, Value::UNBOUND, Value::UNBOUND).value());
        }
    }
    let meta = vm.root(vm.class(ClassId::Type).value());
    let name = vm.root(vm.intern("AST").value());
    let object = vm.class(ClassId::Object).value();
    let bases = vm.root(vm.tuple(&[object]).value());
    let class = vm.call(meta, &[name, bases, namespace])?;
    Ok(vm.hold(class))
}

/// A tuple or list attribute of a class, as texts.
fn names(vm: &mut Vm, class: Local, attribute: &str) -> Result<Vec<String>, Raised> {
    let Some(fields) = vm.getattr_opt(class, attribute)? else { return Ok(Vec::new()) };
    let fields = vm.hold(fields);
    let mut texts = Vec::new();
    vm.iterate(fields, |vm, name| {
        texts.push(vm.text_of(vm.get(name)));
        Ok(())
    })?;
    Ok(texts)
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    if args.is_empty() {
        raise!(vm, TypeError, "unbound method AST.__init__() needs an argument");
    }
    let this = args.local(0);
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let class_name = vm.class_name(vm.class_of(vm.get(this)));
    let fields = names(vm, class, "_fields")?;
    let given = args.len() - args.keyword_count() - 1;
    if given > fields.len() {
        let n = fields.len();
        let s = if n == 1 { "" } else { "s" };
        raise!(vm, TypeError, "{class_name} constructor takes at most {n} positional argument{s}");
    }
    let mut missing: Vec<&String> = fields.iter().skip(given).collect();
    for (i, field) in fields.iter().take(given).enumerate() {
        let name = vm.root(vm.intern(field).value());
        vm.setattr(this, name, args.local(1 + i))?;
    }
    let attributes =
        if args.keyword_count() > 0 { names(vm, class, "_attributes")? } else { Vec::new() };
    for (key, value) in keywords(vm, args) {
        if fields.iter().take(given).any(|f| *f == key) {
            raise!(vm, TypeError, "{class_name} got multiple values for argument '{key}'");
        }
        if fields.contains(&key) {
            missing.retain(|f| **f != key);
        } else if !attributes.contains(&key) {
            let text = format!(
                "{class_name}.__init__ got an unexpected keyword argument '{key}'. Support for \
                 arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
            );
            warn(vm, ClassId::DeprecationWarning, &text)?;
        }
        let name = vm.root(vm.intern(&key).value());
        vm.setattr(this, name, value)?;
    }
    if !missing.is_empty() {
        let missing: Vec<String> = missing.into_iter().cloned().collect();
        fill(vm, this, class, &class_name, &missing)?;
    }
    Ok(vm.none())
}

/// Gives the fields left out their defaults: an empty list, Load(), or the class's None.
fn fill(
    vm: &mut Vm,
    this: Local,
    class: Local,
    class_name: &str,
    missing: &[String],
) -> Result<(), Raised> {
    let types = vm.getattr_str(class, "_field_types")?;
    let types = vm.hold(types);
    for field in missing {
        vm.scope(|vm| {
            let name = vm.root(vm.intern(field).value());
            if !vm.dict_get(types, name)? {
                return Ok(());
            }
            let ty = vm.hold_result();
            let origin = match vm.get(ty).as_class() {
                Some(_) => None,
                None => vm.getattr_opt(ty, "__origin__")?,
            };
            let list = vm.class(ClassId::List).value();
            if origin.is_some_and(|o| vm.value(o).is(list)) {
                let empty = vm.root(vm.list(&[]).value());
                return vm.setattr(this, name, empty);
            }
            let Some(c) = vm.get(ty).as_class() else { return Ok(()) };
            if vm.class_name(c) == "expr_context" {
                let module = vm.import_module("_ast")?;
                let load = vm.getattr_str(module, "Load")?;
                let load = vm.hold(load);
                let load = vm.call(load, &[])?;
                let load = vm.hold(load);
                return vm.setattr(this, name, load);
            }
            let text = format!(
                "{class_name}.__init__ missing 1 required positional argument: '{field}'. This \
                 will become an error in Python 3.15."
            );
            warn(vm, ClassId::DeprecationWarning, &text)
        })?;
    }
    Ok(())
}

/// `warnings.warn(text, category)`
fn warn(vm: &mut Vm, category: ClassId, text: &str) -> Result<(), Raised> {
    let module = vm.import_module("warnings")?;
    let text = vm.root(vm.str(text).value());
    let category = vm.root(vm.class(category).value());
    vm.call_method(module, "warn", &[text, category]).map(|_| ())
}

/// The object's own attributes, a dict.
fn own_dict(vm: &mut Vm, this: Local) -> Result<Local, Raised> {
    let dict = vm.getattr_str(this, "__dict__")?;
    Ok(vm.hold(dict))
}

fn reduce(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let dict = own_dict(vm, this)?;
    let vm = &*vm;
    let class = vm.class_of(vm.get(this)).value();
    let empty = vm.tuple(&[]).value();
    Ok(vm.ret(vm.tuple(&[class, empty, vm.get(dict)]).value()))
}

fn replace(vm: &mut Vm, args: Args) -> NativeResult {
    let this = args.local(0);
    let class = vm.root(vm.class_of(vm.get(this)).value());
    let class_name = vm.class_name(vm.class_of(vm.get(this)));
    let mut known = names(vm, class, "_fields")?;
    known.extend(names(vm, class, "_attributes")?);
    let state = own_dict(vm, this)?;
    let merged = vm.call_method(state, "copy", &[])?;
    let merged = vm.hold(merged);
    if !args.get(vm, 1).is_unbound() {
        vm.iterate(args.local(1), |vm, key| {
            let text = vm.text_of(vm.get(key));
            if !known.contains(&text) {
                raise!(
                    vm,
                    TypeError,
                    "{class_name}.__replace__ got an unexpected keyword argument '{text}'."
                );
            }
            let value = vm.getitem(args.local(1), key)?;
            let value = vm.hold(value);
            vm.dict_set(merged, key, value)
        })?;
    }
    vm.call_kw(class, &[], merged)
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let text = shown(vm, args.local(0), 3)?;
    ret_str(vm, &text)
}

/// The repr of a node with what it holds, some levels deep.
fn shown(vm: &mut Vm, node: Local, depth: u32) -> Result<String, Raised> {
    let class = vm.root(vm.class_of(vm.get(node)).value());
    let name = vm.class_name(vm.class_of(vm.get(node)));
    let fields = names(vm, class, "_fields")?;
    if fields.is_empty() && depth > 0 {
        return Ok(format!("{name}()"));
    }
    if depth == 0 || !vm.repr_enter(node) {
        return Ok(format!("{name}(...)"));
    }
    let mut parts = Vec::new();
    let mut failed = None;
    for field in &fields {
        let part = vm.scope(|vm| {
            let Some(value) = vm.getattr_opt(node, field)? else { return Ok(None) };
            let value = vm.hold(value);
            Ok(Some(format!("{field}={}", shown_value(vm, value, depth)?)))
        });
        match part {
            Ok(part) => parts.extend(part),
            Err(raised) => {
                failed = Some(raised);
                break;
            }
        }
    }
    vm.repr_leave(node);
    match failed {
        Some(raised) => Err(raised),
        None => Ok(format!("{name}({})", parts.join(", "))),
    }
}

fn shown_value(vm: &mut Vm, value: Local, depth: u32) -> Result<String, Raised> {
    let v = vm.get(value);
    let brackets = match v.kind() {
        Some(Kind::List) => ("[", "]"),
        Some(Kind::Tuple) => ("(", ")"),
        _ if is_node(vm, value)? => return shown(vm, value, depth - 1),
        _ => return vm.repr_text(value),
    };
    let n = seq_len(v);
    let mut parts = Vec::new();
    for i in 0..n {
        if i == 1 && n > 2 {
            parts.push("...".to_owned());
        }
        if i == 0 || i + 1 == n {
            let item = vm.root(seq_item(vm, vm.get(value), i).expect("inside"));
            let node = is_node(vm, item)?;
            parts.push(if node { shown(vm, item, depth - 1)? } else { vm.repr_text(item)? });
        }
    }
    Ok(format!("{}{}{}", brackets.0, parts.join(", "), brackets.1))
}

fn is_node(vm: &mut Vm, v: Local) -> Result<bool, Raised> {
    let module = vm.import_module("_ast")?;
    let class = vm.getattr_str(module, "AST")?;
    let class = vm.hold(class);
    vm.isinstance(v, class)
}
