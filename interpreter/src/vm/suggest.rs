//! "Did you mean": names that are close to one that was not found.

use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::object::*;

/// More candidates than this are not searched.
const MAX_CANDIDATES: usize = 750;
/// Longer names are not compared.
const MAX_LENGTH: usize = 40;
/// Cost of an inserted, deleted or replaced character.
const MOVE: usize = 2;
/// Cost of a change of case.
const CASE: usize = 1;

fn substitution(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.to_lowercase().eq(b.to_lowercase()) {
        CASE
    } else {
        MOVE
    }
}

/// The edit distance of two names, or something above `most`.
fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a == b {
        return 0;
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH || a.len().abs_diff(b.len()) * MOVE > most {
        return most + 1;
    }
    let mut row: Vec<usize> = (0..=a.len()).map(|i| i * MOVE).collect();
    for (j, &cb) in b.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (j + 1) * MOVE;
        let mut least = row[0];
        for (i, &ca) in a.iter().enumerate() {
            let replaced = diagonal + substitution(ca, cb);
            diagonal = row[i + 1];
            row[i + 1] = replaced.min(row[i] + MOVE).min(diagonal + MOVE);
            least = least.min(row[i + 1]);
        }
        if least > most {
            return most + 1;
        }
    }
    row[a.len()]
}

/// The candidate closest to `wrong`, if any is close.
pub(super) fn closest(wrong: &str, candidates: &[String]) -> Option<String> {
    if candidates.len() > MAX_CANDIDATES || wrong.chars().count() > MAX_LENGTH {
        return None;
    }
    let mut best: Option<(&String, usize)> = None;
    for name in candidates.iter().filter(|name| *name != wrong) {
        let lengths = name.chars().count() + wrong.chars().count();
        let mut most = (lengths + 3) * MOVE / 6;
        if let Some((_, so_far)) = best {
            if so_far == 0 {
                break;
            }
            most = most.min(so_far - 1);
        }
        let d = distance(wrong, name, most);
        if d <= most && best.is_none_or(|(_, so_far)| d < so_far) {
            best = Some((name, d));
        }
    }
    best.map(|(name, _)| name.clone())
}

impl Vm {
    /// What is added to an exception's message: a name that was probably meant.
    pub(super) fn suggestion(&mut self, exception: Local) -> String {
        let value = self.get(exception);
        let is = |id| self.has_class(value, id);
        let (name_error, attribute, import) =
            (is(ClassId::NameError), is(ClassId::AttributeError), is(ClassId::ImportError));
        if !name_error && !attribute && !import {
            return String::new();
        }
        let field = if import { "name_from" } else { "name" };
        let Some(wrong) = self.text_attribute(exception, field) else { return String::new() };
        let mut candidates = if name_error {
            self.names_in_scope(exception)
        } else if attribute {
            self.names_of_attribute(exception, "obj")
        } else {
            self.names_of_module(exception)
        };
        if !name_error && !wrong.starts_with('_') {
            candidates.retain(|name| !name.starts_with('_'));
        }
        let mut text = match closest(&wrong, &candidates) {
            Some(found) => format!(". Did you mean: '{found}'?"),
            None => String::new(),
        };
        if name_error && self.is_library_module(&wrong) {
            text.push_str(if text.is_empty() { ". Did" } else { " Or did" });
            text.push_str(&format!(" you forget to import '{wrong}'?"));
        }
        text
    }

    fn attribute_quietly(&mut self, object: Local, name: &str) -> Option<Local> {
        match self.getattr_opt(object, name) {
            Ok(found) => found.map(|ret| self.hold(ret)),
            Err(raised) => {
                self.take_exception(raised);
                None
            }
        }
    }

    fn text_attribute(&mut self, object: Local, name: &str) -> Option<String> {
        let found = self.attribute_quietly(object, name)?;
        let text = self.get(found).as_str()?;
        Some(self.str_text(text).into_owned())
    }

    /// Variables of the function that raised, its module's, and the builtin names.
    fn names_in_scope(&self, exception: Local) -> Vec<String> {
        let mut names = Vec::new();
        let mut function: Option<Gc<'_, Function>> = None;
        let mut at = self
            .get(exception)
            .cast::<Exception>()
            .and_then(|e| e.r().traceback.get_as::<Traceback>(self));
        while let Some(entry) = at {
            function = entry.r().func.get_as(self);
            at = entry.r().next.get_as(self);
        }
        let mut add = |dict: Gc<'_, Dict>| {
            for (key, _) in self.table_items(dict.r()) {
                if key.as_str().is_some() {
                    names.push(self.text_of(key));
                }
            }
        };
        if let Some(function) = function {
            if let Some(globals) = function.r().globals.get_as::<Dict>(self) {
                add(globals);
            }
            add(self.builtins());
            // SAFETY: the function keeps its code's data alive.
            let unit = unsafe { &(*function.data.get()).unit };
            let own = unit.varnames.iter().chain(&unit.freevars);
            let own: Vec<String> =
                own.filter(|n| !n.starts_with('.')).map(|n| n.to_string()).collect();
            names.splice(0..0, own);
        }
        names
    }

    fn names_of_attribute(&mut self, exception: Local, field: &str) -> Vec<String> {
        match self.attribute_quietly(exception, field) {
            Some(object) => self.names_of(object),
            None => Vec::new(),
        }
    }

    /// The names in the module that an ImportError is about.
    fn names_of_module(&mut self, exception: Local) -> Vec<String> {
        let Some(name) = self.text_attribute(exception, "name") else { return Vec::new() };
        let found = self.dict_get_str(self.modules(), self.intern(&name));
        match found.map(|module| self.root(module)) {
            Some(module) => self.names_of(module),
            None => Vec::new(),
        }
    }

    /// `dir(object)`, sorted; nothing when that fails.
    fn names_of(&mut self, object: Local) -> Vec<String> {
        let Some(dir) = self.dict_get_str(self.builtins(), self.intern("dir")) else {
            return Vec::new();
        };
        let dir = self.root(dir);
        match self.call(dir, &[object]) {
            Ok(list) => {
                let list = self.value(list).cast::<List>();
                let names = list.map(|list| self.list_items(list).map(|n| self.text_of(n)));
                let mut names: Vec<String> = names.map(Iterator::collect).unwrap_or_default();
                names.sort_unstable();
                names
            }
            Err(raised) => {
                self.take_exception(raised);
                Vec::new()
            }
        }
    }

    fn is_library_module(&mut self, name: &str) -> bool {
        let Some(set) = self.sys_get("stdlib_module_names") else { return false };
        let set = self.root(set);
        let key = self.root(self.intern(name).value());
        self.contains(set, key).unwrap_or_else(|raised| {
            self.take_exception(raised);
            false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closest_names() {
        let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(closest("conter", &names(&["other", "counter"])), Some("counter".into()));
        assert_eq!(closest("Value", &names(&["values", "value"])), Some("value".into()));
        assert_eq!(closest("x", &names(&["something"])), None);
        assert_eq!(closest("squrt", &names(&["sin", "sqrt"])), Some("sqrt".into()));
    }
}
