//! The `sidewinder` binary.

mod cli;
mod ending;
mod program;
mod repl;
mod signals;

use cli::{CommandLine, Early};
use std::io::Write;

/// Address space for the interpreter's thread: pages are used only as deep recursion reaches them.
const STACK: usize = 32 << 20;
/// Kept back for what runs outside the VM's own checks.
const MARGIN: usize = 4 << 20;

fn main() {
    let line = match CommandLine::parse(std::env::args_os().skip(1)) {
        Ok(line) => line,
        Err(Early::Show(text)) => {
            let _ = std::io::stdout().write_all(text.as_bytes());
            return;
        }
        Err(Early::Usage(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            std::process::exit(2);
        }
    };
    // Signals go to the interpreter's thread, so that they end its blocking calls, and one that it
    // sends to itself is there at once.
    let blocked = signals::block_all();
    let thread = std::thread::Builder::new().name("main".into()).stack_size(STACK);
    let started = thread.spawn(move || {
        signals::restore(&blocked);
        program::run(line, STACK - MARGIN)
    });
    match started.map(|thread| thread.join()) {
        Ok(Ok(status)) => std::process::exit(status),
        Ok(Err(_)) => std::process::exit(70),
        Err(error) => {
            eprintln!("sidewinder: cannot start the interpreter's thread: {error}");
            std::process::exit(71);
        }
    }
}
