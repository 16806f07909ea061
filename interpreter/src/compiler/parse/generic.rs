//! "invalid syntax", and the better words that CPython finds by looking around the token.

use super::super::error::CompileError;
use super::diagnosis::Diagnosis;
use super::special::expression_name;
use super::tokens::{ends_operand, is_augmented, is_delimiter, starts_operand};
use super::{indentation_error, plain};
use rustpython_ast::Expr;
use rustpython_ast::token::TokenKind;
use rustpython_parser::parse_expression;
use rustpython_text_size::{TextRange, TextSize};

impl Diagnosis<'_> {
    /// "invalid syntax" at a token, unless there are better words for what is around it.
    pub(super) fn generic(&self, index: usize) -> Box<CompileError> {
        match self.kind(index) {
            TokenKind::Indent => {
                let line = self.source.line(u32::from(self.token_range(index).end()));
                let end = self.token_range(index).end();
                let before = if self.source.start_of(line) < u32::from(end) {
                    end - TextSize::new(1)
                } else {
                    end
                };
                return indentation_error(TextRange::empty(before), "unexpected indent");
            }
            TokenKind::Equal => {
                if let Some(error) = self.misplaced_equal(index) {
                    return error;
                }
            }
            TokenKind::Slash | TokenKind::Star => {
                if let Some(error) = self.repeated_marker(index) {
                    return error;
                }
            }
            TokenKind::Lpar if self.in_parameters(index) => {
                let close = self.closing(index + 1);
                let names = (index + 1..self.tokens.len())
                    .take_while(|&i| self.tokens[i].range.start() < close.start())
                    .all(|i| matches!(self.kind(i), TokenKind::Name | TokenKind::Comma));
                if names {
                    let range = self.token_range(index).cover(close);
                    return plain(range, "Function parameters cannot be parenthesized");
                }
            }
            TokenKind::Dot | TokenKind::Lsqb
                if self.kind(self.line_begin(index)) == TokenKind::Except
                    && index > 2
                    && self.kind(index - 2) == TokenKind::As =>
            {
                let begin = self.line_begin(index);
                let star = if self.kind(begin + 1) == TokenKind::Star { "*" } else { "" };
                let end = (index..self.tokens.len())
                    .find(|&i| self.kind(i) == TokenKind::Colon && self.tokens[i].depth == 0)
                    .unwrap_or(index);
                let range =
                    self.token_range(index - 1).cover(self.token_range(end.saturating_sub(1)));
                if let Some(what) = self.name_of(range) {
                    return plain(range, format!("cannot use except{star} statement with {what}"));
                }
            }
            TokenKind::Dot => {
                let begin = self.line_begin(index);
                let import = matches!(self.kind(begin), TokenKind::Import | TokenKind::From);
                if import && index > 2 && self.kind(index - 2) == TokenKind::As {
                    let range = self.token_range(index - 1).cover(self.token_range(index + 1));
                    return plain(range, "cannot use attribute as import target");
                }
            }
            TokenKind::For => {
                let depth = self.tokens[index].depth;
                let open = (0..index).rev().find(|&i| self.tokens[i].depth < depth);
                if let Some(open) = open
                    && self.kind(open) == TokenKind::Lbrace
                    && self.kind(open + 1) == TokenKind::DoubleStar
                {
                    let stars = self.token_range(open + 1);
                    return plain(stars, "dict unpacking cannot be used in dict comprehension");
                }
                if let Some(open) = open
                    && matches!(self.kind(open), TokenKind::Lsqb | TokenKind::Lbrace)
                    && (open..index)
                        .any(|i| self.kind(i) == TokenKind::Comma && self.tokens[i].depth == depth)
                {
                    let targets = self.token_range(open + 1).cover(self.token_range(index - 1));
                    return plain(
                        targets,
                        "did you forget parentheses around the comprehension target?",
                    );
                }
            }
            kind if is_augmented(kind) => {
                let begin = self.line_begin(index);
                if begin < index {
                    let range = self.token_range(begin).cover(self.token_range(index - 1));
                    if let Some(what @ ("tuple" | "list")) = self.name_of(range) {
                        return plain(
                            range,
                            format!("'{what}' is an illegal expression for augmented assignment"),
                        );
                    }
                }
            }
            TokenKind::FStringEnd
                if index > 0
                    && self.in_fstring(index)
                    && self.kind(index - 1) == TokenKind::Lbrace =>
            {
                let here = TextRange::empty(self.token_range(index).start());
                return plain(here, "f-string: expecting '}'");
            }
            _ => {}
        }
        if let Some(error) = self
            .legacy_statement(index)
            .or_else(|| self.missing_else(index))
            .or_else(|| self.forgotten_comma(index))
        {
            return error;
        }
        plain(self.token_range(index), "invalid syntax")
    }

    /// `if x = 3:`
    pub(super) fn misplaced_equal(&self, index: usize) -> Option<Box<CompileError>> {
        if self.eval && self.tokens.get(index).is_some_and(|t| t.depth == 0) {
            return None;
        }
        let begin = self.operand_start(index)?;
        let left = TextRange::new(
            self.tokens.get(begin)?.range.start(),
            self.tokens.get(index - 1)?.range.end(),
        );
        let end = self.operand_end(index + 1)?;
        if matches!(self.kind(end), TokenKind::Equal | TokenKind::ColonEqual) {
            return None;
        }
        let expr = parse_expression(self.source.slice(left)).ok()?.into_expr();
        let right = self.tokens.get(end - 1)?.range.end();
        match expr {
            Expr::Name(_) => Some(plain(
                TextRange::new(left.start(), right),
                "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
            )),
            Expr::List(_) | Expr::Tuple(_) | Expr::Generator(_) => None,
            Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => None,
            other => Some(plain(
                left,
                format!(
                    "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                    expression_name(&other)
                ),
            )),
        }
    }

    /// `def f(a, /, b, /)`
    pub(super) fn repeated_marker(&self, index: usize) -> Option<Box<CompileError>> {
        let begin = self.line_begin(index);
        let depth = self.tokens.get(index)?.depth;
        let separated = index > 0
            && matches!(
                self.kind(index - 1),
                TokenKind::Comma | TokenKind::Lpar | TokenKind::Lambda
            );
        let definition = matches!(self.kind(begin), TokenKind::Def | TokenKind::Async)
            || (begin..index).any(|i| self.kind(i) == TokenKind::Lambda);
        if !definition || !separated {
            return None;
        }
        let earlier = |kind: TokenKind| {
            (begin..index).any(|i| self.tokens[i].depth == depth && self.kind(i) == kind)
        };
        let message = match self.kind(index) {
            TokenKind::Slash
                if matches!(self.kind(index - 1), TokenKind::Lpar | TokenKind::Lambda) =>
            {
                "at least one argument must precede /"
            }
            TokenKind::Star if self.kind(index - 1) == TokenKind::Slash => {
                "expected comma between / and *"
            }
            TokenKind::Slash if earlier(TokenKind::Slash) => "/ may appear only once",
            TokenKind::Slash if earlier(TokenKind::Star) => "/ must be ahead of *",
            TokenKind::Star if earlier(TokenKind::Star) => "* argument may appear only once",
            _ => return None,
        };
        Some(plain(self.token_range(index), message))
    }

    /// `print "text"`
    pub(super) fn legacy_statement(&self, index: usize) -> Option<Box<CompileError>> {
        let begin = index.checked_sub(1)?;
        let opens =
            |i: usize| matches!(self.kind(i), TokenKind::Colon | TokenKind::Semi | TokenKind::Else);
        if !(begin == self.line_begin(index) || begin.checked_sub(1).is_some_and(opens))
            || self.kind(begin) != TokenKind::Name
            || !starts_operand(self.kind(index))
        {
            return None;
        }
        let first = self.tokens.get(begin)?;
        let word = self.source.slice(first.range);
        if !matches!(word, "print" | "exec") {
            return None;
        }
        let mut end = index;
        while !matches!(self.kind(end), TokenKind::Newline | TokenKind::EndOfFile | TokenKind::Semi)
        {
            end += 1;
        }
        let range = TextRange::new(first.range.start(), self.tokens.get(end - 1)?.range.end());
        let arguments = TextRange::new(self.token_range(index).start(), range.end());
        parse_expression(self.source.slice(arguments)).ok()?;
        Some(plain(
            range,
            format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?"),
        ))
    }

    /// `x if y` without `else`.
    pub(super) fn missing_else(&self, index: usize) -> Option<Box<CompileError>> {
        let depth = self.tokens.get(index).map_or(0, |t| t.depth);
        let begin = self.line_begin(index);
        if index > 0 && self.kind(index - 1) == TokenKind::Else && index - 1 > begin {
            let is_end = matches!(
                self.kind(index),
                TokenKind::Newline | TokenKind::EndOfFile | TokenKind::Semi
            );
            let statement = self.kind(index).is_non_soft_keyword();
            return (is_end || statement).then(|| {
                plain(
                    self.token_range(index),
                    "expected expression after 'else', but statement is given",
                )
            });
        }
        if !matches!(
            self.kind(index),
            TokenKind::Newline
                | TokenKind::EndOfFile
                | TokenKind::Semi
                | TokenKind::Rpar
                | TokenKind::Rsqb
                | TokenKind::Rbrace
                | TokenKind::Comma
        ) {
            return None;
        }
        let mut at = index;
        while at > begin + 1 {
            at -= 1;
            let token = self.tokens.get(at)?;
            if token.depth < depth {
                return None;
            }
            if token.depth > depth {
                continue;
            }
            match token.kind {
                TokenKind::If => {
                    let start = self.disjunction_start(at, begin)?;
                    let from = self.tokens.get(start)?.range.start();
                    let condition =
                        TextRange::new(token.range.end(), self.tokens.get(index - 1)?.range.end());
                    parse_expression(self.source.slice(condition).trim()).ok()?;
                    let range = TextRange::new(from, condition.end());
                    return Some(plain(range, "expected 'else' after 'if' expression"));
                }
                TokenKind::Else | TokenKind::For | TokenKind::Comma | TokenKind::Colon => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    /// Two expressions side by side inside brackets.
    pub(super) fn forgotten_comma(&self, index: usize) -> Option<Box<CompileError>> {
        let token = self.tokens.get(index)?;
        if token.depth == 0 && !self.in_fstring(index) || index == 0 {
            return None;
        }
        if !ends_operand(self.kind(index - 1)) || !starts_operand(token.kind) {
            return None;
        }
        let start = self.disjunction_start(index, self.line_begin(index))?;
        if self.kind(start) == TokenKind::Name && self.kind(start + 1) == TokenKind::String {
            return None;
        }
        let from = self.tokens.get(start)?.range.start();
        let left = TextRange::new(from, self.tokens.get(index - 1)?.range.end());
        parse_expression(self.source.slice(left)).ok()?;
        // The longest expression from here to the next delimiter.
        let mut end = index;
        while let Some(next) = self.tokens.get(end)
            && next.depth >= token.depth
            && !(next.depth == token.depth && is_delimiter(next.kind))
        {
            let closes = matches!(next.kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace);
            if closes && next.depth == token.depth {
                break;
            }
            end += 1;
        }
        while end > index {
            let range = TextRange::new(token.range.start(), self.tokens.get(end - 1)?.range.end());
            if parse_expression(self.source.slice(range)).is_ok() {
                return Some(plain(
                    TextRange::new(from, range.end()),
                    "invalid syntax. Perhaps you forgot a comma?",
                ));
            }
            end -= 1;
        }
        None
    }
}
