//! Trees of objects as plain data, for the compiler: the fields are checked against the table, in
//! CPython's words.

use super::table::{Count, FieldDef, NodeDef, nodes};
use super::{Classes, LOCATION};
use crate::prelude::*;
use sidewinder_interpreter::bytecode::{Const, Position};
use sidewinder_interpreter::compiler::tree::{Field as TreeField, Node};
use sidewinder_interpreter::object::{Bytes, Complex, Set};

/// A tree and how deep it is.
pub(super) fn read(vm: &mut Vm, tree: Local, wanted: &str) -> Result<(Node, u32), Raised> {
    vm.import_module("_ast")?;
    let def = definition(vm, tree);
    let given = def.map_or_else(|| vm.type_name(vm.get(tree)), |def| def.name.to_owned());
    if given != wanted {
        raise!(vm, TypeError, "expected {wanted} node, got {given}");
    }
    let mut reader = Reader { depth: 0, deepest: 0, text_annotations: false };
    reader.text_annotations = has_future_annotations(vm, tree)?;
    let node = reader.node(vm, tree, wanted)?;
    Ok((node, reader.deepest))
}

/// The declaration of a node's class, or of the one that it derives from.
fn definition(vm: &Vm, node: Local) -> Option<&'static NodeDef> {
    let class = vm.class_of(vm.get(node));
    let order = class.mro.get_as::<Tuple>(vm)?;
    vm.with_extension(|all: &mut Classes| {
        order.items().iter().find_map(|class| {
            let class = class.get_as::<Class>(vm)?;
            let known = all.0.get(vm.class_name(class).as_str())?;
            vm.get_global(&known.class).is(class.value()).then_some(known.def)
        })
    })
}

/// Whether a module begins as one that wants its annotations as text does.
fn has_future_annotations(vm: &mut Vm, module: Local) -> Result<bool, Raised> {
    let Some(body) = vm.getattr_opt(module, "body")? else { return Ok(false) };
    let body = vm.hold(body);
    let mut found = false;
    let statements = match vm.get(body).cast::<List>() {
        Some(list) => list.len.get(),
        None => return Ok(false),
    };
    for i in 0..statements.min(50) {
        vm.scope(|vm| {
            let Some(list) = vm.get(body).cast::<List>().filter(|list| i < list.len.get()) else {
                return Ok(());
            };
            let statement = vm.root(vm.list_item(list, i));
            if definition(vm, statement).is_none_or(|def| def.name != "ImportFrom") {
                return Ok(());
            }
            let Some(module) = vm.getattr_opt(statement, "module")? else { return Ok(()) };
            if vm.text_of(vm.value(module)) != "__future__" {
                return Ok(());
            }
            let Some(names) = vm.getattr_opt(statement, "names")? else { return Ok(()) };
            let names = vm.hold(names);
            vm.iterate(names, |vm, alias| {
                if let Some(name) = vm.getattr_opt(alias, "name")? {
                    found |= vm.text_of(vm.value(name)) == "annotations";
                }
                Ok(())
            })
        })?;
    }
    Ok(found)
}

struct Reader {
    depth: u32,
    deepest: u32,
    /// `from __future__ import annotations`
    text_annotations: bool,
}

impl Reader {
    /// A node that belongs to the sum or is the product `wanted`.
    fn node(&mut self, vm: &mut Vm, node: Local, wanted: &str) -> Result<Node, Raised> {
        vm.check_native_stack(" during ast construction")?;
        let def = definition(vm, node).filter(|def| !def.is_sum);
        let Some(def) = def.filter(|def| def.name == wanted || def.base == wanted) else {
            // Where it is counts first.
            let located = nodes().iter().any(|def| def.name == wanted && def.located.is_some());
            if located && vm.getattr_opt(node, "lineno")?.is_none() {
                raise!(vm, TypeError, "required field \"lineno\" missing from {wanted}");
            }
            let text = vm.repr_text(node)?;
            raise!(vm, TypeError, "expected some sort of {wanted}, but got {text}");
        };
        let sum = def.base != "AST";
        let place = |vm: &mut Vm| def.located.map_or(Ok(None), |end| position(vm, node, def, end));
        let mut found = if sum { place(vm)? } else { None };
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let mut fields = Vec::with_capacity(def.fields.len());
        for field in &def.fields {
            fields.push(vm.scope(|vm| self.field(vm, node, def, field))?);
        }
        self.depth -= 1;
        // Products are looked at in another order.
        if !sum {
            found = place(vm)?;
        }
        Ok(Node { kind: def.name.into(), position: found, fields })
    }

