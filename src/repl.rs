//! The prompt: lines of Python, run as they come.

use crate::cli::CommandLine;
use crate::ending;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use sidewinder::interpreter::builtins::ClassId;
use sidewinder::interpreter::compiler::{self, Mode, Options, SyntaxErrorKind};
use sidewinder::interpreter::object::{Dict, Field, List, Module};
use sidewinder::{Local, Raised, Vm};
use sidewinder_stdlib::sys::info;
use std::cell::RefCell;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::rc::Rc;

/// The VM while the prompt runs; completion borrows it between two inputs.
type Shared = Rc<RefCell<Option<Box<Vm>>>>;

/// Runs the prompt until the end of input or SystemExit; gives the VM back with an exit status.
pub fn run(mut vm: Box<Vm>, line: &CommandLine, banner: bool) -> (Box<Vm>, i32) {
    if banner {
        let version = info::version_text();
        vm.write_stderr(&format!(
            "Python {version}\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n"
        ));
    }
    vm.scope(|vm| {
        for (name, prompt) in [("ps1", ">>> "), ("ps2", "... ")] {
            if vm.sys_get(name).is_none() {
                vm.sys_set(name, vm.str(prompt).value());
            }
        }
    });
    if let Some(startup) = line.environment("PYTHONSTARTUP") {
        vm.scope(|vm| run_startup(vm, &startup));
    }
    let vm: Shared = Rc::new(RefCell::new(Some(vm)));
    let mut input = if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        match Input::terminal(&vm, line) {
            Ok(input) => input,
            Err(_) => Input::Plain,
        }
    } else {
        Input::Plain
    };
    let status = session(&vm, &mut input);
    input.save();
    drop(input);
    let vm = vm.borrow_mut().take();
    (vm.expect("the VM is lent only while a command runs"), status)
}

/// Runs `f` with the VM.
fn with<R>(vm: &Shared, f: impl FnOnce(&mut Vm) -> R) -> R {
    let mut vm = vm.borrow_mut();
    let vm = vm.as_mut().expect("the VM is there until the session ends");
    vm.scope(f)
}

fn run_startup(vm: &mut Vm, file: &str) {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            vm.write_stderr(&format!("Could not open PYTHONSTARTUP\n{error}: '{file}'\n"));
            return;
        }
    };
    let result = vm.decode_source(&bytes, file).and_then(|text| {
        let unit = vm.compile(&text, file, Mode::Exec)?;
        let globals = main_globals(vm);
        vm.exec_unit(unit, globals, globals).map(|_| ())
    });
    if let Err(raised) = result {
        let error = vm.take_exception(raised);
        ending::print_exception(vm, error);
    }
}

fn main_globals(vm: &Vm) -> Local {
    let main = vm.main_module("__main__", "<stdin>");
    match vm.get(main).cast::<Module>() {
        Some(main) => vm.root(main.r().dict.get(vm)),
        None => vm.root(vm.dict().value()),
    }
}

/// What came from the user.
enum Line {
    Text(String),
    Interrupted,
    End,
}

/// Where lines come from.
enum Input {
    /// A terminal, with editing, history and completion.
    Terminal(Box<Editor<Names, DefaultHistory>>, Option<PathBuf>),
    /// Anything else: `sys.stdin`, with prompts on standard error.
    Plain,
}

