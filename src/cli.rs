//! The command line's options, as CPython's where it has them.

use lexopt::prelude::*;
use sidewinder_stdlib::sys::{Flags, info};
use std::ffi::OsString;

/// What is to be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Program {
    /// `-c`
    Command(String),
    /// `-m`
    Module(String),
    /// A file, or a directory with `__main__.py`.
    File(String),
    /// `-`, or nothing: standard input (the prompt, if that is a terminal).
    Stdin,
}

/// The parsed command line.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// What is to be run.
    pub program: Program,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// `sys.flags`
    pub flags: Flags,
    /// `-i`
    pub interactive: bool,
    /// `-u`
    pub unbuffered: bool,
    /// `-x`
    pub skip_first_line: bool,
    /// `-W`
    pub warnings: Vec<String>,
    /// `-X`, as given.
    pub x_options: Vec<(String, Option<String>)>,
    /// The collector's settings from `-X gc=...`.
    pub gc: GcOptions,
    /// `-X dis`
    pub disassemble: bool,
}

/// `-X gc=...`
#[derive(Clone, Copy, Default, Debug)]
pub struct GcOptions {
    /// Everything moves at every nth safepoint.
    pub stress: Option<u32>,
    /// A line for each collection.
    pub log: bool,
    /// Figures at the end.
    pub stats: bool,
    /// The most that the heap may take, in bytes.
    pub limit: Option<usize>,
}

/// What ends the process before anything is run.
#[derive(Debug)]
pub enum Early {
    /// Text for standard output; exit status 0.
    Show(String),
    /// Text for standard error; exit status 2.
    Usage(String),
}

const USAGE: &str = "usage: sidewinder [option] ... [-c cmd | -m mod | file | -] [arg] ...";

fn help() -> String {
    format!(
        "{USAGE}
Options (and the environment variables that do the same):
-b     : warnings about comparing bytes with str are not implemented; accepted
-B     : don't write .pyc files; none are written anyway (PYTHONDONTWRITEBYTECODE=x)
-c cmd : run a program given as text; what follows are its arguments
-d     : accepted (PYTHONDEBUG=x)
-E     : ignore PYTHON* environment variables
-h     : print this help and exit (also -? and --help)
-i     : go on interactively after running the program (PYTHONINSPECT=x)
-I     : isolate from the user's environment (implies -E, -P and -s)
-m mod : run a module found on sys.path as a program
-O     : remove assert statements; set __debug__ to False (PYTHONOPTIMIZE=x)
-OO    : the same, and remove docstrings
-P     : don't put the program's directory on sys.path (PYTHONSAFEPATH=x)
-q     : don't print the banner
-s, -S : accepted: there is no site directory
-u     : don't buffer standard output (PYTHONUNBUFFERED=x)
-v     : accepted (PYTHONVERBOSE=x)
-V     : print the version and exit (also --version)
-W arg : warning control; kept in sys.warnoptions
-x     : skip the first line of the file
-X opt : see below
file   : run a program from a file, or a directory with __main__.py
-      : run a program from standard input (the default; interactive on a terminal)
arg ...: the program's arguments: sys.argv[1:]

-X gc=stress[:N]  : move the whole heap at every Nth safepoint (N=1 when left out)
-X gc=log         : write a line for each collection
-X gc=stats       : write the collector's figures at the end
-X gc=limit:BYTES : MemoryError beyond that; K, M and G may follow the number
-X hpy=MODE       : load HPy extensions in this mode (debug, trace), or MODULE:MODE,...
-X dis            : print the program's bytecode instead of running it
-X dev            : development mode: all warnings are shown, names of encodings and of error
                    handlers are checked (PYTHONDEVMODE=x)

Environment: PYTHONPATH (directories to put on sys.path), PYTHONHASHSEED (0 or a number fixes
hashes), PYTHONSTARTUP (a file run before the prompt), PYTHON_HISTORY (where the prompt keeps its
history).
"
    )
}

fn usage(message: &str) -> Early {
    Early::Usage(format!("{message}\n{USAGE}\nTry `sidewinder -h' for more information.\n"))
}

fn text(value: OsString) -> String {
    value.to_string_lossy().into_owned()
}

fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(text).filter(|v| !v.is_empty())
}

/// The number in a variable, 1 when it is set to something else.
fn environment_level(name: &str) -> i32 {
    environment(name).map_or(0, |v| v.parse().unwrap_or(1).max(0))
}

