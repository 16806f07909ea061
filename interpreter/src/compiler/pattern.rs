//! `match`: each pattern is a sequence of tests that jump to the next case. Names are bound only
//! when the whole pattern has matched.

use super::Compiler;
use super::assembler::Label;
use super::error::{R, syntax_error};
use super::registers::Reg;
use super::symtable::range_of;
use crate::bytecode::{Const, Instr, Op};
use rustpython_ast::{self as ast, Expr, Pattern, Singleton};
use rustpython_text_size::TextRange;

/// A value that a pattern binds, kept in a temporary until the pattern has matched.
#[derive(Clone, Copy)]
struct Capture<'a> {
    name: &'a str,
    value: Reg,
    range: TextRange,
}

/// What a pattern has captured so far.
type Captures<'a> = Vec<Capture<'a>>;

const EQUAL: u8 = 2;
const AT_LEAST: u8 = 5;

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, s: &'a ast::StmtMatch) -> R<()> {
        let mark = self.unit.temps.mark();
        // A copy: a pattern may bind the very name that is matched.
        let subject = self.unit.temps.take(1);
        self.expr_to(&s.subject, subject)?;
        let end = self.unit.asm.label();
        for (i, case) in s.cases.iter().enumerate() {
            let mark = self.unit.temps.mark();
            let last = i + 1 == s.cases.len();
            if !last && case.guard.is_none() {
                check_refutable(&case.pattern)?;
            }
            let next = self.unit.asm.label();
            let mut captures = vec![];
            if is_wildcard(&case.pattern) {
                self.nop(range_of(&case.pattern));
            }
            self.pattern(&case.pattern, subject, next, &mut captures)?;
            for capture in captures {
                self.store_name(capture.name, capture.value, capture.range)?;
            }
            if let Some(guard) = &case.guard {
                self.jump_if(guard, next, false)?;
            }
            self.unit.temps.release(mark);
            self.body(&case.body)?;
            if !last {
                self.at(TextRange::default());
                self.unit.asm.jump(Op::Jump, 0, 0, end);
            }
            self.unit.asm.place(next);
        }
        self.unit.asm.place(end);
        self.unit.temps.release(mark);
        Ok(())
    }

    fn pattern(
        &mut self,
        pattern: &'a Pattern,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        let range = range_of(pattern);
        self.nested(range, |this| match pattern {
            Pattern::MatchValue(p) => {
                if matches!(&*p.value, Expr::FString(_) | Expr::TString(_)) {
                    let text = "patterns may only match literals and attribute lookups";
                    return Err(syntax_error(range_of(&*p.value), text));
                }
                let mark = this.unit.temps.mark();
                let value = this.expr_any(&p.value)?;
                this.at(range);
                let instr = Instr::new(Op::CompareJump, EQUAL, subject, value, 0);
                this.unit.asm.jump_ext(instr, fail);
                this.unit.temps.release(mark);
                Ok(())
            }
            Pattern::MatchSingleton(p) => {
                this.at(range);
                let value = match p.value {
                    Singleton::None => {
                        this.unit.asm.jump(Op::JumpIfNone, 0, subject, fail);
                        return Ok(());
                    }
                    Singleton::True => Const::Bool(true),
                    Singleton::False => Const::Bool(false),
                };
                let mark = this.unit.temps.mark();
                let t = this.unit.temps.take(1);
                this.load_const(t, value);
                this.unit.asm.jump_ext(Instr::new(Op::IsJump, 0, subject, t, 0), fail);
                this.unit.temps.release(mark);
                Ok(())
            }
            Pattern::MatchSequence(p) => {
                this.sequence_pattern(&p.patterns, range, subject, fail, captures)
            }
            Pattern::MatchMapping(p) => this.mapping_pattern(p, subject, fail, captures),
            Pattern::MatchClass(p) => this.class_pattern(p, subject, fail, captures),
            Pattern::MatchStar(p) => Err(syntax_error(p.range, "can't use starred pattern here")),
            Pattern::MatchAs(p) => {
                if let Some(inner) = &p.pattern {
                    this.pattern(inner, subject, fail, captures)?;
                }
                match &p.name {
                    Some(name) if name.as_str() == "_" => {
                        Err(syntax_error(name.range, "cannot use '_' as a target"))
                    }
                    Some(name) => capture(captures, name, subject, range),
                    None => Ok(()),
                }
            }
            Pattern::MatchOr(p) => this.or_pattern(p, subject, fail, captures),
        })
    }

    /// Jumps to `fail` unless `len(subject) op count`.
    fn check_length(&mut self, subject: Reg, op: u8, count: usize, range: TextRange, fail: Label) {
        let mark = self.unit.temps.mark();
        let length = self.unit.temps.take(1);
        self.at(range);
        self.op(Op::GetLen, 0, length, subject, 0);
        if let Ok(count) = i16::try_from(count) {
            let instr = Instr::new(Op::CompareJumpImm, op, length, count as u16, 0);
            self.unit.asm.jump_ext(instr, fail);
        } else {
            let t = self.unit.temps.take(1);
            self.load_const(t, Const::Int(count as i64));
            self.unit.asm.jump_ext(Instr::new(Op::CompareJump, op, length, t, 0), fail);
        }
        self.unit.temps.release(mark);
    }

    /// Jumps to `fail` unless the subject is a sequence (0) or a mapping (1).
    fn check_kind(&mut self, subject: Reg, kind: u8, range: TextRange, fail: Label) {
        let mark = self.unit.temps.mark();
        let t = self.unit.temps.take(1);
        self.at(range);
        self.op(Op::MatchKind, kind, t, subject, 0);
        self.unit.asm.jump(Op::JumpIf, 0, t, fail);
        self.unit.temps.release(mark);
    }

    fn sequence_pattern(
        &mut self,
        patterns: &'a [Pattern],
        range: TextRange,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        self.check_kind(subject, 0, range, fail);
        let star = patterns.iter().position(|p| matches!(p, Pattern::MatchStar(_)));
        let count = patterns.len();
        if let Some(star) = star {
            if patterns[star + 1..].iter().any(|p| matches!(p, Pattern::MatchStar(_))) {
                return Err(syntax_error(range, "multiple starred names in sequence pattern"));
            }
            if count > 1 {
                self.check_length(subject, AT_LEAST, count - 1, range, fail);
            }
        } else {
            self.check_length(subject, EQUAL, count, range, fail);
        }
        if patterns.iter().all(is_wildcard) {
            return Ok(());
        }
        if let Some(star) = star.filter(|&star| is_wildcard(&patterns[star])) {
            return self.sequence_items(patterns, star, range, subject, fail, captures);
        }
        let window = self.unit.temps.take(count);
        self.at(range);
        match star {
            None => self.op(Op::UnpackSequence, 0, window, subject, count as u16),
            Some(star) => {
                let after = count - star - 1;
                if star > 255 || after > 255 {
                    return Err(syntax_error(range, "too many sub-patterns in sequence pattern"));
                }
                self.op(Op::UnpackStar, 0, window, subject, (star | after << 8) as u16);
            }
        }
        for (i, pattern) in patterns.iter().enumerate() {
            let value = window + i as u16;
            match pattern {
                Pattern::MatchStar(star) => {
                    if let Some(name) = &star.name {
                        capture(captures, name, value, star.range)?;
                    }
                }
                other => self.pattern(other, value, fail, captures)?,
            }
        }
        Ok(())
    }

    /// A sequence pattern whose star binds nothing looks only at the items beside it.
    fn sequence_items(
        &mut self,
        patterns: &'a [Pattern],
        star: usize,
        range: TextRange,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        for (i, pattern) in patterns.iter().enumerate() {
            if i == star || is_wildcard(pattern) {
                continue;
            }
            let item = self.unit.temps.take(1);
            let mark = self.unit.temps.mark();
            let index = self.unit.temps.take(1);
            self.at(range);
            if i < star {
                self.load_const(index, Const::Int(i as i64));
            } else {
                let from_end = self.unit.temps.take(1);
                self.op(Op::GetLen, 0, index, subject, 0);
                self.load_const(from_end, Const::Int((patterns.len() - i) as i64));
                self.op(Op::Sub, 0, index, index, from_end);
            }
            self.op(Op::GetItem, 0, item, subject, index);
            self.unit.temps.release(mark);
            self.pattern(pattern, item, fail, captures)?;
        }
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        p: &'a ast::PatternMatchMapping,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        self.check_kind(subject, 1, p.range, fail);
        let count = p.keys.len();
        if count == 0 && p.rest.is_none() {
            return Ok(());
        }
        if count > 0 {
            self.check_length(subject, AT_LEAST, count, p.range, fail);
        }
        self.check_duplicate_keys(p)?;
        let first_key = self.window(&p.keys)?;
        if count > 0 {
            let keys = self.unit.temps.take(1);
            self.at(p.range);
            self.op(Op::BuildTuple, 0, keys, first_key, count as u16);
            self.op(Op::MatchKeys, 0, keys, subject, keys);
            self.unit.asm.jump(Op::JumpIfNone, 1, keys, fail);
            let values = self.unit.temps.take(count);
            self.op(Op::UnpackSequence, 0, values, keys, count as u16);
            for (i, pattern) in p.patterns.iter().enumerate() {
                self.pattern(pattern, values + i as u16, fail, captures)?;
            }
        }
        if let Some(rest) = &p.rest {
            if rest.as_str() == "_" {
                return Err(syntax_error(rest.range, "invalid syntax"));
            }
            let dict = self.unit.temps.take(1);
            self.at(p.range);
            self.op(Op::BuildDict, 0, dict, 0, 0);
            self.op(Op::DictUpdate, 0, dict, subject, 0);
            for i in 0..count {
                self.op(Op::DeleteItem, 0, dict, first_key + i as u16, 0);
            }
            capture(captures, rest, dict, p.range)?;
        }
        Ok(())
    }

    fn check_duplicate_keys(&self, p: &ast::PatternMatchMapping) -> R<()> {
        let mut seen: Vec<Const> = vec![];
        for key in &p.keys {
            if let Some(value) = self.constant(key)? {
                if seen.iter().any(|other| equal(other, &value)) {
                    let text = self.source.slice(range_of(key));
                    let message = format!("mapping pattern checks duplicate key ({text})");
                    return Err(syntax_error(p.range, message));
                }
                seen.push(value);
            }
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        p: &'a ast::PatternMatchClass,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        let (positional, keywords) = (&p.arguments.patterns, &p.arguments.keywords);
        let Ok(x) = u8::try_from(positional.len()) else {
            return Err(syntax_error(p.range, "too many sub-patterns in class pattern"));
        };
        for (i, keyword) in keywords.iter().enumerate() {
            let name = keyword.attr.as_str();
            if keywords[..i].iter().any(|other| other.attr.as_str() == name) {
                let message = format!("attribute name repeated in class pattern: {name}");
                return Err(syntax_error(range_of(&keyword.pattern), message));
            }
        }
        let class = self.expr_any(&p.cls)?;
        let names = keywords.iter().map(|k| Const::Str(self.mangled(k.attr.as_str()))).collect();
        let names = self.unit.constant_index(Const::Tuple(names));
        let attributes = self.unit.temps.take(1);
        self.at(p.range);
        let instr = Instr::new(Op::MatchClass, x, attributes, subject, class);
        self.unit.asm.emit_ext(instr, names);
        self.unit.asm.jump(Op::JumpIfNone, 1, attributes, fail);
        let patterns = positional.iter().chain(keywords.iter().map(|k| &k.pattern));
        let count = positional.len() + keywords.len();
        if patterns.clone().all(is_wildcard) {
            return Ok(());
        }
        let values = self.unit.temps.take(count);
        self.op(Op::UnpackSequence, 0, values, attributes, count as u16);
        for (i, pattern) in patterns.enumerate() {
            self.pattern(pattern, values + i as u16, fail, captures)?;
        }
        Ok(())
    }

    fn or_pattern(
        &mut self,
        p: &'a ast::PatternMatchOr,
        subject: Reg,
        fail: Label,
        captures: &mut Captures<'a>,
    ) -> R<()> {
        let matched = self.unit.asm.label();
        // Every alternative leaves its captures in the same registers.
        let mut common: Option<Captures<'a>> = None;
        for (i, alternative) in p.patterns.iter().enumerate() {
            let last = i + 1 == p.patterns.len();
            if !last {
                check_refutable(alternative)?;
            }
            let next = if last { fail } else { self.unit.asm.label() };
            let mut own = vec![];
            self.pattern(alternative, subject, next, &mut own)?;
            match &common {
                None => {
                    let mut copies = vec![];
                    for capture in own {
                        let value = self.unit.temps.take(1);
                        self.move_to(value, capture.value);
                        copies.push(Capture { value, ..capture });
                    }
                    common = Some(copies);
                }
                Some(common) => {
                    let matching = |c: &Capture| own.iter().find(|o| o.name == c.name).copied();
                    if own.len() != common.len() || common.iter().any(|c| matching(c).is_none()) {
                        return Err(syntax_error(
                            p.range,
                            "alternative patterns bind different names",
                        ));
                    }
                    for capture in common {
                        if let Some(own) = matching(capture) {
                            self.move_to(capture.value, own.value);
                        }
                    }
                }
            }
            if !last {
                self.unit.asm.jump(Op::Jump, 0, 0, matched);
                self.unit.asm.place(next);
            }
        }
        self.unit.asm.place(matched);
        for c in common.unwrap_or_default() {
            if captures.iter().any(|other| other.name == c.name) {
                return Err(multiple(c.name, c.range));
            }
            captures.push(c);
        }
        Ok(())
    }
}