    fn field(
        &mut self,
        vm: &mut Vm,
        node: Local,
        def: &NodeDef,
        field: &FieldDef,
    ) -> Result<TreeField, Raised> {
        let many = matches!(field.count, Count::Many | Count::ManyOptional);
        let Some(value) = vm.getattr_opt(node, field.name)? else {
            return match field.count {
                Count::Optional => Ok(TreeField::None),
                Count::One => raise!(
                    vm,
                    TypeError,
                    "required field \"{}\" missing from {}",
                    field.name,
                    def.name
                ),
                _ => Ok(TreeField::List(Vec::new())),
            };
        };
        let value = vm.hold(value);
        if !many {
            let missing = vm.get(value).is_none() && field.ty != "constant";
            return match field.count {
                Count::Optional if missing => Ok(TreeField::None),
                _ if missing => {
                    raise!(vm, ValueError, "field '{}' is required for {}", field.name, def.name)
                }
                _ if self.text_annotations && matches!(field.name, "annotation" | "returns") => {
                    self.unparsed(vm, value)
                }
                _ => self.value(vm, value, field.ty),
            };
        }
        if vm.get(value).cast::<List>().is_none() {
            let given = vm.type_name(vm.get(value));
            let (owner, name) = (def.name, field.name);
            raise!(vm, TypeError, "{owner} field \"{name}\" must be a list, not a {given}");
        }
        let mut items = Vec::new();
        let mut i = 0;
        while let Some(list) = vm.get(value).cast::<List>().filter(|list| i < list.len.get()) {
            let length = list.len.get();
            let item = vm.root(vm.list_item(list, i));
            items.push(vm.scope(|vm| match vm.get(item).is_none() {
                // The compiler knows what to say of these.
                true if !matches!(field.ty, "identifier" | "keyword" | "arg" | "alias") => {
                    Ok(TreeField::None)
                }
                _ => self.value(vm, item, field.ty),
            })?);
            if vm.get(value).cast::<List>().is_none_or(|list| list.len.get() != length) {
                let (owner, name) = (def.name, field.name);
                raise!(vm, RuntimeError, "{owner} field \"{name}\" changed size during iteration");
            }
            i += 1;
        }
        Ok(TreeField::List(items))
    }

    /// An annotation as its text, which is what remains of it.
    fn unparsed(&mut self, vm: &mut Vm, value: Local) -> Result<TreeField, Raised> {
        let node = self.node(vm, value, "expr")?;
        let module = vm.import_module("ast")?;
        let text = vm.call_method(module, "unparse", &[value])?;
        let text = Const::Str(vm.text_of(vm.value(text)).into());
        let fields = vec![TreeField::Const(text), TreeField::None];
        Ok(TreeField::Node(Node { kind: "Constant".into(), fields, ..node }))
    }

    fn value(&mut self, vm: &mut Vm, value: Local, ty: &str) -> Result<TreeField, Raised> {
        let v = vm.get(value);
        Ok(match ty {
            "identifier" => match v.as_str() {
                Some(name) if vm.class_of(v).value().is(vm.class(ClassId::Str).value()) => {
                    TreeField::Name(vm.str_text(name).into_owned())
                }
                _ => raise!(vm, TypeError, "AST identifier must be of type str"),
            },
            "string" => match v.as_str() {
                Some(text) => TreeField::Name(vm.str_text(text).into_owned()),
                None if v.kind() == Some(Kind::Bytes) => TreeField::None,
                None => raise!(vm, TypeError, "AST string must be of type str"),
            },
            "int" => match vm.as_i64(v) {
                Some(i) => TreeField::Int(i),
                None => {
                    let text = vm.repr_text(value)?;
                    raise!(vm, ValueError, "invalid integer value: {text}");
                }
            },
            "constant" => match constant(vm, v)? {
                Some(constant) => TreeField::Const(constant),
                None => {
                    let given = vm.type_name(invalid_part(vm, v));
                    raise!(vm, TypeError, "got an invalid type in Constant: {given}");
                }
            },
            sum => TreeField::Node(self.node(vm, value, sum)?),
        })
    }
}