impl CommandLine {
    /// Parses the process's arguments.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<CommandLine, Early> {
        let mut parser = lexopt::Parser::from_args(arguments);
        let mut line = CommandLine {
            program: Program::Stdin,
            arguments: Vec::new(),
            flags: Flags { hash_randomization: 1, ..Default::default() },
            interactive: false,
            unbuffered: false,
            skip_first_line: false,
            warnings: Vec::new(),
            x_options: Vec::new(),
            gc: GcOptions::default(),
            disassemble: false,
        };
        let mut version = 0;
        loop {
            let argument = parser.next().map_err(|e| usage(&e.to_string()))?;
            let Some(argument) = argument else { break };
            let flags = &mut line.flags;
            match argument {
                Short('c') => {
                    let command = value(&mut parser, "-c")?;
                    line.program = Program::Command(command);
                    line.arguments = rest(&mut parser);
                    break;
                }
                Short('m') => {
                    let module = value(&mut parser, "-m")?;
                    line.program = Program::Module(module);
                    line.arguments = rest(&mut parser);
                    break;
                }
                Short('b') => flags.bytes_warning += 1,
                Short('B') => flags.dont_write_bytecode += 1,
                Short('d') => flags.debug += 1,
                Short('E') => flags.ignore_environment += 1,
                Short('i') => line.interactive = true,
                Short('I') => {
                    flags.isolated += 1;
                    flags.ignore_environment += 1;
                    flags.no_user_site += 1;
                    flags.safe_path = true;
                }
                Short('O') => flags.optimize = (flags.optimize + 1).min(2),
                Short('P') => flags.safe_path = true,
                Short('q') => flags.quiet += 1,
                Short('R') => {}
                Short('s') => flags.no_user_site += 1,
                Short('S') => flags.no_site += 1,
                Short('t') => {}
                Short('u') => line.unbuffered = true,
                Short('v') => flags.verbose += 1,
                Short('x') => line.skip_first_line = true,
                Short('W') => line.warnings.push(value(&mut parser, "-W")?),
                Short('X') => {
                    let option = value(&mut parser, "-X")?;
                    line.x_option(&option)?;
                }
                Short('V') | Long("version") => version += 1,
                Short('h' | '?') | Long("help") => return Err(Early::Show(help())),
                Value(first) => {
                    // lexopt gives `-` as a value, too.
                    let first = text(first);
                    line.program =
                        if first == "-" { Program::Stdin } else { Program::File(first.clone()) };
                    line.arguments = rest(&mut parser);
                    if first == "-" {
                        line.arguments.insert(0, "-".into());
                    }
                    break;
                }
                Short(c) => return Err(usage(&format!("Unknown option: -{c}"))),
                Long(name) => return Err(usage(&format!("unknown option --{name}"))),
            }
        }
        if version > 0 {
            let (major, minor, micro) = info::VERSION;
            let own = info::OWN_VERSION;
            return Err(Early::Show(format!(
                "Python {major}.{minor}.{micro} (Sidewinder {own})\n"
            )));
        }
        if line.flags.ignore_environment == 0 {
            line.read_environment();
        }
        line.flags.inspect = line.interactive as i32;
        line.flags.interactive = line.interactive as i32;
        Ok(line)
    }

    fn read_environment(&mut self) {
        let flags = &mut self.flags;
        flags.optimize = flags.optimize.max(environment_level("PYTHONOPTIMIZE").min(2));
        flags.verbose = flags.verbose.max(environment_level("PYTHONVERBOSE"));
        flags.debug = flags.debug.max(environment_level("PYTHONDEBUG"));
        if environment("PYTHONDONTWRITEBYTECODE").is_some() {
            flags.dont_write_bytecode = flags.dont_write_bytecode.max(1);
        }
        flags.safe_path |= environment("PYTHONSAFEPATH").is_some();
        flags.dev_mode |= environment("PYTHONDEVMODE").is_some();
        self.unbuffered |= environment("PYTHONUNBUFFERED").is_some();
        self.interactive |= environment("PYTHONINSPECT").is_some();
        if let Some(warnings) = environment("PYTHONWARNINGS") {
            let given: Vec<String> = warnings.split(',').map(str::to_owned).collect();
            self.warnings.splice(0..0, given);
        }
    }

    fn x_option(&mut self, option: &str) -> Result<(), Early> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        match (name, value) {
            ("gc", Some(setting)) => self.gc_option(setting)?,
            ("gc", None) => {
                return Err(usage("-X gc needs a setting: gc=stress, log, stats, limit"));
            }
            ("dis", None) => self.disassemble = true,
            ("dev", _) => self.flags.dev_mode = true,
            _ => {}
        }
        self.x_options.push((name.to_owned(), value.map(str::to_owned)));
        Ok(())
    }

    fn gc_option(&mut self, setting: &str) -> Result<(), Early> {
        let bad = || {
            usage(&format!(
                "-X gc={setting}: the setting must be stress[:N], log, stats or limit:BYTES"
            ))
        };
        match setting.split_once(':').map_or((setting, None), |(name, n)| (name, Some(n))) {
            ("stress", None) => self.gc.stress = Some(1),
            ("stress", Some(n)) => {
                let n: u32 = n.parse().map_err(|_| bad())?;
                self.gc.stress = Some(n.max(1));
            }
            ("log", None) => self.gc.log = true,
            ("stats", None) => self.gc.stats = true,
            ("limit", Some(bytes)) => self.gc.limit = Some(parse_bytes(bytes).ok_or_else(bad)?),
            _ => return Err(bad()),
        }
        Ok(())
    }

    /// `-X no_debug_ranges` or `PYTHONNODEBUGRANGES`
    pub fn no_columns(&self) -> bool {
        let environment =
            self.flags.ignore_environment == 0 && environment("PYTHONNODEBUGRANGES").is_some();
        environment || self.x_options.iter().any(|(name, _)| name == "no_debug_ranges")
    }

    /// `PYTHONHASHSEED`: `None` is random.
    pub fn hash_seed(&self) -> Result<Option<u64>, String> {
        if self.flags.ignore_environment != 0 {
            return Ok(None);
        }
        match environment("PYTHONHASHSEED").as_deref() {
            None | Some("random") => Ok(None),
            Some(seed) => match seed.parse::<u32>() {
                Ok(seed) => Ok(Some(seed as u64)),
                Err(_) => {
                    Err("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"
                        .into())
                }
            },
        }
    }

    /// The entries of `PYTHONPATH`.
    pub fn python_path(&self) -> Vec<String> {
        if self.flags.ignore_environment != 0 {
            return Vec::new();
        }
        let path = std::env::var_os("PYTHONPATH").filter(|p| !p.is_empty());
        let Some(path) = path else { return Vec::new() };
        std::env::split_paths(&path).map(|p| p.to_string_lossy().into_owned()).collect()
    }

    /// A variable of the environment, unless it is to be ignored.
    pub fn environment(&self, name: &str) -> Option<String> {
        if self.flags.ignore_environment != 0 { None } else { environment(name) }
    }
}

