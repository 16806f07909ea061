//! The nodes of Python's grammar: the one table from which the classes are made, trees are built
//! and trees are checked.

use std::sync::LazyLock;

/// How often a field occurs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Count {
    One,
    Optional,
    Many,
    /// A sequence whose items may be None.
    ManyOptional,
}

/// A field of a node.
pub(super) struct FieldDef {
    pub name: &'static str,
    /// A sum's name, or `identifier`, `int`, `string`, `constant`.
    pub ty: &'static str,
    pub count: Count,
}

/// A node class.
pub(super) struct NodeDef {
    pub name: &'static str,
    /// The class it derives from; `AST` for products and sums.
    pub base: &'static str,
    pub fields: Vec<FieldDef>,
    /// Whether it has a position, and whether its end may be missing.
    pub located: Option<bool>,
    /// Sums have no fields and no instances of their own.
    pub is_sum: bool,
    /// The line of the table, for the docstring.
    text: &'static str,
}

/// `sum NAME @` begins a sum (with `@`, its nodes have a position; with `@!`, with an end);
/// `product NAME ...` is a node that belongs to none. Other lines are the nodes of the last sum.
const TABLE: &str = "\
sum mod
Module stmt*:body type_ignore*:type_ignores
Interactive stmt*:body
Expression expr:body
FunctionType expr*:argtypes expr:returns
sum stmt @
FunctionDef identifier:name arguments:args stmt*:body expr*:decorator_list expr?:returns string?:type_comment type_param*:type_params
AsyncFunctionDef identifier:name arguments:args stmt*:body expr*:decorator_list expr?:returns string?:type_comment type_param*:type_params
ClassDef identifier:name expr*:bases keyword*:keywords stmt*:body expr*:decorator_list type_param*:type_params
Return expr?:value
Delete expr*:targets
Assign expr*:targets expr:value string?:type_comment
TypeAlias expr:name type_param*:type_params expr:value
AugAssign expr:target operator:op expr:value
AnnAssign expr:target expr:annotation expr?:value int:simple
For expr:target expr:iter stmt*:body stmt*:orelse string?:type_comment
AsyncFor expr:target expr:iter stmt*:body stmt*:orelse string?:type_comment
While expr:test stmt*:body stmt*:orelse
If expr:test stmt*:body stmt*:orelse
With withitem*:items stmt*:body string?:type_comment
AsyncWith withitem*:items stmt*:body string?:type_comment
Match expr:subject match_case*:cases
Raise expr?:exc expr?:cause
Try stmt*:body excepthandler*:handlers stmt*:orelse stmt*:finalbody
TryStar stmt*:body excepthandler*:handlers stmt*:orelse stmt*:finalbody
Assert expr:test expr?:msg
Import alias*:names
ImportFrom identifier?:module alias*:names int?:level
Global identifier*:names
Nonlocal identifier*:names
Expr expr:value
Pass
Break
Continue
sum expr @
BoolOp boolop:op expr*:values
NamedExpr expr:target expr:value
BinOp expr:left operator:op expr:right
UnaryOp unaryop:op expr:operand
Lambda arguments:args expr:body
IfExp expr:test expr:body expr:orelse
Dict expr?*:keys expr*:values
Set expr*:elts
ListComp expr:elt comprehension*:generators
SetComp expr:elt comprehension*:generators
DictComp expr:key expr:value comprehension*:generators
GeneratorExp expr:elt comprehension*:generators
Await expr:value
Yield expr?:value
YieldFrom expr:value
Compare expr:left cmpop*:ops expr*:comparators
Call expr:func expr*:args keyword*:keywords
FormattedValue expr:value int:conversion expr?:format_spec
Interpolation expr:value constant:str int:conversion expr?:format_spec
JoinedStr expr*:values
TemplateStr expr*:values
Constant constant:value string?:kind
Attribute expr:value identifier:attr expr_context:ctx
Subscript expr:value expr:slice expr_context:ctx
Starred expr:value expr_context:ctx
Name identifier:id expr_context:ctx
List expr*:elts expr_context:ctx
Tuple expr*:elts expr_context:ctx
Slice expr?:lower expr?:upper expr?:step
sum expr_context
Load
Store
Del
sum boolop
And
Or
sum operator
Add
Sub
Mult
MatMult
Div
Mod
Pow
LShift
RShift
BitOr
BitXor
BitAnd
FloorDiv
sum unaryop
Invert
Not
UAdd
USub
sum cmpop
Eq
NotEq
Lt
LtE
Gt
GtE
Is
IsNot
In
NotIn
product comprehension expr:target expr:iter expr*:ifs int:is_async
sum excepthandler @
ExceptHandler expr?:type identifier?:name stmt*:body
product arguments arg*:posonlyargs arg*:args arg?:vararg arg*:kwonlyargs expr?*:kw_defaults arg?:kwarg expr*:defaults
product arg @ identifier:arg expr?:annotation string?:type_comment
product keyword @ identifier?:arg expr:value
product alias @ identifier:name identifier?:asname
product withitem expr:context_expr expr?:optional_vars
product match_case pattern:pattern expr?:guard stmt*:body
sum pattern @!
MatchValue expr:value
MatchSingleton constant:value
MatchSequence pattern*:patterns
MatchMapping expr*:keys pattern*:patterns identifier?:rest
MatchClass expr:cls pattern*:patterns identifier*:kwd_attrs pattern*:kwd_patterns
MatchStar identifier?:name
MatchAs pattern?:pattern identifier?:name
MatchOr pattern*:patterns
sum type_ignore
TypeIgnore int:lineno string:tag
sum type_param @!
TypeVar identifier:name expr?:bound expr?:default_value
ParamSpec identifier:name expr?:default_value
TypeVarTuple identifier:name expr?:default_value
";

