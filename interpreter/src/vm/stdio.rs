//! The process's standard streams, as the VM's own output uses them.
//!
//! Standard output is buffered here (by lines when it is a terminal), so that `print` costs no
//! system call; whoever writes to the terminal by other ways calls [`Vm::flush_stdout`] first.

use super::{Raised, Vm};
use std::io::{IsTerminal, Write};

const BUFFER: usize = 32 << 10;

/// Buffered standard output.
#[derive(Default)]
struct Stdout {
    buffer: Vec<u8>,
    by_lines: Option<bool>,
}

impl Stdout {
    fn flush(&mut self) -> std::io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        let result = out.write_all(&self.buffer).and_then(|()| out.flush());
        self.buffer.clear();
        result
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let by_lines = *self.by_lines.get_or_insert_with(|| std::io::stdout().is_terminal());
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER || (by_lines && bytes.contains(&b'\n')) {
            return self.flush();
        }
        Ok(())
    }
}

impl Vm {
    /// Writes to standard output; OSError (BrokenPipeError) when that fails.
    pub fn write_stdout(&self, text: &str) -> Result<(), Raised> {
        self.write_stdout_bytes(text.as_bytes())
    }

    /// Writes bytes to standard output.
    pub fn write_stdout_bytes(&self, bytes: &[u8]) -> Result<(), Raised> {
        let result = self.with_extension(|out: &mut Stdout| out.write(bytes));
        result.map_err(|e| crate::builtins::exceptions::raise_os_error(self, &e, None))
    }

    /// Writes out what standard output has buffered.
    pub fn flush_stdout(&self) -> Result<(), Raised> {
        let result = self.with_extension(|out: &mut Stdout| out.flush());
        result.map_err(|e| crate::builtins::exceptions::raise_os_error(self, &e, None))
    }

    /// Writes to standard error, at once; failures are ignored (there is nowhere to report them).
    pub fn write_stderr(&self, text: &str) {
        let _ = self.with_extension(|out: &mut Stdout| out.flush());
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}
