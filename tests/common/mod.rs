//! What the script-running tests share: a child process with a time limit, and readable differences.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The interpreter under test; `SIDEWINDER_TEST_BINARY` names another one.
pub fn binary() -> PathBuf {
    std::env::var_os("SIDEWINDER_TEST_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_sidewinder")), PathBuf::from)
}

/// What a finished process left behind.
pub struct Outcome {
    /// Exit status; `None` if a signal or the time limit ended it.
    pub status: Option<i32>,
    /// Why there is no exit status.
    pub ending: String,
    /// Standard output, with paths and addresses normalised.
    pub out: String,
    /// Standard error, likewise.
    pub err: String,
    /// Wall-clock time.
    pub elapsed: Duration,
}

/// Run to the end, or kill at the limit. Output is drained meanwhile, so the child never blocks on it.
pub fn run(command: &mut Command, limit: Duration) -> Outcome {
    command.current_dir(root());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return Outcome {
                status: None,
                ending: format!("cannot start {command:?}: {error}"),
                out: String::new(),
                err: String::new(),
                elapsed: Duration::ZERO,
            };
        }
    };
    let out = drain(child.stdout.take());
    let err = drain(child.stderr.take());
    let mut ending = String::new();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                if status.code().is_none() {
                    ending = status.to_string();
                }
                break status.code();
            }
            Ok(None) if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                ending = format!("still running after {} s", limit.as_secs());
                break None;
            }
        }
    };
    let elapsed = start.elapsed();
    let text = |reader: std::thread::JoinHandle<Vec<u8>>| {
        normalise(&String::from_utf8_lossy(&reader.join().unwrap_or_default()))
    };
    Outcome { status, ending, out: text(out), err: text(err), elapsed }
}

fn drain<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Paths relative to the repository; every address the same.
pub fn normalise(text: &str) -> String {
    let text = text.replace(&format!("{}/", root().display()), "");
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(" at 0x") {
        let digits = at + " at 0x".len();
        result.push_str(&rest[..digits]);
        rest = rest[digits..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
        result.push('*');
    }
    result.push_str(rest);
    result
}

/// The first lines where two texts part, or `None` if they agree.
pub fn difference(what: &str, expected: &str, got: &str) -> Option<String> {
    if expected == got {
        return None;
    }
    let expected: Vec<&str> = expected.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    let at = expected.iter().zip(&got).take_while(|(e, g)| e == g).count();
    let show = |lines: &[&str], sign: char| {
        let shown: Vec<String> = lines
            .iter()
            .skip(at)
            .take(4)
            .map(|line| format!("      {sign} {}", line.chars().take(300).collect::<String>()))
            .collect();
        if shown.is_empty() { format!("      {sign} (end)") } else { shown.join("\n") }
    };
    Some(format!(
        "    {what} differs from line {}:\n{}\n{}",
        at + 1,
        show(&expected, '-'),
        show(&got, '+')
    ))
}

/// The end of a text, indented, for reports.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..]
        .iter()
        .map(|line| format!("      | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// name -> reason, from a list of known failures: `NAME: REASON` a line, `#` starts a comment.
pub fn not_yet(file: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, reason) = line.split_once(':').unwrap_or((line, ""));
            (name.trim().to_owned(), reason.trim().to_owned())
        })
        .collect()
}

/// Apply `work` to every item on a few threads; results come back in order.
pub fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    const THREADS: usize = 2;
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = work(item);
                    results.lock().expect("no test thread panics").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no test thread panics");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Tests of one program that start many processes take turns.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
