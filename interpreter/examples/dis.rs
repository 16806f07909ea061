//! Prints the bytecode of a Python file: `cargo run --example dis -- FILE`.

use sidewinder_interpreter::bytecode::{dis::disassemble, verify::verify};
use sidewinder_interpreter::compiler::{Mode, Options, compile};

fn main() {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: dis FILE");
        std::process::exit(2);
    };
    let source = match std::fs::read_to_string(&path) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{path}: {error}");
            std::process::exit(1);
        }
    };
    match compile(&source, &path, Mode::Exec, &Options::default()) {
        Ok(sidewinder_interpreter::compiler::Compiled { unit, .. }) => {
            print!("{}", disassemble(&unit));
            if let Err(problem) = verify(&unit) {
                eprintln!("malformed: {problem}");
                std::process::exit(1);
            }
        }
        Err(error) => {
            let text = error.text.as_deref().unwrap_or("").trim_end();
            eprintln!("{path}:{}:{}: {:?}", error.line, error.col, error.kind);
            eprintln!("{text}\n{}: {}", error.line, error.message);
            std::process::exit(1);
        }
    }
}
