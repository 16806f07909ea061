//! The prompt on a terminal: a pseudo terminal plays the person at the keys.

mod common;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(20);

/// A session at a terminal.
struct Terminal {
    keys: File,
    child: Child,
    /// All that was shown, without control sequences.
    shown: String,
    raw: Vec<u8>,
    /// How much of `shown` has been waited for.
    seen: usize,
}

impl Terminal {
    fn start(history: &Path, arguments: &[&str]) -> Terminal {
        let (mut master, mut slave) = (0, 0);
        // SAFETY: both places are valid; no name, settings or size are passed.
        let made = unsafe {
            libc::openpty(
                &mut master,
                &mut slave,
                std::ptr::null_mut(),
                std::ptr::null(),
                std::ptr::null(),
            )
        };
        assert_eq!(made, 0, "a pseudo terminal");
        // SAFETY: descriptors that openpty has just made.
        let (keys, slave) = unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) };
        let mut command = Command::new(common::binary());
        command
            .args(arguments)
            .env("PYTHON_HISTORY", AsRef::<OsStr>::as_ref(history))
            .env("TERM", "xterm")
            .stdin(slave.try_clone().expect("a descriptor"))
            .stdout(slave.try_clone().expect("a descriptor"))
            .stderr(slave);
        // SAFETY: both calls may be made between fork and exec.
        unsafe {
            command.pre_exec(|| {
                // The terminal becomes the process's own, so that Ctrl-C reaches it as a signal.
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("the interpreter starts");
        Terminal { keys, child, shown: String::new(), raw: Vec::new(), seen: 0 }
    }

    fn type_in(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("somebody reads the terminal");
    }

    /// Waits until a text is shown, after what has been waited for before.
    #[track_caller]
    fn expect(&mut self, text: &str) {
        let end = Instant::now() + LIMIT;
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            assert!(Instant::now() < end, "no {text:?} in {:?}", &self.shown[self.seen..]);
            if !self.read(Duration::from_millis(100)) && self.child.try_wait().unwrap().is_some() {
                panic!("the session ended before {text:?}: {:?}", &self.shown[self.seen..]);
            }
        }
    }

    /// Reads what there is; whether there was something.
    fn read(&mut self, wait: Duration) -> bool {
        let mut poll = libc::pollfd { fd: self.keys.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid entry.
        if unsafe { libc::poll(&mut poll, 1, wait.as_millis() as libc::c_int) } <= 0 {
            return false;
        }
        let mut bytes = [0; 4096];
        match self.keys.read(&mut bytes) {
            Ok(n) if n > 0 => {
                self.raw.extend(&bytes[..n]);
                self.shown = plain(&self.raw);
                true
            }
            _ => false,
        }
    }

    /// A statement, then what it shows, then the next prompt.
    #[track_caller]
    fn statement(&mut self, keys: &str, shows: &[&str]) {
        self.type_in(keys);
        self.type_in("\r");
        for text in shows {
            self.expect(text);
        }
        self.expect(">>> ");
    }

    fn end(mut self) -> ExitStatus {
        self.type_in("\x04");
        let end = Instant::now() + LIMIT;
        loop {
            self.read(Duration::from_millis(20));
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < end, "Ctrl-D does not leave");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text without control sequences.
fn plain(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => {
                if chars.next() == Some('[') {
                    chars.find(|c| c.is_ascii_alphabetic());
                }
            }
            '\r' => {}
            c => out.push(c),
        }
    }
    out
}

struct Place(std::path::PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("sidewinder-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Place(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn statements_blocks_and_the_last_value() {
    let history = Place::new("blocks");
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.statement("1 + 1", &["\n2\n"]);
    terminal.statement("_ * 21", &["\n42\n"]);
    terminal.statement("None", &[]);
    terminal.statement("_", &["\n42\n"]);
    terminal.type_in("for i in range(3):\r");
    terminal.expect("... ");
    terminal.type_in("    print('item', i)\r");
    terminal.expect("... ");
    terminal.statement("", &["item 0\n", "item 2\n"]);
    terminal.type_in("x = [1,\r");
    terminal.expect("... ");
    terminal.statement("2]", &[]);
    terminal.statement("x", &["[1, 2]\n"]);
    terminal.statement("1 / 0", &["ZeroDivisionError: division by zero"]);
    terminal.statement("x x", &["SyntaxError: invalid syntax"]);
    assert!(terminal.end().success());
}

#[test]
fn completion_of_names_and_attributes() {
    let history = Place::new("completion");
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.statement("remarkable = 'found'", &[]);
    terminal.statement("remark\t", &["remarkable", "'found'"]);
    terminal.statement("import sys", &[]);
    terminal.statement("sys.getrecursionl\t()", &["getrecursionlimit()", "1000"]);
    assert!(terminal.end().success());
}

#[test]
fn the_history_is_kept_between_sessions() {
    let history = Place::new("history");
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.statement("print('kept', 6 * 7)", &["kept 42"]);
    assert!(terminal.end().success());
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.statement("\x1b[A", &["kept 42"]);
    assert!(terminal.end().success());
}

#[test]
fn an_interrupt_is_an_exception_at_the_prompt_and_in_running_code() {
    let history = Place::new("interrupt");
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.type_in("abandoned\x03");
    terminal.expect("KeyboardInterrupt");
    terminal.expect(">>> ");
    terminal.type_in("while True: pass\r");
    terminal.expect("... ");
    terminal.type_in("\r");
    std::thread::sleep(Duration::from_millis(300));
    terminal.type_in("\x03");
    terminal.expect("KeyboardInterrupt");
    terminal.expect(">>> ");
    terminal.type_in("import time; time.sleep(100)\r");
    std::thread::sleep(Duration::from_millis(300));
    terminal.type_in("\x03");
    terminal.expect("KeyboardInterrupt");
    terminal.expect(">>> ");
    terminal.statement("'still here'", &["'still here'\n"]);
    assert!(terminal.end().success());
}

#[test]
fn input_reads_from_the_terminal() {
    let history = Place::new("input");
    let mut terminal = Terminal::start(&history.0, &[]);
    terminal.expect(">>> ");
    terminal.type_in("name = input('who? ')\r");
    terminal.expect("\nwho? ");
    terminal.statement("nobody", &[]);
    terminal.statement("name", &["'nobody'\n"]);
    assert!(terminal.end().success());
}

#[test]
fn exit_gives_the_status() {
    let history = Place::new("exit");
    let mut terminal = Terminal::start(&history.0, &["-q"]);
    terminal.expect(">>> ");
    terminal.type_in("raise SystemExit(3)\r");
    let end = Instant::now() + LIMIT;
    while terminal.child.try_wait().expect("a child").is_none() {
        assert!(Instant::now() < end);
        terminal.read(Duration::from_millis(20));
    }
    assert_eq!(terminal.child.wait().expect("a status").code(), Some(3));
}
