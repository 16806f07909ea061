//! Searching: where a match may start, found without the matcher.

use super::matcher::{Interrupted, Matcher, NONE};
use super::program::{bit, info, op, place};
use super::text::Text;

impl<T: Text> Matcher<'_, T> {
    /// Finds the first match from the request's start on.
    pub fn search(&mut self) -> Result<bool, Interrupted> {
        let (start, end) = (self.request.start, self.request.end);
        if start > end {
            return Ok(false);
        }
        let program = self.program;
        if program.at(0) != op::INFO {
            return self.search_everywhere(0, start, end);
        }
        let body = 1 + program.at(1) as usize;
        let (flags, min) = (program.at(2), program.at(3) as usize);
        if end - start < min {
            return Ok(false);
        }
        let last = end - min;
        if flags & info::PREFIX != 0 {
            return self.search_prefix(body, flags & info::LITERAL != 0, last);
        }
        if flags & info::CHARSET != 0 {
            return self.search_charset(5, body, last);
        }
        self.search_everywhere(body, start, last)
    }

    fn search_everywhere(
        &mut self,
        body: usize,
        start: usize,
        last: usize,
    ) -> Result<bool, Interrupted> {
        let program = self.program;
        let anchored = program.at(body) == op::AT
            && matches!(program.at(body + 1), place::BEGINNING | place::BEGINNING_STRING);
        if anchored {
            return self.match_at(body, start);
        }
        if program.at(body) == op::AT && program.at(body + 1) == place::BEGINNING_LINE {
            return self.search_lines(body, start, last);
        }
        // A set or a literal in front tells most positions apart.
        match program.at(body) {
            op::IN => return self.search_charset(body + 2, body, last),
            op::REPEAT_ONE if program.at(body + 2) > 0 && program.at(body + 4) == op::IN => {
                return self.search_charset(body + 6, body, last);
            }
            _ => {}
        }
        for at in start..=last {
            if self.match_at(body, at)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// For patterns that match only at the beginning of a line.
    fn search_lines(
        &mut self,
        body: usize,
        start: usize,
        last: usize,
    ) -> Result<bool, Interrupted> {
        let newline = '\n' as u32;
        let mut at = start;
        loop {
            if at > 0 && self.text.at(at - 1) != newline {
                let next = match self.text.bytes() {
                    Some(bytes) => memchr::memchr(b'\n', &bytes[at..last]).map(|i| at + i),
                    None => (at..last).find(|i| self.text.at(*i) == newline),
                };
                match next {
                    Some(next) => at = next + 1,
                    None => return Ok(false),
                }
            }
            if self.match_at(body, at)? {
                return Ok(true);
            }
            if at >= last {
                return Ok(false);
            }
            at += 1;
        }
    }

    /// For patterns that start with a character of a set.
    fn search_charset(
        &mut self,
        set: usize,
        body: usize,
        last: usize,
    ) -> Result<bool, Interrupted> {
        let program = self.program;
        let map = program.bitmap(set);
        let last = last.min(self.request.end.wrapping_sub(1));
        let mut at = self.request.start;
        if self.request.end == 0 {
            return Ok(false);
        }
        while at <= last {
            let next = match self.text.bytes() {
                Some(bytes) => {
                    bytes[at..=last].iter().position(|b| bit(map, *b as u32)).map(|i| at + i)
                }
                None => (at..=last).find(|i| program.set_has(set, self.text.at(*i))),
            };
            let Some(next) = next else { return Ok(false) };
            if self.match_at(body, next)? {
                return Ok(true);
            }
            at = next + 1;
        }
        Ok(false)
    }

    /// For patterns that start with a literal.
    fn search_prefix(
        &mut self,
        body: usize,
        whole: bool,
        last: usize,
    ) -> Result<bool, Interrupted> {
        let program = self.program;
        let n = program.at(5) as usize;
        let mut at = self.request.start;
        if n == 0 {
            return self.search_everywhere(body, at, last);
        }
        // Narrow text finds narrow prefixes fast and wide ones never.
        let finder = match (self.text.bytes(), &program.prefix) {
            (Some(_), None) => return Ok(false),
            (Some(_), Some(prefix)) if prefix.len() > 1 => {
                Some(memchr::memmem::Finder::new(&**prefix))
            }
            _ => None,
        };
        let first = program.at(7);
        while at <= last {
            let next = match self.text.bytes() {
                Some(bytes) => {
                    let part = &bytes[at..(last + n).min(self.request.end)];
                    match &finder {
                        Some(finder) => finder.find(part),
                        None => memchr::memchr(first as u8, part),
                    }
                    .map(|i| at + i)
                }
                None => (at..=last).find(|i| {
                    (0..n).all(|k| {
                        i + k < self.request.end && self.text.at(i + k) == program.at(7 + k)
                    })
                }),
            };
            let Some(next) = next.filter(|next| *next <= last) else { return Ok(false) };
            if whole && !self.request.full {
                self.scratch.start = next;
                self.scratch.end = next + n;
                self.scratch.marks.clear();
                self.scratch.marks.resize(program.groups * 2, NONE);
                self.scratch.last_index = 0;
                return Ok(true);
            }
            if self.match_at(body, next)? {
                return Ok(true);
            }
            at = next + 1;
        }
        Ok(false)
    }
}
