//! Every opcode, declared once.
//!
//! Notation: `R[a]` is the register named by operand `a`, `K[b]` a constant, `S[c]` an inline-cache
//! site (which also knows the site's name). A *pair* at `t` is the calling layout of a method:
//! either `R[t]` = plain function and `R[t+1]` = receiver, or `R[t]` = UNBOUND and `R[t+1]` = any
//! callable. `ext` is the [`Op::Ext`] word that follows some instructions.

/// How an operand is to be read; drives the disassembler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Not used.
    No,
    /// A register that is written.
    Out,
    /// A register that is read.
    In,
    /// The first of several registers.
    Window,
    /// A count.
    Count,
    /// Index of a constant.
    Const,
    /// Index of an inline-cache site.
    Site,
    /// A signed immediate.
    Imm,
    /// `b` and `c` together: a signed 32-bit immediate.
    Imm32,
    /// `b` and `c` together: a jump offset.
    Jump,
    /// `b` and `c` together: index of a constant.
    Const32,
}

macro_rules! opcodes {
    ($( $(#[doc = $doc:literal])* $name:ident($x:ident, $a:ident, $b:ident, $c:ident); )*) => {
        /// An operation of the virtual machine.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Op { $( $(#[doc = $doc])* $name, )* }

        impl Op {
            /// All opcodes in numerical order.
            pub const ALL: &'static [Op] = &[$(Op::$name),*];

            /// The opcode's name.
            pub const fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name),)* }
            }

            /// How `x`, `a`, `b` and `c` are read.
            pub const fn operands(self) -> [Operand; 4] {
                match self { $(Op::$name =>
                    [Operand::$x, Operand::$a, Operand::$b, Operand::$c],)* }
            }
        }
    };
}