/// Where a node is. Its end may be missing, and is then its beginning.
fn position(
    vm: &mut Vm,
    node: Local,
    def: &NodeDef,
    open_end: bool,
) -> Result<Option<Position>, Raised> {
    let mut numbers = [0i64; 4];
    for (i, attribute) in LOCATION.into_iter().enumerate() {
        let found = vm.getattr_opt(node, attribute)?.map(|found| vm.hold(found));
        numbers[i] = match found {
            Some(found) if !(vm.get(found).is_none() && i >= 2 && open_end) => {
                match vm.as_i64(vm.get(found)).and_then(|n| i32::try_from(n).ok()) {
                    Some(n) => i64::from(n),
                    None => {
                        let text = vm.repr_text(found)?;
                        raise!(vm, ValueError, "invalid integer value: {text}");
                    }
                }
            }
            _ if i >= 2 && open_end => numbers[i - 2],
            _ => {
                let owner = if def.base == "AST" { def.name } else { def.base };
                raise!(vm, TypeError, "required field \"{attribute}\" missing from {owner}");
            }
        };
    }
    let [line, col, end_line, end_col] = numbers;
    if line > end_line {
        raise!(vm, ValueError, "AST node line range ({line}, {end_line}) is not valid");
    }
    if (line < 0 && end_line != line) || (col < 0 && col != end_col) {
        raise!(
            vm,
            ValueError,
            "AST node column range ({col}, {end_col}) for line range ({line}, {end_line}) is not \
             valid"
        );
    }
    if line == end_line && col > end_col {
        raise!(vm, ValueError, "line {line}, column {col}-{end_col} is not a valid range");
    }
    let number = |n: i64| u32::try_from(n).unwrap_or(0);
    Ok(Some(Position {
        line: number(line),
        end_line: number(end_line),
        col: number(col),
        end_col: number(end_col),
    }))
}

/// A value as a constant of the compiler; None for what cannot be one.
fn constant(vm: &Vm, v: Value<'_>) -> Result<Option<Const>, Raised> {
    vm.check_native_stack(" during compilation")?;
    let exact = |id: ClassId| vm.is_exact(v, id);
    let all = |items: Vec<Value<'_>>| -> Result<Option<Vec<Const>>, Raised> {
        items.into_iter().map(|item| constant(vm, item)).collect()
    };
    Ok(if v.is_none() {
        Some(Const::None)
    } else if v.is(Value::ELLIPSIS) {
        Some(Const::Ellipsis)
    } else if exact(ClassId::Bool) {
        Some(Const::Bool(v.is(Value::TRUE)))
    } else if exact(ClassId::Int) {
        match vm.as_i64(v) {
            Some(i) => Some(Const::Int(i)),
            None => vm.as_big(v).map(|big| Const::BigInt(big.to_string().into())),
        }
    } else if exact(ClassId::Float) {
        vm.as_f64(v).map(Const::Float)
    } else if exact(ClassId::Complex) {
        v.cast::<Complex>().map(|c| Const::Complex(c.re, c.im))
    } else if exact(ClassId::Str) {
        v.as_str().map(|s| match s.to_utf8() {
            Some(text) => Const::Str(text.into()),
            None => Const::WideStr(s.chars().collect()),
        })
    } else if exact(ClassId::Bytes) {
        v.cast::<Bytes>().map(|b| Const::Bytes(b.data().into()))
    } else if exact(ClassId::Tuple) {
        let tuple = v.cast::<Tuple>();
        let items = tuple.map(|t| t.r().items().iter().map(|item| item.get(vm)).collect());
        all(items.unwrap_or_default())?.map(Const::Tuple)
    } else if exact(ClassId::FrozenSet) {
        let set = v.cast::<Set>();
        let items = set.map(|set| vm.table_items(set.r()).into_iter().map(|(k, _)| k).collect());
        let items: Vec<Value<'_>> = items.unwrap_or_default();
        // The hashes of these are not known without running code.
        let nested = |v: &Value<'_>| matches!(v.kind(), Some(Kind::Tuple | Kind::Set));
        if items.iter().any(nested) && all(items.clone())?.is_some() {
            raise!(vm, NotImplementedError, "constant sets of tuples and sets");
        }
        all(items)?.map(Const::FrozenSet)
    } else {
        None
    })
}

/// What of a constant cannot be one: itself, or an item.
fn invalid_part<'gc>(vm: &'gc Vm, v: Value<'gc>) -> Value<'gc> {
    let items: Vec<Value<'gc>> = if vm.is_exact(v, ClassId::Tuple) {
        let tuple = v.cast::<Tuple>();
        tuple.map(|t| t.r().items().iter().map(|item| item.get(vm)).collect()).unwrap_or_default()
    } else if vm.is_exact(v, ClassId::FrozenSet) {
        let set = v.cast::<Set>();
        set.map(|s| vm.table_items(s.r()).into_iter().map(|(k, _)| k).collect()).unwrap_or_default()
    } else {
        return v;
    };
    let invalid = |item: &Value<'gc>| matches!(constant(vm, *item), Ok(None));
    items.into_iter().find(invalid).map_or(v, |item| invalid_part(vm, item))
}
