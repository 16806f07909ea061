//! The `sidewinder` binary.

use sidewinder_interpreter::{Config, Vm};

fn main() {
    let file = std::env::args().nth(1).expect("usage: sidewinder FILE");
    let source = std::fs::read_to_string(&file).expect("cannot read the file");
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let done = thread.spawn(move || {
        let mut vm = Vm::new(Config { native_stack: 250 << 20, ..Default::default() });
        sidewinder_stdlib::install(&mut vm);
        if let Err(raised) = vm.run_source(&source, &file, "__main__").map(|_| ()) {
            let e = vm.take_exception(raised);
            let text = vm.format_exception(e);
            vm.write_stderr(&text);
        }
        let _ = vm.flush_stdout();
    });
    done.expect("cannot start the main thread").join().expect("the main thread failed");
}