opcodes! {
    /// Second word of an instruction; never executed by itself. Carries a jump offset or a constant.
    Ext(No, No, Jump, No);

    /// Does nothing: a line on which nothing else is to be done, for those who trace lines.
    Nop(No, No, No, No);

    // Moves and constants.
    /// `R[a] = R[b]`
    Move(No, Out, In, No);
    /// `R[a] = K[bc]`
    LoadConst(No, Out, Const32, No);
    /// `R[a] =` the small int `bc`.
    LoadInt(No, Out, Imm32, No);
    /// `R[a] =` None (x=0), True (1), False (2), Ellipsis (3), UNBOUND (4), NotImplemented (5).
    LoadSingleton(Imm, Out, No, No);
    /// Raises UnboundLocalError for the local `a` if it is UNBOUND.
    CheckLocal(No, In, No, No);
    /// Makes the local `a` UNBOUND again; raises UnboundLocalError if it already was (x=0), or does
    /// not ask (x=1).
    DeleteLocal(Imm, Out, No, No);

    // Cells.
    /// `R[a] = cell(R[a])`; R[a] may be UNBOUND. x=1: a fresh empty cell whatever R[a] holds.
    MakeCell(Imm, Out, No, No);
    /// Copies the running function's `c` closure cells to `R[a], R[a+1], ...`.
    CopyClosure(No, Window, No, Count);
    /// `R[a] =` contents of the cell in `R[b]`; UnboundLocalError or NameError when empty.
    LoadCell(No, Out, In, No);
    /// Contents of the cell in `R[a] = R[b]`.
    StoreCell(No, In, In, No);
    /// Empties the cell in `R[a]`; error when it is empty.
    DeleteCell(No, In, No, No);

    // Names. Code with the NAMES flag (module, class body, exec) has its namespace in R[0].
    /// `R[a] =` global or builtin of the site's name.
    LoadGlobal(No, Out, No, Site);
    /// Global of the site's name `= R[a]`.
    StoreGlobal(No, In, No, Site);
    /// Deletes the global; NameError when missing.
    DeleteGlobal(No, No, No, Site);
    /// `R[a] =` name in the namespace, else global, else builtin.
    LoadName(No, Out, No, Site);
    /// Name in the namespace `= R[a]`.
    StoreName(No, In, No, Site);
    /// Deletes the name from the namespace.
    DeleteName(No, No, No, Site);
    /// Class body: `R[a] =` name in the namespace, else contents of the cell in `R[b]`.
    LoadNameOrCell(No, Out, In, Site);

    // Attributes and items.
    /// `R[a] = R[b].name`
    LoadAttr(No, Out, In, Site);
    /// `R[a].name = R[b]`
    StoreAttr(No, In, In, Site);
    /// `del R[a].name`
    DeleteAttr(No, In, No, Site);
    /// Pair at `a` for the call `R[b].name(...)`.
    LoadMethod(No, Window, In, Site);
    /// `R[a] = super(cls, self).name`; `R[b]` = what the name `super` is, `R[b+1]` = cls,
    /// `R[b+2]` = self. When `R[b]` is not the builtin: `R[b]().name`.
    LoadSuperAttr(No, Out, Window, Site);
    /// As LoadSuperAttr, but leaves a pair at `a`.
    LoadSuperMethod(No, Window, Window, Site);
    /// Pair at `a` for a special method of `R[b]`'s type. c: 0 = `__enter__`, 1 = `__exit__`,
    /// 2 = `__aenter__`, 3 = `__aexit__`; TypeError in CPython's words when missing.
    LoadSpecial(No, Window, In, Count);
    /// `R[a] = R[b][R[c]]`
    GetItem(No, Out, In, In);
    /// `R[a][R[b]] = R[c]`
    SetItem(No, In, In, In);
    /// `del R[a][R[b]]`
    DeleteItem(No, In, In, No);
    /// `R[a] = slice(R[b], R[b+1], R[b+2])`
    BuildSlice(No, Out, Window, No);

    // Arithmetic. x=1: the in-place form (`+=`).
    /// `R[a] = R[b] + R[c]`
    Add(Imm, Out, In, In);
    /// `R[a] = R[b] - R[c]`
    Sub(Imm, Out, In, In);
    /// `R[a] = R[b] * R[c]`
    Mul(Imm, Out, In, In);
    /// `R[a] = R[b] / R[c]`
    TrueDiv(Imm, Out, In, In);
    /// `R[a] = R[b] // R[c]`
    FloorDiv(Imm, Out, In, In);
    /// `R[a] = R[b] % R[c]`
    Mod(Imm, Out, In, In);
    /// `R[a] = R[b] ** R[c]`
    Pow(Imm, Out, In, In);
    /// `R[a] = R[b] @ R[c]`
    MatMul(Imm, Out, In, In);
    /// `R[a] = R[b] & R[c]`
    And(Imm, Out, In, In);
    /// `R[a] = R[b] | R[c]`
    Or(Imm, Out, In, In);
    /// `R[a] = R[b] ^ R[c]`
    Xor(Imm, Out, In, In);
    /// `R[a] = R[b] << R[c]`
    LShift(Imm, Out, In, In);
    /// `R[a] = R[b] >> R[c]`
    RShift(Imm, Out, In, In);
    /// `R[a] = R[b] + c` with a signed 16-bit immediate.
    AddImm(Imm, Out, In, Imm);
    /// `R[a] = R[b] - c` with a signed 16-bit immediate.
    SubImm(Imm, Out, In, Imm);
    /// `R[a] = -R[b]`
    Neg(No, Out, In, No);
    /// `R[a] = +R[b]`
    Pos(No, Out, In, No);
    /// `R[a] = ~R[b]`
    Invert(No, Out, In, No);
    /// `R[a] = not R[b]`
    Not(No, Out, In, No);

    // Comparison. x: 0 `<`, 1 `<=`, 2 `==`, 3 `!=`, 4 `>`, 5 `>=`.
    /// `R[a] = R[b] (x) R[c]`
    Compare(Imm, Out, In, In);
    /// `R[a] = R[b] is R[c]`; x=1: `is not`.
    Is(Imm, Out, In, In);
    /// `R[a] = R[b] in R[c]`; x=1: `not in`.
    In(Imm, Out, In, In);

    // Jumps.
    /// Jumps forward; x=1: is a statement of its own for those who trace lines.
    Jump(Imm, No, Jump, No);
    /// Jumps backward: a loop's back-edge, a safepoint; x=1: from the end of the body to the head.
    JumpBack(Imm, No, Jump, No);
    /// Jumps when the truth of `R[a]` is x (0 or 1). Forward only.
    JumpIf(Imm, In, Jump, No);
    /// Jumps when (`R[a] is None`) is x. Forward only.
    JumpIfNone(Imm, In, Jump, No);
    /// `ext` jumps when the truth of `R[a] (x & 7) R[b]` is `x >> 7`. Forward only.
    CompareJump(Imm, In, In, No);
    /// As CompareJump with the signed 16-bit immediate `b` on the right.
    CompareJumpImm(Imm, In, Imm, No);
    /// `ext` jumps when (`R[a] is R[b]`) is x.
    IsJump(Imm, In, In, No);
    /// `ext` jumps when (`R[a] in R[b]`) is x.
    InJump(Imm, In, In, No);

    // Iteration.
    /// Prepares `R[a], R[a+1]` to iterate over `R[b]` with ForIter: an iterator and UNBOUND, or,
    /// for some builtin containers, the container and its position (no iterator is allocated).
    GetIter(No, Window, In, No);
    /// `R[a] =` next item of the iteration at `R[b], R[b+1]`; when exhausted `ext` jumps.
    ForIter(No, Out, Window, No);
    /// `R[a] = iter(R[b])`, a real iterator object.
    MakeIter(No, Out, In, No);

    // Calls.
    /// `R[a] = R[b](R[b+1] ..)` with c positional arguments.
    Call(No, Out, Window, Count);
    /// `R[a] =` call of the pair at b with the c positional arguments `R[b+2] ..`.
    CallMethod(No, Out, Window, Count);
    /// As Call (x=0) or CallMethod (x=1); the last of the c arguments are keyword arguments whose
    /// names are the tuple `K[ext]`.
    CallKw(Imm, Out, Window, Count);
    /// `R[a] = R[b](*R[b+1], **R[b+2])`; `R[b+1]` is a tuple; `R[b+2]` a dict if x=1.
    CallEx(Imm, Out, Window, No);
    /// Returns `R[a]`.
    Return(No, In, No, No);
    /// Returns None.
    ReturnNone(No, No, No, No);
    /// `R[a] =` function of code `K[b]`; x tells which of `R[c]` defaults tuple (1), `R[c+1]`
    /// keyword-defaults dict (2), `R[c+2]` `__annotate__` function (4), `R[c+3]` closure tuple (8)
    /// are there.
    MakeFunction(Imm, Out, Const, Window);
    /// `R[a] = builtins.__build_class__`
    LoadBuildClass(No, Out, No, No);

    // Building.
    /// `R[a] = (R[b], ..)` of c items.
    BuildTuple(No, Out, Window, Count);
    /// `R[a] = [R[b], ..]` of c items.
    BuildList(No, Out, Window, Count);
    /// `R[a] = {R[b], ..}` of c items.
    BuildSet(No, Out, Window, Count);
    /// `R[a] = {R[b]: R[b+1], ..}` of c pairs.
    BuildDict(No, Out, Window, Count);
    /// `R[a] =` the c strs from `R[b]` on, joined.
    BuildString(No, Out, Window, Count);
    /// `R[a] =` the interpolation (PEP 750) of value, text, conversion and format spec from `R[b]` on.
    BuildInterpolation(No, Out, Window, No);
    /// `R[a] =` the template of the strings `R[b]` and the c interpolations behind.
    BuildTemplate(No, Out, Window, Count);
    /// `R[a] = format(conv(R[b]), R[c])`; x & 3: conversion 0 none, 1 str, 2 repr, 3 ascii;
    /// x & 128: there is a spec in `R[c]`.
    FormatValue(Imm, Out, In, In);
    /// `R[a].append(R[b])`, R[a] a list of the compiler's own.
    ListAppend(No, In, In, No);
    /// `R[a].extend(R[b])`; x=1: the items are call arguments (`Value after * must be an iterable`).
    ListExtend(Imm, In, In, No);
    /// `R[a] = tuple(R[b])`, `R[b]` a list.
    ListToTuple(No, Out, In, No);
    /// `R[a].add(R[b])`
    SetAdd(No, In, In, No);
    /// `R[a].update(R[b])`, a set.
    SetUpdate(No, In, In, No);
    /// `R[a][R[b]] = R[c]`, R[a] a dict of the compiler's own.
    DictSet(No, In, In, In);
    /// `R[a].update(R[b])` for a dict display.
    DictUpdate(No, In, In, No);
    /// `R[a].update(R[b])` for keyword arguments of the callee `R[c]`; duplicates are an error.
    DictMerge(No, In, In, In);
    /// Unpacks `R[b]` into exactly c registers from `R[a]`.
    UnpackSequence(No, Window, In, Count);
    /// Unpacks with a star: c & 255 items before, a list, c >> 8 items after, from `R[a]`.
    UnpackStar(No, Window, In, Count);

    // Import.
    /// `R[a] = __import__(K[c], fromlist=R[b], level=x)`
    ImportName(Imm, Out, In, Const);
    /// `R[a] =` attribute or submodule `K[c]` of module `R[b]`.
    ImportFrom(No, Out, In, Const);
    /// `from R[a] import *` into the namespace R[0].
    ImportStar(No, In, No, No);

    // Exceptions.
    /// `raise R[a]`
    Raise(No, In, No, No);
    /// `raise R[a] from R[b]`
    RaiseFrom(No, In, In, No);
    /// `raise` alone: the exception being handled, or RuntimeError.
    RaiseBare(No, No, No, No);
    /// Raises `R[a]` again, traceback and context as they are; x=1: for the line of the frame, from
    /// where it was raised before.
    Reraise(Imm, In, No, No);
    /// A handler begins: saves the exception handled so far in `R[b]`; `R[a]` is handled now.
    EnterHandler(No, In, Out, No);
    /// A handler ends: the exception saved in `R[a]` is the handled one again.
    LeaveHandler(No, In, No, No);
    /// `R[a] =` whether the exception `R[b]` matches the class or tuple `R[c]`.
    MatchExc(No, Out, In, In);
    /// `R[a], R[a+1], R[a+2] =` type, value, traceback of the exception `R[b]`.
    ExcInfo(No, Window, In, No);
    /// `R[a] = AssertionError`
    LoadAssertionError(No, Out, No, No);

    // Generators.
    /// Suspends the generator with the value `R[b]`; `R[a] =` what is sent in.
    Yield(No, Out, In, No);
    /// Delegates to the iterator `R[b]`: sends it `R[a]` (None at first) and yields what it yields
    /// until it ends; then `R[a] =` its return value. Throws and closes are passed on by the VM.
    YieldFrom(No, Out, In, No);
    /// `R[a] =` iterator of `R[b]` for `yield from` (a generator is itself; coroutine rules).
    GetYieldFromIter(No, Out, In, No);
    /// `R[a] =` awaitable's iterator of `R[b]`; x: 0 await, 1 `__aenter__`, 2 `__aexit__`.
    GetAwaitable(Imm, Out, In, No);
    /// `R[a] = R[b].__aiter__()`
    GetAIter(No, Out, In, No);
    /// `R[a] =` awaitable of `R[b].__anext__()`
    GetANext(No, Out, In, No);
    /// Jumps by bc when the exception `R[a]` is StopAsyncIteration, else raises it again.
    EndAsyncFor(No, In, Jump, No);

    // Pattern matching.
    /// `R[a] = len(R[b])`
    GetLen(No, Out, In, No);
    /// `R[a] =` whether `R[b]` is a sequence (x=0) or a mapping (x=1) to a pattern.
    MatchKind(Imm, Out, In, No);
    /// `R[a] =` tuple of the values of the keys in the tuple `R[c]` of mapping `R[b]`, or None.
    MatchKeys(No, Out, In, In);
    /// `R[a] =` tuple of attributes, or None: subject `R[b]`, class `R[c]`, x positional patterns,
    /// keyword names tuple `K[ext]`.
    MatchClass(Imm, Out, In, In);

    /// `R[a] =` the namespace `locals()` of a class body or module: R[0].
    LoadLocals(No, Out, No, No);
    /// Prints `R[a]` with sys.displayhook (interactive statements).
    DisplayHook(No, In, No, No);
    /// `R[a] =` a new exception group part: (rest, match) of `except*`; `R[b]` group, `R[c]` class.
    MatchExcStar(No, Window, In, In);
    /// `R[a] =` what `except*` must raise at the end: `R[b]` original group, `R[c]` list of results.
    PrepExcStar(No, Out, In, In);
    /// `R[a] =` name in the mapping `R[b]`, else global or builtin (annotations of a class).
    LoadDictOrGlobal(No, Out, In, Site);
    /// `R[a] =` name in the mapping `R[a]`, else contents of the cell in `R[b]`.
    LoadDictOrCell(No, In, In, Site);

    // Specialised forms: written by the VM over the general ones, never by the compiler.
    /// Add of two floats.
    AddFloat(Imm, Out, In, In);
    /// Sub of two floats.
    SubFloat(Imm, Out, In, In);
    /// Mul of two floats.
    MulFloat(Imm, Out, In, In);
    /// GetItem of an exact list by a small int.
    GetItemList(No, Out, In, In);
    /// GetItem of an exact tuple by a small int.
    GetItemTuple(No, Out, In, In);
    /// GetItem of an exact dict.
    GetItemDict(No, Out, In, In);
    /// GetItem of an object whose `__getitem__` is written in C.
    GetItemRaw(No, Out, In, In);
    /// SetItem of an exact list by a small int.
    SetItemList(No, In, In, In);
    /// LoadAttr of an instance slot guarded by shape.
    LoadAttrSlot(No, Out, In, Site);
    /// LoadAttr of a place that a class's `__slots__` gave its instances, guarded by shape.
    LoadAttrMember(No, Out, In, Site);
    /// LoadAttr of a value found in the class.
    LoadAttrClass(No, Out, In, Site);
    /// LoadAttr of a property whose getter is a plain function.
    LoadAttrProperty(No, Out, In, Site);
    /// LoadAttr of a module's global.
    LoadAttrModule(No, Out, In, Site);
    /// StoreAttr to an existing instance slot.
    StoreAttrSlot(No, In, In, Site);
    /// StoreAttr that adds a slot: a shape transition.
    StoreAttrAdd(No, In, In, Site);
    /// LoadMethod of a plain function found in the class, receiver guarded by shape.
    LoadMethodClass(No, Window, In, Site);
    /// LoadMethod on a module: a global of it.
    LoadMethodModule(No, Window, In, Site);
    /// LoadGlobal found in the module's globals.
    LoadGlobalModule(No, Out, No, Site);
    /// LoadGlobal found in builtins.
    LoadGlobalBuiltin(No, Out, No, Site);
    /// ForIter over a range of small ints.
    ForIterRange(No, Out, Window, No);
    /// ForIter over a list.
    ForIterList(No, Out, Window, No);
    /// ForIter that calls a native iterator's step.
    ForIterNative(No, Out, Window, No);
    /// ForIter that resumes a generator.
    ForIterGen(No, Out, Window, No);
    /// Call of a Python function whose arguments fit its parameters one to one.
    CallFunction(No, Out, Window, Count);
    /// CallMethod of such a function with its receiver.
    CallMethodFunction(No, Out, Window, Count);
    /// Call of a native function with plain positional parameters.
    CallNative(No, Out, Window, Count);
    /// Call of the builtin `len` with one argument.
    CallLen(No, Out, Window, Count);
    /// CallMethod of a native method with plain positional parameters.
    CallMethodNative(No, Out, Window, Count);
    /// Call of a plain Python class.
    CallClass(No, Out, Window, Count);
}
