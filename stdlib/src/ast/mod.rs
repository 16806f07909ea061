//! `_ast`: the classes of syntax trees, and trees of objects from source text.
//!
//! - [`table`]: what nodes there are
//! - [`node`]: what every node can do
//! - [`read`]: trees of objects for the compiler

#![forbid(unsafe_code)]

mod node;
mod read;
mod table;

use crate::prelude::*;
use sidewinder_interpreter::builtins::eval::TreeObjects;
use sidewinder_interpreter::compiler::tree::{Field as TreeField, Node};
use sidewinder_interpreter::vm::stack::Global;
use std::collections::HashMap;
use table::{Count, NodeDef};

/// The module.
pub static AST: ModuleDef = ModuleDef {
    name: "_ast",
    doc: "The classes of Python's syntax trees.",
    functions: &[],
    types: &[],
    exec: Some(exec),
};

/// Tells the VM how trees of objects are made and read.
pub fn install(vm: &mut Vm) {
    vm.register_module(&AST);
    vm.with_extension(|trees: &mut TreeObjects| *trees = TreeObjects { build, read: read::read });
}

/// The classes by their names.
#[derive(Default)]
struct Classes(HashMap<&'static str, NodeClass>);

struct NodeClass {
    class: Global,
    /// The one instance of a class without fields.
    instance: Option<Global>,
    def: &'static NodeDef,
}

const LOCATION: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// Flags of `compile()`.
const FLAGS: [(&str, i64); 4] = [
    ("PyCF_ONLY_AST", 0x400),
    ("PyCF_TYPE_COMMENTS", 0x1000),
    ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
    ("PyCF_OPTIMIZED_AST", 0x8000 | 0x400),
];

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, value) in FLAGS {
        vm.module_set(module, name, vm.int(value));
    }
    let base = node::base_class(vm)?;
    vm.module_set(module, "AST", vm.get(base));
    let nodes = table::nodes();
    let mut made: HashMap<&'static str, Local> = HashMap::from([("AST", base)]);
    for def in nodes {
        let parent = made[def.base];
        let sum_text = def.is_sum.then(|| sum_signature(def, nodes));
        let class = make_class(vm, def, parent, sum_text)?;
        vm.module_set(module, def.name, vm.get(class));
        made.insert(def.name, class);
    }
    for def in nodes.iter().filter(|def| !def.is_sum) {
        set_field_types(vm, def, &made)?;
    }
    for def in nodes {
        let class = vm.get(made[def.name]);
        let alone = !def.is_sum && def.fields.is_empty() && def.located.is_none();
        let instance = alone.then(|| {
            let class = class.as_class().expect("made above");
            vm.global(vm.new_instance(class).value())
        });
        let known = NodeClass { class: vm.global(class), instance, def };
        vm.with_extension(|all: &mut Classes| all.0.insert(def.name, known));
    }
    Ok(())
}

/// A sum's alternatives, as the grammar writes them.
fn sum_signature(def: &NodeDef, nodes: &[NodeDef]) -> String {
    let all: Vec<String> =
        nodes.iter().filter(|n| n.base == def.name).map(NodeDef::signature).collect();
    let plain = all.iter().all(|s| !s.contains('('));
    let separator =
        if plain { " | ".into() } else { format!("\n{}| ", " ".repeat(def.name.len() + 1)) };
    format!("{} = {}", def.name, all.join(&separator))
}

fn strings<'gc>(vm: &'gc Vm, names: &[&str]) -> Value<'gc> {
    vm.tuple_from(names.len(), names.iter().map(|n| vm.intern(n).value())).value()
}