fn capture<'a>(
    captures: &mut Captures<'a>,
    name: &'a ast::Identifier,
    value: Reg,
    range: TextRange,
) -> R<()> {
    if captures.iter().any(|c| c.name == name.as_str()) {
        return Err(multiple(name.as_str(), range));
    }
    captures.push(Capture { name: name.as_str(), value, range });
    Ok(())
}

fn multiple(name: &str, range: TextRange) -> Box<super::error::CompileError> {
    syntax_error(range, format!("multiple assignments to name '{name}' in pattern"))
}

/// Whether constants are equal to Python: 0, False, 0.0 and 0j are.
fn equal(a: &Const, b: &Const) -> bool {
    let number = |c: &Const| match *c {
        Const::Bool(b) => Some((f64::from(u8::from(b)), 0.0)),
        Const::Int(i) => (i.unsigned_abs() <= 1 << 53).then_some((i as f64, 0.0)),
        Const::Float(f) => Some((f, 0.0)),
        Const::Complex(re, im) => Some((re, im)),
        _ => None,
    };
    a == b || number(a).is_some_and(|n| number(b) == Some(n))
}

fn is_wildcard(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(p) => p.pattern.is_none() && p.name.is_none(),
        Pattern::MatchStar(p) => p.name.is_none(),
        _ => false,
    }
}

/// A pattern that always matches makes sense only in the end.
fn check_refutable(pattern: &Pattern) -> R<()> {
    match pattern {
        Pattern::MatchAs(p) => match (&p.pattern, &p.name) {
            (Some(inner), _) => check_refutable(inner),
            (None, Some(name)) => Err(syntax_error(
                p.range,
                format!("name capture '{name}' makes remaining patterns unreachable"),
            )),
            (None, None) => {
                Err(syntax_error(p.range, "wildcard makes remaining patterns unreachable"))
            }
        },
        Pattern::MatchOr(p) => p.patterns.last().map_or(Ok(()), check_refutable),
        _ => Ok(()),
    }
}
