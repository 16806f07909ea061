//! The string or bytes that is searched, and runs of the matcher over it.

use super::matcher::{Interrupted, Matcher, Request, Scratch};
use super::pattern::Pattern;
use super::program::Program;
use super::text::{Narrow, Wide, Widest};
use crate::prelude::*;
use sidewinder_interpreter::builtins::bytes_methods;
use std::borrow::Cow;
use std::rc::Rc;

/// A searched object's characters.
pub(super) enum Subject<'gc> {
    /// A str.
    Str(Gc<'gc, Str>),
    /// Bytes of any bytes-like object.
    Bytes(Cow<'gc, [u8]>),
}

impl<'gc> Subject<'gc> {
    /// The characters of a str or a bytes-like object; TypeError for anything else.
    pub fn of(vm: &'gc Vm, v: Value<'gc>) -> Result<Subject<'gc>, Raised> {
        if let Some(s) = v.as_str() {
            return Ok(Subject::Str(s));
        }
        match bytes_methods::buffer(vm, v) {
            Some(bytes) => Ok(Subject::Bytes(bytes)),
            None => {
                let given = vm.type_name(v);
                raise!(vm, TypeError, "expected string or bytes-like object, got '{given}'")
            }
        }
    }

    /// Number of characters.
    pub fn len(&self) -> usize {
        match self {
            Subject::Str(s) => s.len(),
            Subject::Bytes(b) => b.len(),
        }
    }

    /// A part, as a new object; the whole of an exact str or bytes is the object itself.
    pub fn slice(&self, vm: &'gc Vm, whole: Value<'gc>, start: usize, end: usize) -> Value<'gc> {
        match self {
            Subject::Str(s) => vm.str_slice(*s, start, end).value(),
            Subject::Bytes(b) => {
                if start == 0 && end == b.len() && vm.is_exact(whole, ClassId::Bytes) {
                    return whole;
                }
                vm.bytes(&b[start..end]).value()
            }
        }
    }
}

/// A part of the object in a root.
pub(super) fn part(vm: &Vm, string: Local, start: usize, end: usize) -> Result<Value<'_>, Raised> {
    let whole = vm.get(string);
    Ok(Subject::of(vm, whole)?.slice(vm, whole, start, end))
}

/// Runs `go!` with the text of the right width.
macro_rules! by_width {
    ($subject:expr, $go:ident) => {
        match $subject {
            Subject::Bytes(bytes) => $go!(Narrow(bytes)),
            Subject::Str(s) => match s.width() {
                1 => $go!(Narrow(s.data())),
                2 => $go!(Wide(s.data().as_chunks::<2>().0)),
                _ => $go!(Widest(s.data().as_chunks::<4>().0)),
            },
        }
    };
}

/// A search in progress: what is searched, and the machine's stacks.
pub(super) struct Search {
    pub program: Rc<Program>,
    pub string: Local,
    pub request: Request,
    pub scratch: Scratch,
}

impl Search {
    /// A search with a pattern over a string between two positions.
    pub fn new(
        vm: &mut Vm,
        pattern: Local,
        string: Local,
        pos: i64,
        endpos: i64,
    ) -> Result<Search, Raised> {
        let vm = &*vm;
        let p = vm.get(pattern).payload::<Pattern>().expect("the caller has checked it");
        let subject = Subject::of(vm, vm.get(string))?;
        let of_str = p.r().pattern.get(vm).as_str().is_some();
        let of_none = p.r().pattern.get(vm).is_none();
        match (&subject, of_none) {
            (Subject::Str(_), false) if !of_str => {
                raise!(vm, TypeError, "cannot use a bytes pattern on a string-like object")
            }
            (Subject::Bytes(_), false) if of_str => {
                raise!(vm, TypeError, "cannot use a string pattern on a bytes-like object")
            }
            _ => {}
        }
        let len = subject.len() as i64;
        let start = pos.clamp(0, len) as usize;
        let end = (endpos.clamp(0, len) as usize).max(start);
        let request = Request { start, end, full: false, advance: false };
        let program = p.r().program.clone();
        Ok(Search { program, string, request, scratch: Scratch::default() })
    }

    /// Runs the machine until it is not interrupted.
    fn run(
        &mut self,
        vm: &mut Vm,
        f: impl Fn(&Vm, &Program, &Subject<'_>, Request, &mut Scratch) -> Result<bool, Interrupted>,
    ) -> Result<bool, Raised> {
        loop {
            let outcome = {
                let vm = &*vm;
                let subject = Subject::of(vm, vm.get(self.string))?;
                // Another thread may have shortened a bytearray.
                self.request.end = self.request.end.min(subject.len());
                f(vm, &self.program, &subject, self.request, &mut self.scratch)
            };
            match outcome {
                Ok(found) => return Ok(found),
                Err(Interrupted) => vm.safepoint()?,
            }
        }
    }

    /// Matches at the start only.
    pub fn match_here(&mut self, vm: &mut Vm) -> Result<bool, Raised> {
        if self.request.start > self.request.end {
            return Ok(false);
        }
        self.run(vm, |vm, program, subject, request, scratch| {
            macro_rules! go {
                ($text:expr) => {
                    Matcher::new(vm, program, $text, request, scratch).match_at(0, request.start)
                };
            }
            by_width!(subject, go)
        })
    }

    /// Finds the first match.
    pub fn find(&mut self, vm: &mut Vm) -> Result<bool, Raised> {
        self.run(vm, |vm, program, subject, request, scratch| {
            macro_rules! go {
                ($text:expr) => {
                    Matcher::new(vm, program, $text, request, scratch).search()
                };
            }
            by_width!(subject, go)
        })
    }

    /// Finds the next match after the one found.
    pub fn find_next(&mut self, vm: &mut Vm) -> Result<bool, Raised> {
        if self.request.start > self.request.end || !self.find(vm)? {
            return Ok(false);
        }
        self.request.advance = self.scratch.end == self.scratch.start;
        self.request.start = self.scratch.end;
        Ok(true)
    }

    /// What group `i` matched; 0 is the whole match.
    pub fn group(&self, i: usize) -> Option<(usize, usize)> {
        if i == 0 {
            return Some((self.scratch.start, self.scratch.end));
        }
        let marks = self.scratch.marks.get(2 * i - 2..2 * i)?;
        let set = marks[0] != super::matcher::NONE && marks[1] != super::matcher::NONE;
        set.then(|| (marks[0], marks[1].max(marks[0])))
    }
}