fn make_class(
    vm: &mut Vm,
    def: &NodeDef,
    parent: Local,
    sum_text: Option<String>,
) -> Result<Local, Raised> {
    let namespace = vm.root(vm.dict().value());
    {
        let vm = &*vm;
        let dict: Gc<'_, Dict> = vm.get(namespace).cast().expect("a dict");
        let set = |name: &str, value: Value<'_>| vm.dict_set_str(dict, vm.intern(name), value);
        set("__module__", vm.intern("ast").value());
        let names: Vec<&str> = def.fields.iter().map(|f| f.name).collect();
        let fields = strings(vm, &names);
        set("_fields", fields);
        set("__match_args__", fields);
        set("__doc__", vm.str(&sum_text.unwrap_or_else(|| def.signature())).value());
        // A sum's attributes are inherited by its nodes.
        if def.is_sum || def.base == "AST" {
            let attributes =
                if def.located.is_some() { strings(vm, &LOCATION) } else { strings(vm, &[]) };
            set("_attributes", attributes);
            if def.located == Some(true) {
                set("end_lineno", Value::NONE);
                set("end_col_offset", Value::NONE);
            }
        }
        for field in def.fields.iter().filter(|f| f.count == Count::Optional) {
            set(field.name, Value::NONE);
        }
    }
    let meta = vm.root(vm.class(ClassId::Type).value());
    let name = vm.root(vm.intern(def.name).value());
    let bases = vm.root(vm.tuple(&[vm.get(parent)]).value());
    let class = vm.call(meta, &[name, bases, namespace])?;
    Ok(vm.hold(class))
}

fn set_field_types(
    vm: &mut Vm,
    def: &NodeDef,
    made: &HashMap<&'static str, Local>,
) -> Result<(), Raised> {
    use sidewinder_interpreter::builtins::generic_alias;
    let types = vm.root(vm.dict().value());
    for field in &def.fields {
        let plain = match field.ty {
            "identifier" | "string" => vm.root(vm.class(ClassId::Str).value()),
            "int" => vm.root(vm.class(ClassId::Int).value()),
            "constant" => vm.root(vm.class(ClassId::Object).value()),
            sum => made[sum],
        };
        let none = vm.root(Value::NONE);
        let ty = match field.count {
            Count::One => plain,
            Count::Optional => {
                let ret = generic_alias::union(vm, plain, none)?;
                vm.hold(ret)
            }
            Count::Many | Count::ManyOptional => {
                let list = vm.class(ClassId::List).value();
                vm.root(generic_alias::alias(vm, list, vm.get(plain)))
            }
        };
        let vm = &*vm;
        let dict: Gc<'_, Dict> = vm.get(types).cast().expect("a dict");
        vm.dict_set_str(dict, vm.intern(field.name), vm.get(ty));
    }
    let name = vm.root(vm.intern("_field_types").value());
    vm.setattr(made[def.name], name, types)
}

/// A tree of objects.
fn build(vm: &mut Vm, tree: &Node) -> NativeResult {
    vm.import_module("_ast")?;
    let vm = &*vm;
    Ok(vm.ret(object(vm, tree)?))
}

fn object<'gc>(vm: &'gc Vm, node: &Node) -> Result<Value<'gc>, Raised> {
    vm.check_native_stack(" during ast construction")?;
    let found = vm.with_extension(|all: &mut Classes| {
        let known = all.0.get(&*node.kind)?;
        Some(match &known.instance {
            Some(instance) => (vm.get_global(instance), None),
            None => (vm.get_global(&known.class), Some(known.def)),
        })
    });
    let Some((class, def)) = found else {
        raise!(vm, SystemError, "unknown node {}", node.kind);
    };
    let Some(def) = def else { return Ok(class) };
    let instance = vm.new_instance(class.as_class().expect("a class")).value();
    let set = |name: &str, value: Value<'_>| {
        vm.set_own_attr(instance, vm.intern(name).value(), value);
    };
    for (def, value) in def.fields.iter().zip(&node.fields) {
        set(def.name, field(vm, value)?);
    }
    if let Some(p) = &node.position {
        for (name, n) in LOCATION.iter().zip([p.line, p.col, p.end_line, p.end_col]) {
            set(name, vm.int(n as i64));
        }
    }
    Ok(instance)
}

fn field<'gc>(vm: &'gc Vm, value: &TreeField) -> Result<Value<'gc>, Raised> {
    Ok(match value {
        TreeField::None => Value::NONE,
        TreeField::Node(node) => object(vm, node)?,
        TreeField::List(items) => {
            let list = vm.list(&[]);
            for item in items {
                vm.list_push(list, field(vm, item)?);
            }
            list.value()
        }
        TreeField::Name(name) => vm.intern(name).value(),
        TreeField::Int(i) => vm.int(*i),
        TreeField::Const(c) => vm.constant(c),
    })
}