/// The table, parsed: bases before what derives from them.
pub(super) fn nodes() -> &'static [NodeDef] {
    static NODES: LazyLock<Vec<NodeDef>> = LazyLock::new(parse);
    &NODES
}

fn parse() -> Vec<NodeDef> {
    let mut nodes = Vec::new();
    let (mut sum, mut sum_located) = ("AST", None);
    for line in TABLE.lines() {
        let mut words = line.split_whitespace().peekable();
        let first = words.next().unwrap_or("");
        let own = matches!(first, "sum" | "product");
        let name = if own { words.next().unwrap_or("") } else { first };
        let mark = words.next_if(|w| w.starts_with('@'));
        let located = mark.map(|mark| mark == "@");
        let fields: Vec<FieldDef> = words.map(field).collect();
        let (base, located) = if own { ("AST", located) } else { (sum, sum_located) };
        let is_sum = first == "sum";
        nodes.push(NodeDef { name, base, fields, located, is_sum, text: line });
        if is_sum {
            (sum, sum_located) = (name, located);
        }
    }
    nodes
}

fn field(word: &'static str) -> FieldDef {
    let (ty, name) = word.split_once(':').unwrap_or((word, ""));
    let (ty, count) = if let Some(ty) = ty.strip_suffix("?*") {
        (ty, Count::ManyOptional)
    } else if let Some(ty) = ty.strip_suffix('*') {
        (ty, Count::Many)
    } else if let Some(ty) = ty.strip_suffix('?') {
        (ty, Count::Optional)
    } else {
        (ty, Count::One)
    };
    FieldDef { name, ty, count }
}

impl NodeDef {
    /// `Name(type field, ...)`, as the grammar writes it.
    pub fn signature(&self) -> String {
        let words = self.text.split_whitespace().filter(|w| w.contains(':'));
        let fields: Vec<String> = words.map(|w| w.replacen(':', " ", 1)).collect();
        if fields.is_empty() {
            return self.name.to_owned();
        }
        format!("{}({})", self.name, fields.join(", "))
    }
}