impl Input {
    fn terminal(vm: &Shared, line: &CommandLine) -> Result<Input, ReadlineError> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .auto_add_history(false)
            .max_history_size(10_000)?
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Names { vm: vm.clone() }));
        let file = line.environment("PYTHON_HISTORY").map(PathBuf::from).or_else(|| {
            std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".sidewinder_history"))
        });
        if let Some(file) = &file {
            // The first session has no history yet.
            let _ = editor.load_history(file);
        }
        Ok(Input::Terminal(Box::new(editor), file))
    }

    fn read(&mut self, vm: &Shared, prompt: &str) -> Line {
        match self {
            Input::Terminal(editor, _) => match editor.readline(prompt) {
                Ok(line) => Line::Text(line),
                Err(ReadlineError::Interrupted) => Line::Interrupted,
                Err(_) => Line::End,
            },
            Input::Plain => with(vm, |vm| {
                vm.write_stderr(prompt);
                match read_stdin(vm) {
                    Ok(Some(line)) => Line::Text(line),
                    Ok(None) => Line::End,
                    Err(raised) => {
                        let interrupted = vm.raised_is(ClassId::KeyboardInterrupt);
                        vm.take_exception(raised);
                        if interrupted { Line::Interrupted } else { Line::End }
                    }
                }
            }),
        }
    }

    /// What brings the cursor to a new line after an input that was broken off; the editor does
    /// that itself.
    fn line_start(&self) -> &'static str {
        if matches!(self, Input::Terminal(..)) { "" } else { "\n" }
    }

    fn remember(&mut self, text: &str) {
        if let Input::Terminal(editor, _) = self {
            let _ = editor.add_history_entry(text);
        }
    }

    fn save(&mut self) {
        if let Input::Terminal(editor, Some(file)) = self {
            let _ = editor.save_history(file);
        }
    }
}

/// A line of `sys.stdin` without its end; `None` at the end of the input.
fn read_stdin(vm: &mut Vm) -> Result<Option<String>, Raised> {
    let Some(stdin) = vm.sys_stream("stdin")? else { return Ok(None) };
    let line = vm.call_method(stdin, "readline", &[])?;
    let text = vm.text_of(vm.value(line));
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
}

fn prompt_text(vm: &Shared, name: &str) -> String {
    with(vm, |vm| {
        let Some(prompt) = vm.sys_get(name) else { return String::new() };
        let prompt = vm.root(prompt);
        vm.str_text_of(prompt).unwrap_or_else(|raised| {
            vm.take_exception(raised);
            String::new()
        })
    })
}

/// Reads and runs until the end; the exit status.
fn session(vm: &Shared, input: &mut Input) -> i32 {
    let mut text = String::new();
    let mut number = 0;
    loop {
        let more = !text.is_empty();
        let prompt = prompt_text(vm, if more { "ps2" } else { "ps1" });
        match input.read(vm, &prompt) {
            Line::Interrupted => {
                text.clear();
                let start = input.line_start();
                with(vm, |vm| vm.write_stderr(&format!("{start}KeyboardInterrupt\n")));
                continue;
            }
            Line::End => {
                if more {
                    run_text(vm, &text, number);
                }
                let start = input.line_start();
                with(vm, |vm| vm.write_stderr(start));
                return 0;
            }
            Line::Text(line) => {
                if more {
                    text.push('\n');
                } else if line.trim().is_empty() {
                    continue;
                }
                text.push_str(&line);
                if wants_more(&text) {
                    continue;
                }
            }
        }
        input.remember(text.trim_end());
        let status = run_text(vm, &text, number);
        number += 1;
        text.clear();
        if let Some(status) = status {
            return status;
        }
    }
}

/// Whether the text is the beginning of something.
fn wants_more(text: &str) -> bool {
    let options = Options { interactive: true, ..Options::default() };
    match compiler::compile(text, "<stdin>", Mode::Single, &options) {
        Ok(_) => false,
        Err(error) => error.kind == SyntaxErrorKind::IncompleteInput,
    }
}

/// Runs one input; an exit status when the session ends with it.
fn run_text(vm: &Shared, text: &str, number: usize) -> Option<i32> {
    with(vm, |vm| {
        let name = format!("<python-input-{number}>");
        let result = vm.compile(text, &name, Mode::Single).and_then(|unit| {
            vm.register_source(&unit, text);
            let globals = main_globals(vm);
            vm.exec_unit(unit, globals, globals).map(|_| ())
        });
        let mut status = None;
        if let Err(raised) = result {
            if vm.raised_is(ClassId::SystemExit) {
                status = Some(ending::report(vm, raised, true));
            } else if vm.raised_is(ClassId::KeyboardInterrupt) {
                let error = vm.take_exception(raised);
                let report = vm.format_exception(error);
                vm.write_stderr(&report);
            } else {
                let error = vm.take_exception(raised);
                status = ending::print_exception(vm, error);
            }
        }
        if let Err(raised) = vm.flush_stdout() {
            vm.take_exception(raised);
            status = status.or(Some(120));
        }
        status
    })
}

