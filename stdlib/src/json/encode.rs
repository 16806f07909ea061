//! Objects to text.

use crate::prelude::*;
use sidewinder_interpreter::builtins::float_text;
use sidewinder_interpreter::builtins::text::TextBuilder;

/// Appends a JSON string.
fn push_string(out: &mut TextBuilder, s: &Str, ascii: bool) {
    out.push('"' as u32);
    let plain = |c: u32| c >= 0x20 && c != '"' as u32 && c != '\\' as u32 && (c < 0x7F || !ascii);
    let (mut i, n) = (0, s.len());
    while i < n {
        let from = i;
        while i < n && plain(s.char_at(i)) {
            i += 1;
        }
        out.push_slice(s, from, i);
        if i == n {
            break;
        }
        let c = s.char_at(i);
        i += 1;
        match c {
            0x22 => out.push_ascii(b"\\\""),
            0x5C => out.push_ascii(b"\\\\"),
            0x0A => out.push_ascii(b"\\n"),
            0x0D => out.push_ascii(b"\\r"),
            0x09 => out.push_ascii(b"\\t"),
            0x08 => out.push_ascii(b"\\b"),
            0x0C => out.push_ascii(b"\\f"),
            0x10000.. => {
                let v = c - 0x10000;
                let pair = format!("\\u{:04x}\\u{:04x}", 0xD800 + (v >> 10), 0xDC00 + (v & 0x3FF));
                out.push_ascii(pair.as_bytes());
            }
            _ => out.push_ascii(format!("\\u{c:04x}").as_bytes()),
        }
    }
    out.push('"' as u32);
}

fn encoded(vm: &mut Vm, args: Args, ascii: bool) -> NativeResult {
    let vm = &*vm;
    let Some(s) = args.get(vm, 0).as_str() else {
        let given = vm.type_name(args.get(vm, 0));
        raise!(vm, TypeError, "first argument must be a string, not {given}");
    };
    let mut out = TextBuilder::with_capacity(s.len() + 2);
    push_string(&mut out, s.r(), ascii);
    Ok(vm.ret(out.finish(vm).value()))
}

pub(super) fn basestring_ascii(vm: &mut Vm, args: Args) -> NativeResult {
    encoded(vm, args, true)
}

pub(super) fn basestring(vm: &mut Vm, args: Args) -> NativeResult {
    encoded(vm, args, false)
}