/// A size with an optional K, M or G.
fn parse_bytes(text: &str) -> Option<usize> {
    let (digits, unit) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1 << 10),
        'm' | 'M' => (&text[..text.len() - 1], 1 << 20),
        'g' | 'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

fn value(parser: &mut lexopt::Parser, option: &str) -> Result<String, Early> {
    match parser.value() {
        Ok(value) => Ok(text(value)),
        Err(_) => Err(usage(&format!("Argument expected for the {option} option"))),
    }
}

fn rest(parser: &mut lexopt::Parser) -> Vec<String> {
    match parser.raw_args() {
        Ok(rest) => rest.map(text).collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> CommandLine {
        CommandLine::parse(arguments.iter().map(OsString::from)).expect("a good command line")
    }

    #[test]
    fn programs() {
        let line = parse(&["-c", "pass", "-x", "--y"]);
        assert_eq!(line.program, Program::Command("pass".into()));
        assert_eq!(line.arguments, ["-x", "--y"]);
        assert_eq!(parse(&["-Bcpass"]).program, Program::Command("pass".into()));
        assert_eq!(parse(&["-OO", "f.py", "-c"]).program, Program::File("f.py".into()));
        assert_eq!(parse(&["-OO", "f.py", "-c"]).flags.optimize, 2);
        assert_eq!(parse(&["-m", "a.b", "-h"]).arguments, ["-h"]);
        assert_eq!(parse(&["-", "a"]).arguments, ["-", "a"]);
        assert_eq!(parse(&[]).program, Program::Stdin);
    }

    #[test]
    fn settings_of_the_collector() {
        let line = parse(&["-X", "gc=stress:50", "-Xgc=limit:64M", "-X", "gc=log", "f.py"]);
        assert_eq!((line.gc.stress, line.gc.limit, line.gc.log), (Some(50), Some(64 << 20), true));
        for bad in [&["-X", "gc=what"][..], &["-X", "gc=limit:x"], &["-c"], &["--what"], &["-Z"]] {
            let result = CommandLine::parse(bad.iter().map(OsString::from));
            assert!(matches!(result, Err(Early::Usage(_))), "{bad:?}");
        }
    }
}
