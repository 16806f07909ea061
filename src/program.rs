//! Running what the command line names, from start to exit status.

use crate::cli::{CommandLine, Program};
use crate::{ending, repl, signals};
use sidewinder::interpreter::bytecode::dis::disassemble;
use sidewinder::interpreter::compiler::Mode;
use sidewinder::interpreter::object::{Dict, Field, Module};
use sidewinder::{Config, Interpreter, Local, Raised, Settings, Value, Vm};
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Runs the program; the exit status.
pub fn run(line: CommandLine, native_stack: usize) -> i32 {
    let hash_seed = match line.hash_seed() {
        Ok(seed) => seed,
        Err(message) => {
            eprintln!("Fatal Python error: config_init_hash_seed: {message}");
            return 1;
        }
    };
    let mut config = Config {
        native_stack,
        hash_seed,
        optimize: line.flags.optimize as u8,
        no_columns: line.no_columns(),
        dev_mode: line.flags.dev_mode,
        ..Default::default()
    };
    config.gc.stress = line.gc.stress;
    config.gc.log = line.gc.log;
    config.gc.limit = line.gc.limit;
    let mut vm = Interpreter::with(config, &settings(&line)).into_vm();
    if line.unbuffered {
        vm.unbuffer_stdout();
    }
    signals::install(&vm);
    let prompt = line.program == Program::Stdin && std::io::stdin().is_terminal();
    let mut status = 0;
    if !prompt {
        let result = vm.scope(|vm| match run_program(vm, &line) {
            Ok(status) => status,
            Err(raised) => ending::report(vm, raised, line.interactive),
        });
        status = result;
    }
    if (prompt || line.interactive) && !line.disassemble {
        let banner = prompt && line.flags.quiet == 0;
        (vm, status) = repl::run(vm, &line, banner);
    }
    let status = ending::finish(&mut vm, status);
    if line.gc.stats {
        ending::print_statistics(&vm);
    }
    // The process ends: freeing the heap object by object would only take time.
    std::mem::forget(vm);
    status
}

fn settings(line: &CommandLine) -> Settings {
    let mut argv = line.arguments.clone();
    let mut path = Vec::new();
    match &line.program {
        Program::Command(_) => {
            argv.insert(0, "-c".into());
            path.push(String::new());
        }
        Program::Module(_) => {
            argv.insert(0, "-m".into());
            path.push(current_directory());
        }
        Program::File(file) => {
            argv.insert(0, file.clone());
            path.push(if Path::new(file).is_dir() { file.clone() } else { directory_of(file) });
        }
        Program::Stdin => {
            if argv.is_empty() {
                argv.push(String::new());
            }
            path.push(String::new());
        }
    }
    // A directory (or archive) is the program: it stays on the path whatever the flags.
    let keeps = matches!(&line.program, Program::File(file) if Path::new(file).is_dir());
    if line.flags.safe_path && !keeps {
        path.clear();
    }
    path.extend(line.python_path());
    let executable =
        std::env::current_exe().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    // What comes later counts more.
    let development = line.flags.dev_mode.then(|| "default".to_owned());
    let warn_options = development.into_iter().chain(line.warnings.iter().cloned()).collect();
    Settings {
        argv,
        orig_argv: std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect(),
        path,
        executable,
        flags: line.flags,
        warn_options,
        x_options: line.x_options.clone(),
    }
}