/// What a JSONEncoder uses to write: its settings.
#[derive(Trace)]
pub struct Encoder {
    /// A dict of the containers being written, or None.
    markers: Slot,
    default: Slot,
    encoder: Slot,
    indent: Slot,
    key_separator: Slot,
    item_separator: Slot,
    sort_keys: Cell<bool>,
    skip_keys: Cell<bool>,
    allow_nan: Cell<bool>,
}
native_type!(
    Encoder,
    ENCODER,
    "_json",
    "Encoder",
    "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    0,
    [
        NativeDef::static_method(
            "__new__($type, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
            new,
            ""
        ),
        NativeDef::method(
            "__call__($self, obj, _current_indent_level)",
            call,
            "Call self as a function."
        ),
    ],
    []
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &ENCODER)?;
    let markers = args.get(vm, 1);
    if !markers.is_none() && markers.cast::<Dict>().is_none() {
        let given = vm.type_name(markers);
        raise!(vm, TypeError, "make_encoder() argument 1 must be dict or None, not {given}");
    }
    args.str(vm, 5)?;
    args.str(vm, 6)?;
    let mut flags = [false; 3];
    for (i, flag) in flags.iter_mut().enumerate() {
        *flag = vm.truth(args.local(7 + i))?;
    }
    let vm = &*vm;
    let [markers, default, encoder, indent, key_separator, item_separator] =
        [1, 2, 3, 4, 5, 6].map(|i| slot(args.get(vm, i)));
    let [sort_keys, skip_keys, allow_nan] = flags.map(Cell::new);
    let payload = Encoder {
        markers,
        default,
        encoder,
        indent,
        key_separator,
        item_separator,
        sort_keys,
        skip_keys,
        allow_nan,
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

/// How strings are written.
#[derive(Clone, Copy)]
enum Strings {
    Ascii,
    Unicode,
    By(Local),
}

/// A run over one object.
struct Run {
    markers: Option<Local>,
    default: Local,
    strings: Strings,
    indent: Option<Local>,
    key_separator: Local,
    item_separator: Local,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
    out: TextBuilder,
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let level = vm.index_i64(args.local(2))?;
    let this = args.payload::<Encoder>(vm)?;
    let strings = {
        let encoder = this.encoder.get(vm);
        let own = |f: sidewinder_interpreter::vm::native::NativeFn| {
            encoder
                .cast::<sidewinder_interpreter::object::Builtin>()
                .is_some_and(|b| std::ptr::fn_addr_eq(b.def.get().func, f))
        };
        if own(basestring_ascii) {
            Strings::Ascii
        } else if own(basestring) {
            Strings::Unicode
        } else {
            Strings::By(vm.root(encoder))
        }
    };
    let some = |slot: &Slot| {
        let v = slot.get(vm);
        (!v.is_none()).then(|| vm.root(v))
    };
    let mut run = Run {
        markers: some(&this.markers),
        default: vm.root(this.default.get(vm)),
        strings,
        indent: some(&this.indent),
        key_separator: vm.root(this.key_separator.get(vm)),
        item_separator: vm.root(this.item_separator.get(vm)),
        sort_keys: this.sort_keys.get(),
        skip_keys: this.skip_keys.get(),
        allow_nan: this.allow_nan.get(),
        out: TextBuilder::new(),
    };
    run.write(vm, args.local(1), level.max(0) as usize)?;
    let vm = &*vm;
    let text = run.out.finish(vm).value();
    Ok(vm.ret(vm.tuple(&[text]).value()))
}

impl Run {
    fn push(&mut self, vm: &Vm, l: Local) {
        if let Some(s) = vm.get(l).as_str() {
            self.out.push_text(s.r());
        }
    }

    fn newline(&mut self, vm: &Vm, level: usize) {
        let Some(indent) = self.indent else { return };
        self.out.push('\n' as u32);
        for _ in 0..level {
            self.push(vm, indent);
        }
    }

    fn string(&mut self, vm: &mut Vm, v: Local) -> Result<(), Raised> {
        let ascii = match self.strings {
            Strings::Ascii => true,
            Strings::Unicode => false,
            Strings::By(f) => {
                let ret = vm.call(f, &[v])?;
                let Some(s) = vm.value(ret).as_str() else {
                    let given = vm.type_name(vm.result());
                    raise!(vm, TypeError, "encoder() must return a string, not {given}");
                };
                self.out.push_text(s.r());
                return Ok(());
            }
        };
        if let Some(s) = vm.get(v).as_str() {
            push_string(&mut self.out, s.r(), ascii);
        }
        Ok(())
    }

    /// The text of a float, which may be of a subclass.
    fn float(&self, vm: &mut Vm, v: Local, x: f64) -> Result<String, Raised> {
        if x.is_finite() {
            return Ok(float_text::repr(x));
        }
        if !self.allow_nan {
            let text = vm.repr_text(v)?;
            raise!(vm, ValueError, "Out of range float values are not JSON compliant: {text}");
        }
        Ok(if x.is_nan() {
            "NaN".into()
        } else if x > 0.0 {
            "Infinity".into()
        } else {
            "-Infinity".into()
        })
    }

    /// The text of an int, without what a subclass makes of it.
    fn int(&self, vm: &mut Vm, v: Local) -> Result<String, Raised> {
        if let Some(i) = vm.as_i64(vm.get(v)) {
            return Ok(i.to_string());
        }
        let int = vm.class(ClassId::Int);
        let repr = vm.special(int, Special::Repr).expect("int has one");
        let repr = vm.root(repr);
        let ret = vm.call(repr, &[v])?;
        Ok(vm.text_of(vm.value(ret)))
    }

    /// The text of a value that is neither a string nor a container; `None` for all others.
    fn atom(&self, vm: &mut Vm, l: Local) -> Result<Option<String>, Raised> {
        let v = vm.get(l);
        if v.is_none() {
            return Ok(Some("null".into()));
        }
        if v.is_bool() {
            return Ok(Some(if v.is(Value::TRUE) { "true" } else { "false" }.into()));
        }
        if vm.is_int(v) {
            return self.int(vm, l).map(Some);
        }
        match vm.as_f64(v) {
            Some(x) => self.float(vm, l, x).map(Some),
            None => Ok(None),
        }
    }

    fn write(&mut self, vm: &mut Vm, v: Local, level: usize) -> Result<(), Raised> {
        vm.scope(|vm| {
            if vm.get(v).as_str().is_some() {
                return self.string(vm, v);
            }
            if let Some(text) = self.atom(vm, v)? {
                self.out.push_ascii(text.as_bytes());
                return Ok(());
            }
            vm.check_native_stack(" while encoding a JSON object")?;
            vm.safepoint()?;
            let key = self.enter(vm, v)?;
            if vm.has_class(vm.get(v), ClassId::List) || vm.has_class(vm.get(v), ClassId::Tuple) {
                self.list(vm, v, level)?;
            } else if vm.has_class(vm.get(v), ClassId::Dict) {
                self.dict(vm, v, level)?;
            } else {
                let ret = vm.call(self.default, &[v])?;
                let other = vm.hold(ret);
                if let Err(raised) = self.write(vm, other, level) {
                    let given = vm.type_name(vm.get(v));
                    return Err(note(vm, raised, &format!("when serializing {given} object")));
                }
            }
            if let (Some(markers), Some(key)) = (self.markers, key) {
                vm.dict_del(markers, key)?;
            }
            Ok(())
        })
    }

    /// Marks a container as being written; ValueError when it is inside itself.
    fn enter(&self, vm: &mut Vm, v: Local) -> Result<Option<Local>, Raised> {
        let Some(markers) = self.markers else { return Ok(None) };
        let key = vm.root(vm.int(vm.id(vm.get(v)) as i64));
        if vm.dict_get(markers, key)? {
            raise!(vm, ValueError, "Circular reference detected");
        }
        vm.dict_set(markers, key, v)?;
        Ok(Some(key))
    }

    fn list(&mut self, vm: &mut Vm, v: Local, level: usize) -> Result<(), Raised> {
        if seq_len(vm.get(v)) == 0 {
            self.out.push_ascii(b"[]");
            return Ok(());
        }
        self.out.push('[' as u32);
        self.newline(vm, level + 1);
        let item = vm.empty_root();
        let mut i = 0;
        while let Some(next) = seq_item(vm, vm.get(v), i) {
            if i > 0 {
                self.push(vm, self.item_separator);
                self.newline(vm, level + 1);
            }
            vm.set(item, next);
            if let Err(raised) = self.write(vm, item, level + 1) {
                let given = vm.type_name(vm.get(v));
                return Err(note(vm, raised, &format!("when serializing {given} item {i}")));
            }
            i += 1;
            vm.safepoint()?;
        }
        self.newline(vm, level);
        self.out.push(']' as u32);
        Ok(())
    }

    fn dict(&mut self, vm: &mut Vm, v: Local, level: usize) -> Result<(), Raised> {
        let exact = vm.is_exact(vm.get(v), ClassId::Dict);
        if vm.len(v)? == 0 {
            self.out.push_ascii(b"{}");
            return Ok(());
        }
        // The items as they are now.
        let items = if exact {
            let vm = &*vm;
            let d: Gc<'_, Dict> = vm.get(v).cast().expect("exact dict");
            let list = vm.list(&[]);
            for (key, value) in vm.table_items(&*d) {
                vm.list_push(list, vm.tuple(&[key, value]).value());
            }
            vm.root(list.value())
        } else {
            let items = vm.call_method(v, "items", &[])?;
            let items = vm.hold(items);
            let items = vm.collect_list(items)?;
            vm.hold(items)
        };
        if self.sort_keys {
            sidewinder_interpreter::builtins::list_sort::sort(vm, items, None, false)?;
        }
        self.out.push('{' as u32);
        let (key, value) = (vm.empty_root(), vm.empty_root());
        let (mut i, mut first) = (0, true);
        while let Some(pair) = seq_item(vm, vm.get(items), i) {
            i += 1;
            let (Some(k), Some(x)) = (seq_item(vm, pair, 0), seq_item(vm, pair, 1)) else {
                raise!(vm, ValueError, "items must return 2-tuples");
            };
            vm.set(key, k);
            vm.set(value, x);
            let text = if k.as_str().is_some() { None } else { self.atom(vm, key)? };
            if text.is_none() && vm.get(key).as_str().is_none() {
                if self.skip_keys {
                    continue;
                }
                let given = vm.type_name(vm.get(key));
                raise!(vm, TypeError, "keys must be str, int, float, bool or None, not {given}");
            }
            if !first {
                self.push(vm, self.item_separator);
            }
            first = false;
            self.newline(vm, level + 1);
            if let Some(text) = text {
                vm.set(key, vm.str(&text).value());
            }
            vm.scope(|vm| self.string(vm, key))?;
            self.push(vm, self.key_separator);
            if let Err(raised) = self.write(vm, value, level + 1) {
                let given = vm.type_name(vm.get(v));
                let pending = vm.take_exception(raised);
                let shown = vm.repr_text(key)?;
                let raised = vm.set_exception_as_is(vm.get(pending));
                let text = format!("when serializing {given} item {shown}");
                return Err(note(vm, raised, &text));
            }
            vm.safepoint()?;
        }
        self.newline(vm, level);
        self.out.push('}' as u32);
        Ok(())
    }
}

/// Adds to an exception what was being written.
fn note(vm: &mut Vm, raised: Raised, text: &str) -> Raised {
    let error = vm.take_exception(raised);
    let text = vm.root(vm.str(text).value());
    if let Err(raised) = vm.call_method(error, "add_note", &[text]) {
        return raised;
    }
    let error = vm.get(error);
    vm.set_exception_as_is(error)
}