/// Completion of names and attributes.
struct Names {
    vm: Shared,
}

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
    "import", "in", "is", "lambda", "match", "nonlocal", "not", "or", "pass", "raise", "return",
    "try", "while", "with", "yield",
];

/// The start of the dotted name that ends at `pos`.
fn word_start(line: &str, pos: usize) -> usize {
    line[..pos]
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || *c == '_' || *c == '.')
        .last()
        .map_or(pos, |(at, _)| at)
}

/// Keys of a dict that are strs.
fn keys(vm: &Vm, dict: Option<sidewinder::Value<'_>>) -> Vec<String> {
    let Some(dict) = dict.and_then(|d| d.cast::<Dict>()) else { return Vec::new() };
    vm.table_items(dict.r()).into_iter().map(|(key, _)| vm.text_of(key)).collect()
}

/// The names that an expression `owner.` can be followed by.
fn attributes(vm: &mut Vm, owner: &str) -> Result<Vec<String>, Raised> {
    let mut parts = owner.split('.');
    let first = parts.next().unwrap_or("");
    let mut object = {
        let globals = main_globals(vm);
        let vm = &*vm;
        let key = vm.intern(first);
        let found = vm
            .get(globals)
            .cast::<Dict>()
            .and_then(|dict| vm.dict_get_str(dict, key))
            .or_else(|| vm.dict_get_str(vm.builtins(), key));
        match found {
            Some(found) => vm.root(found),
            None => return Ok(Vec::new()),
        }
    };
    for part in parts {
        let next = vm.getattr_str(object, part)?;
        object = vm.hold(next);
    }
    let Some(dir) = vm.dict_get_str(vm.builtins(), vm.intern("dir")) else { return Ok(Vec::new()) };
    let dir = vm.root(dir);
    let list = vm.call(dir, &[object])?;
    let vm = &*vm;
    let Some(list) = vm.value(list).cast::<List>() else { return Ok(Vec::new()) };
    Ok(vm.list_items(list).map(|name| vm.text_of(name)).collect())
}

impl Completer for Names {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let start = word_start(line, pos);
        let word = &line[start..pos];
        if word.is_empty() {
            // A tab at the start of a line indents.
            let indents = line[..pos].trim().is_empty();
            let pair = Pair { display: String::new(), replacement: "    ".into() };
            return Ok((pos, if indents { vec![pair] } else { Vec::new() }));
        }
        let (owner, prefix) = match word.rsplit_once('.') {
            Some((owner, prefix)) => (Some(owner), prefix),
            None => (None, word),
        };
        let mut names = with(&self.vm, |vm| match owner {
            Some(owner) => attributes(vm, owner).unwrap_or_else(|raised| {
                vm.take_exception(raised);
                Vec::new()
            }),
            None => {
                let globals = main_globals(vm);
                let mut names = keys(vm, Some(vm.get(globals)));
                names.extend(keys(vm, Some(vm.builtins().value())));
                names.extend(KEYWORDS.iter().map(|k| (*k).to_owned()));
                names
            }
        });
        names.retain(|name| name.starts_with(prefix));
        if prefix.is_empty() {
            names.retain(|name| !name.starts_with('_'));
        }
        names.sort_unstable();
        names.dedup();
        let pairs = names.into_iter().map(|n| Pair { display: n.clone(), replacement: n });
        Ok((pos - prefix.len(), pairs.collect()))
    }
}

impl Hinter for Names {
    type Hint = String;
}
impl Highlighter for Names {}
impl Validator for Names {}
impl Helper for Names {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(word_start("x = a.b.c", 9), 4);
        assert_eq!(word_start("f(na", 4), 2);
        assert_eq!(word_start("é.x", 4), 0);
        assert_eq!(word_start("x + ", 4), 4);
    }

    #[test]
    fn blocks() {
        assert!(wants_more("for i in x:"));
        assert!(wants_more("for i in x:\n    i"));
        assert!(!wants_more("for i in x:\n    i\n"));
        assert!(wants_more("f(1,"));
        assert!(!wants_more("f(1)"));
        assert!(!wants_more("f(]"));
    }
}
