//! Binding the arguments of Python functions to their parameters.

use super::Vm;
use super::native::Raised;
use crate::bytecode::CodeFlags;
use crate::object::*;
use crate::value::{Value, Word, word};

impl Vm {
    /// Rearranges the arguments in the window (function, `argc` arguments, the last `keywords` of
    /// them named by the tuple behind them) to the function's parameters, with defaults filled in.
    ///
    /// # Safety
    /// The window is in the value stack; what is above it is not needed any more.
    #[inline(never)]
    pub(crate) unsafe fn bind_arguments(
        &self,
        window: *mut Word,
        argc: usize,
        keywords: usize,
    ) -> Result<(), Raised> {
        // SAFETY: for the whole function: the caller's promise; nothing collects here.
        unsafe {
            let function = Value::from_word(*window).cast_unchecked::<Function>();
            let data = &*function.data.get();
            let unit = &data.unit;
            let base = window.add(1);
            let (positional, kwonly) = (unit.arg_count as usize, unit.kwonly_count as usize);
            let named = positional + kwonly;
            let varargs = unit.flags.has(CodeFlags::VARARGS);
            let varkw = unit.flags.has(CodeFlags::VARKEYWORDS);
            let given = argc - keywords;
            let total = named + varargs as usize + varkw as usize;
            if keywords == 0 && !varkw && !varargs && kwonly == 0 && given <= positional {
                // Only defaults may be missing.
                return self.fill_defaults(function, base, given, positional, 0, false);
            }
            let arguments = std::slice::from_raw_parts(base, argc).to_vec();
            let names: Option<Gc<'_, Tuple>> =
                (keywords > 0).then(|| Value::from_word(*base.add(argc)).cast_unchecked());
            let taken = given.min(positional);
            for i in taken..total {
                base.add(i).write(word::UNBOUND);
            }
            if varargs {
                let rest = arguments[taken..given].iter().map(|w| Value::from_word(*w));
                let rest = self.tuple_from(given - taken, rest);
                base.add(named).write(rest.value().word());
            }
            if varkw {
                base.add(total - 1).write(self.dict().value().word());
            }
            let mut positional_only = Vec::new();
            if let Some(names) = names {
                for (k, name) in names.items().iter().enumerate() {
                    let value = arguments[given + k];
                    let Some(name) = name.get_as::<Str>(self) else {
                        return Err(self.type_error("keywords must be strings"));
                    };
                    let same = |i: usize| {
                        let parameter = &data.varnames[i];
                        parameter.word() == name.value().word()
                            || self.str_eq(parameter.get(self).cast_unchecked(), name)
                    };
                    let first = unit.posonly_count as usize;
                    if let Some(i) = (first..named).find(|&i| same(i)) {
                        if *base.add(i) != word::UNBOUND {
                            let (f, n) = (self.function_name(function), self.str_text(name));
                            return Err(self.type_error(format!(
                                "{f}() got multiple values for argument '{n}'"
                            )));
                        }
                        base.add(i).write(value);
                    } else if varkw {
                        let dict = Value::from_word(*base.add(total - 1)).cast_unchecked();
                        self.dict_set_str(dict, name, Value::from_word(value));
                    } else if (0..first).any(same) {
                        positional_only.push(self.str_text(name).into_owned());
                    } else {
                        let (f, n) = (self.function_name(function), self.str_text(name));
                        return Err(self.type_error(format!(
                            "{f}() got an unexpected keyword argument '{n}'"
                        )));
                    }
                }
            }
            if !positional_only.is_empty() {
                let f = self.function_name(function);
                return Err(self.type_error(format!(
                    "{f}() got some positional-only arguments passed as keyword arguments: '{}'",
                    positional_only.join(", ")
                )));
            }
            if given > positional && !varargs {
                let kwonly_given =
                    (positional..named).filter(|&i| *base.add(i) != word::UNBOUND).count();
                return Err(self.too_many_positional(function, given, kwonly_given));
            }
            self.fill_defaults(function, base, taken, positional, kwonly, true)
        }
    }

    /// Fills parameters left UNBOUND from the defaults; reports those that have none.
    ///
    /// # Safety
    /// `base` is the first parameter's register.
    unsafe fn fill_defaults(
        &self,
        function: Gc<'_, Function>,
        base: *mut Word,
        given: usize,
        positional: usize,
        kwonly: usize,
        preset: bool,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let defaults = function.defaults.get_as::<Tuple>(self);
            let count = defaults.map_or(0, |d| d.len());
            let mut missing = Vec::new();
            for i in given..positional {
                if preset && *base.add(i) != word::UNBOUND {
                    continue;
                }
                if i + count >= positional
                    && let Some(defaults) = defaults
                {
                    base.add(i).write(defaults.items()[i + count - positional].word());
                } else {
                    missing.push(i);
                }
            }
            if !missing.is_empty() {
                return Err(self.missing_arguments(function, &missing, "positional"));
            }
            let data = &*function.data.get();
            let kwdefaults = function.kwdefaults.get_as::<Dict>(self);
            for i in positional..positional + kwonly {
                if *base.add(i) != word::UNBOUND {
                    continue;
                }
                let name = data.varnames[i].get(self).cast_unchecked();
                match kwdefaults.and_then(|d| self.dict_get_str(d, name)) {
                    Some(value) => base.add(i).write(value.word()),
                    None => missing.push(i),
                }
            }
            if !missing.is_empty() {
                return Err(self.missing_arguments(function, &missing, "keyword-only"));
            }
            Ok(())
        }
    }

    /// Qualified name of a function, for messages.
    pub(crate) fn function_name(&self, function: Gc<'_, Function>) -> String {
        self.text_of(function.qualname.get(self))
    }

    #[cold]
    fn missing_arguments(
        &self,
        function: Gc<'_, Function>,
        missing: &[usize],
        what: &str,
    ) -> Raised {
        // SAFETY: a function's code data lives as long as the function.
        let data = unsafe { &*function.data.get() };
        let names: Vec<String> = missing
            .iter()
            .map(|&i| format!("'{}'", self.text_of(data.varnames[i].get(self))))
            .collect();
        let list = match names.as_slice() {
            [one] => one.clone(),
            [a, b] => format!("{a} and {b}"),
            [first @ .., last] => format!("{}, and {last}", first.join(", ")),
            [] => String::new(),
        };
        let plural = if names.len() == 1 { "" } else { "s" };
        let f = self.function_name(function);
        self.type_error(format!(
            "{f}() missing {} required {what} argument{plural}: {list}",
            names.len()
        ))
    }

    #[cold]
    fn too_many_positional(
        &self,
        function: Gc<'_, Function>,
        given: usize,
        kwonly_given: usize,
    ) -> Raised {
        // SAFETY: a function's code data lives as long as the function.
        let data = unsafe { &*function.data.get() };
        let most = data.unit.arg_count as usize;
        let defaults = function.defaults.get_as::<Tuple>(self).map_or(0, |d| d.len());
        let f = self.function_name(function);
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let (takes, takes_plural) = if defaults > 0 {
            (format!("from {} to {most}", most - defaults), "s")
        } else {
            (most.to_string(), plural(most))
        };
        let (extra, were) = if kwonly_given > 0 {
            let also = format!(
                " positional argument{} (and {kwonly_given} keyword-only argument{})",
                plural(given),
                plural(kwonly_given)
            );
            (also, "were")
        } else {
            (String::new(), if given == 1 { "was" } else { "were" })
        };
        self.type_error(format!(
            "{f}() takes {takes} positional argument{takes_plural} but {given}{extra} {were} given"
        ))
    }
}