fn current_directory() -> String {
    std::env::current_dir().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The directory of a script, with symbolic links to the script itself followed.
fn directory_of(file: &str) -> String {
    let mut path = PathBuf::from(file);
    let mut links = 0;
    while let Ok(target) = std::fs::read_link(&path) {
        path = path.parent().unwrap_or(Path::new("")).join(target);
        links += 1;
        if links > 40 {
            break;
        }
    }
    let directory = path.parent().unwrap_or(Path::new(""));
    let absolute = if directory.as_os_str().is_empty() {
        std::env::current_dir()
    } else {
        std::path::absolute(directory)
    };
    absolute.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}

fn executable_name(vm: &Vm) -> String {
    vm.sys_get("executable").map_or_else(|| "sidewinder".into(), |v| vm.text_of(v))
}

/// Prints a message like CPython's own complaints; exit status 1.
fn complain(vm: &Vm, message: &str) -> Result<i32, Raised> {
    vm.write_stderr(&format!("{}: {message}\n", executable_name(vm)));
    Ok(1)
}

fn run_program(vm: &mut Vm, line: &CommandLine) -> Result<i32, Raised> {
    match &line.program {
        Program::Command(text) => run_text(vm, line, text, "<string>"),
        Program::Stdin => {
            let mut bytes = Vec::new();
            if let Err(error) = std::io::stdin().read_to_end(&mut bytes) {
                return complain(vm, &format!("cannot read the program: {error}"));
            }
            let text = vm.decode_source(&bytes, "<stdin>")?;
            run_text(vm, line, &text, "<stdin>")
        }
        Program::File(file) if Path::new(file).is_dir() => {
            let main = Path::new(file).join("__main__.py");
            if !main.is_file() {
                return complain(vm, &format!("can't find '__main__' module in '{file}'"));
            }
            let main = main.to_string_lossy().into_owned();
            run_file(vm, line, &main, Some(""))
        }
        Program::File(file) => run_file(vm, line, file, None),
        Program::Module(name) => run_module(vm, name),
    }
}

/// The globals of `__main__`.
fn main_globals(vm: &Vm, file: &str) -> Local {
    let main = vm.main_module("__main__", file);
    match vm.get(main).cast::<Module>() {
        Some(main) => vm.root(main.r().dict.get(vm)),
        None => vm.root(vm.dict().value()),
    }
}

fn set_global(vm: &Vm, globals: Local, name: &str, value: Value<'_>) {
    if let Some(dict) = vm.get(globals).cast::<Dict>() {
        vm.dict_set_str(dict, vm.intern(name), value);
    }
}

fn run_text(vm: &mut Vm, line: &CommandLine, text: &str, name: &str) -> Result<i32, Raised> {
    // `-c` may be indented as a whole.
    let dedented = if name == "<string>" { dedent(text) } else { text.to_owned() };
    let globals = main_globals(vm, name);
    let unit = vm.compile(&dedented, name, Mode::Exec)?;
    if line.disassemble {
        vm.write_stdout(&disassemble(&unit))?;
        return Ok(0);
    }
    vm.register_source(&unit, &dedented);
    let _ = vm.exec_unit(unit, globals, globals)?;
    Ok(0)
}

/// Removes the indentation that all lines share.
fn dedent(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    let blank = |l: &str| l.trim().is_empty();
    let mut common: Option<&str> = None;
    for line in lines.clone().filter(|l| !blank(l)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        common = Some(match common {
            None => indent,
            Some(so_far) => {
                let same = so_far.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
                &so_far[..same]
            }
        });
    }
    match common {
        None | Some("") => text.to_owned(),
        Some(common) => lines
            .map(|l| l.strip_prefix(common).unwrap_or(l.trim_start_matches([' ', '\t'])))
            .collect(),
    }
}

fn run_file(
    vm: &mut Vm,
    line: &CommandLine,
    file: &str,
    package: Option<&str>,
) -> Result<i32, Raised> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let absolute = std::path::absolute(file).unwrap_or_else(|_| file.into());
            let number = error.raw_os_error().unwrap_or(0);
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or("");
            let name = absolute.display();
            complain(vm, &format!("can't open file '{name}': [Errno {number}] {text}"))?;
            return Ok(2);
        }
    };
    let mut text = vm.decode_source(&bytes, file)?;
    if line.skip_first_line {
        // The newline stays, so that line numbers are right.
        text = text.find('\n').map_or(String::new(), |at| text[at..].to_owned());
    }
    let unit = vm.compile(&text, file, Mode::Exec)?;
    if line.disassemble {
        vm.write_stdout(&disassemble(&unit))?;
        return Ok(0);
    }
    let globals = main_globals(vm, file);
    set_global(vm, globals, "__file__", vm.str(file).value());
    set_global(vm, globals, "__cached__", Value::NONE);
    if let Some(package) = package {
        set_global(vm, globals, "__package__", vm.intern(package).value());
    }
    let _ = vm.exec_unit(unit, globals, globals)?;
    Ok(0)
}

fn run_module(vm: &mut Vm, name: &str) -> Result<i32, Raised> {
    if name.is_empty() || name.starts_with('.') {
        return complain(vm, "Relative module names not supported");
    }
    let runpy = vm.import_module("runpy")?;
    let name = vm.root(vm.str(name).value());
    let _ = vm.call_method(runpy, "_run_module_as_main", &[name])?;
    Ok(0)
}
