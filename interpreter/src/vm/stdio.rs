//! The process's standard streams, as the VM's own output uses them.
//!
//! Standard output is buffered here (by lines when it is a terminal), so that `print` costs no
//! system call; whoever writes to the terminal by other ways calls [`Vm::flush_stdout`] first.
//! The object `sys.stdout` writes here as well, so that the order of output is kept.

use super::native::Raised;
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::object::{Dict, Field, Gc, Module};
use crate::value::Value;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;

const BUFFER: usize = 32 << 10;

/// Buffered standard output.
#[derive(Default)]
struct Stdout {
    buffer: Vec<u8>,
    by_lines: Option<bool>,
    unbuffered: bool,
}

/// Descriptor `fd` of the process as a file that is not closed when dropped.
fn descriptor(fd: i32) -> ManuallyDrop<File> {
    // SAFETY: only written to here; never closed, because it is never dropped. If the program has
    // closed it, writing fails.
    ManuallyDrop::new(unsafe { File::from_raw_fd(fd) })
}

impl Stdout {
    /// What cannot be written is dropped: the error is reported once.
    fn flush(&mut self) -> std::io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = descriptor(1).write_all(&self.buffer);
        self.buffer.clear();
        result
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let by_lines = *self.by_lines.get_or_insert_with(|| std::io::stdout().is_terminal());
        self.buffer.extend_from_slice(bytes);
        let full = self.buffer.len() >= BUFFER || self.unbuffered;
        if full || (by_lines && bytes.contains(&b'\n')) {
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

    /// Nothing is kept in the buffer from now on (option `-u`).
    pub fn unbuffer_stdout(&self) {
        self.with_extension(|out: &mut Stdout| out.unbuffered = true);
    }

    /// Writes to standard error, at once; failures are ignored (there is nowhere to report them).
    pub fn write_stderr(&self, text: &str) {
        let _ = self.with_extension(
            |out: &mut Stdout| {
                if out.by_lines == Some(true) { out.flush() } else { Ok(()) }
            },
        );
        let _ = descriptor(2).write_all(text.as_bytes());
    }

    /// Makes a module the one that the VM itself asks for `path`, `stdout` and hooks.
    pub fn set_sys(&self, module: Local) {
        let word = self.get(module).word();
        // SAFETY: roots need no barrier.
        unsafe { self.roots.sys.set_word(word) };
    }

    /// The module sys.
    pub fn sys_module(&self) -> Value<'_> {
        self.roots.sys.get(self)
    }

    /// A global of module sys.
    pub fn sys_get(&self, name: &str) -> Option<Value<'_>> {
        let sys: Gc<'_, Module> = self.roots.sys.get_as(self)?;
        let dict: Gc<'_, Dict> = sys.dict.get_as(self)?;
        self.dict_get_str(dict, self.intern(name))
    }

    /// Sets a global of module sys; nothing happens before that module is there.
    pub fn sys_set(&self, name: &str, value: Value<'_>) {
        if let Some(sys) = self.roots.sys.get_as::<Module>(self)
            && let Some(dict) = sys.dict.get_as::<Dict>(self)
        {
            self.dict_set_str(dict, self.intern(name), value);
        }
    }

    /// Declares the object that stands for standard output: what is written to it comes to
    /// [`Vm::write_stdout`].
    pub fn set_stdout_object(&self, object: Value<'_>) {
        // SAFETY: roots need no barrier.
        unsafe { self.roots.stdout.set_word(object.word()) };
    }

    /// Whether a value is the object that stands for the VM's own standard output.
    pub fn is_stdout_object(&self, object: Value<'_>) -> bool {
        object.is(self.roots.stdout.get(self))
    }

    /// Whether `sys.stdout` is the original object, so that `print` may call
    /// [`Vm::write_stdout`] instead of its `write` method.
    pub fn stdout_is_builtin(&self) -> bool {
        let original = self.roots.stdout.get(self);
        if original.is_unbound() {
            return true;
        }
        self.sys_get("stdout").is_some_and(|now| now.is(original))
    }

    /// `sys.stdout` or `sys.stderr` for writing to; RuntimeError when the program has deleted it,
    /// None when it is None.
    pub fn sys_stream(&self, name: &str) -> Result<Option<Local>, Raised> {
        match self.sys_get(name) {
            None => Err(self.raise(ClassId::RuntimeError, format!("lost sys.{name}"))),
            Some(stream) if stream.is_none() => Ok(None),
            Some(stream) => Ok(Some(self.root(stream))),
        }
    }

    /// Writes to `sys.stderr`, whatever that is now; to the real one when that fails.
    pub fn write_sys_stderr(&mut self, text: &str) {
        self.scope(|vm| {
            let Ok(Some(stream)) = vm.sys_stream("stderr") else {
                if vm.sys_get("stderr").is_none() {
                    vm.write_stderr(text);
                }
                return;
            };
            let text_object = vm.root(vm.str(text).value());
            if let Err(raised) = vm.call_method(stream, "write", &[text_object]) {
                let _ = vm.take_exception(raised);
                vm.write_stderr(text);
            }
        });
    }
}
