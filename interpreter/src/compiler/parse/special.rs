//! Errors that CPython has words of its own for.

use super::super::error::CompileError;
use super::diagnosis::Diagnosis;
use super::literals::size;
use super::{indentation_error, plain};
use rustpython_ast::token::TokenKind;
use rustpython_ast::{Expr, Number};
use rustpython_parser::{
    InterpolatedStringErrorType, LexicalErrorType, ParseError, ParseErrorType, parse_expression,
};
use rustpython_text_size::{TextRange, TextSize};

impl Diagnosis<'_> {
    /// Errors that CPython has words of their own for.
    pub(super) fn special(&self, error: &ParseError, index: usize) -> Option<Box<CompileError>> {
        let range = error.location;
        let say = |message: &str| Some(plain(range, message));
        match &error.error {
            ParseErrorType::InvalidAssignmentTarget => self.invalid_target(range),
            ParseErrorType::InvalidNamedAssignmentTarget => {
                let what = self.name_of(range)?;
                Some(plain(range, format!("cannot use assignment expressions with {what}")))
            }
            ParseErrorType::InvalidAnnotatedAssignmentTarget => match self.name_of(range)? {
                "list" => say("only single target (not list) can be annotated"),
                "tuple" => say("only single target (not tuple) can be annotated"),
                _ => say("illegal target for annotation"),
            },
            ParseErrorType::InvalidAugmentedAssignmentTarget => {
                let what = self.name_of(range)?;
                let message = format!("'{what}' is an illegal expression for augmented assignment");
                Some(plain(range, message))
            }
            ParseErrorType::InvalidDeleteTarget => {
                let named = self.source.slice(range).contains(":=");
                let what = self.name_of(range).or_else(|| named.then_some("named expression"))?;
                Some(plain(range, format!("cannot delete {what}")))
            }
            ParseErrorType::PositionalAfterKeywordArgument => {
                let end = self.closing(index);
                Some(plain(end, "positional argument follows keyword argument"))
            }
            ParseErrorType::PositionalAfterKeywordUnpacking => {
                let end = self.closing(index);
                Some(plain(end, "positional argument follows keyword argument unpacking"))
            }
            ParseErrorType::InvalidArgumentUnpackingOrder => {
                let start = index.checked_sub(1).map_or(range, |i| self.token_range(i));
                Some(plain(
                    TextRange::new(start.start(), range.end()),
                    "iterable argument unpacking follows keyword argument unpacking",
                ))
            }
            ParseErrorType::IterableUnpackingInComprehension => {
                if self.source.slice(range).starts_with("**") {
                    let stars = TextRange::at(range.start(), TextSize::new(2));
                    return Some(plain(
                        stars,
                        "dict unpacking cannot be used in dict comprehension",
                    ));
                }
                say("iterable unpacking cannot be used in comprehension")
            }
            ParseErrorType::UnparenthesizedGeneratorExpression => {
                say("Generator expression must be parenthesized")
            }
            ParseErrorType::DuplicateKeywordArgumentError(name) => {
                Some(plain(range, format!("keyword argument repeated: {name}")))
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam
                if self.source.slice(range).ends_with('=') =>
            {
                let equal = TextRange::new(range.end() - TextSize::new(1), range.end());
                Some(plain(equal, "expected default value expression"))
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam => {
                say("parameter without a default follows parameter with a default")
            }
            ParseErrorType::ParamAfterVarKeywordParam => {
                say("arguments cannot follow var-keyword argument")
            }
            ParseErrorType::ExpectedKeywordParam => {
                let follows = |i: usize| {
                    matches!(
                        self.kind(i + 1),
                        TokenKind::Comma | TokenKind::Rpar | TokenKind::Colon
                    )
                };
                let mut star = (0..=index).rev().find(|&i| self.kind(i) == TokenKind::Star)?;
                if !follows(star) {
                    return Some(self.generic(star + 1));
                }
                if self.kind(self.line_begin(star)) != TokenKind::Def {
                    star += 1;
                }
                Some(plain(self.token_range(star), "named arguments must follow bare *"))
            }
            ParseErrorType::VarParameterWithDefault => {
                let equal = (index..self.tokens.len())
                    .find(|&i| self.kind(i) == TokenKind::Equal)
                    .unwrap_or(index);
                let before = equal.checked_sub(2).map_or(TokenKind::Star, |i| self.kind(i));
                let word = if before == TokenKind::DoubleStar { "keyword" } else { "positional" };
                Some(plain(
                    self.token_range(equal),
                    format!("var-{word} argument cannot have default value"),
                ))
            }
            ParseErrorType::EmptyImportNames => {
                let end = TextRange::empty(self.token_range(index).start());
                Some(plain(end, "Expected one or more names after 'import'"))
            }
            ParseErrorType::EmptyTypeParams => say("Type parameter list cannot be empty"),
            ParseErrorType::InvalidStarredExpressionUsage => {
                let after = self.tokens.partition_point(|t| t.range.end() <= range.end());
                let before = index.checked_sub(1).map(|i| self.kind(i));
                if self.kind(after) == TokenKind::For {
                    return say("iterable unpacking cannot be used in comprehension");
                }
                let opening = self.opening(index).map(|i| self.kind(i));
                if before == Some(TokenKind::Colon) && opening == Some(TokenKind::Lbrace) {
                    return say("cannot use a starred expression in a dictionary value");
                }
                if before == Some(TokenKind::Colon) {
                    return Some(self.generic(index));
                }
                if before == Some(TokenKind::Lpar) && self.kind(after) == TokenKind::Rpar {
                    return say("cannot use starred expression here");
                }
                if opening == Some(TokenKind::Lsqb) && self.kind(after) == TokenKind::Colon {
                    return Some(self.generic(after));
                }
                say("can't use starred expression here")
            }
            ParseErrorType::UnexpectedIndentation => None,
            ParseErrorType::UnparenthesizedTupleExpression => {
                let comma =
                    (index..self.line_end(index)).find(|&i| self.kind(i) == TokenKind::Comma)?;
                Some(plain(self.token_range(comma), "invalid syntax"))
            }
            ParseErrorType::Lexical(
                LexicalErrorType::UnicodeError
                | LexicalErrorType::MissingUnicodeLbrace
                | LexicalErrorType::MissingUnicodeRbrace
                | LexicalErrorType::StringError
                | LexicalErrorType::InvalidByteLiteral,
            ) => self.lexical(error),
            ParseErrorType::Lexical(
                LexicalErrorType::FStringError(kind) | LexicalErrorType::TStringError(kind),
            ) => Some(self.fstring_error(kind, range)),
            ParseErrorType::FStringError(InterpolatedStringErrorType::UnclosedLbrace)
                if self.forgotten_comma(index).is_some() =>
            {
                self.forgotten_comma(index)
            }
            ParseErrorType::FStringError(kind) | ParseErrorType::TStringError(kind) => {
                Some(self.fstring_error(kind, range))
            }
            ParseErrorType::ExpectedExpression => self.missing_expression(index),
            ParseErrorType::ExpectedToken { expected, found } => {
                self.expected_token(*expected, *found, index)
            }
            ParseErrorType::OtherError(message) => self.other(message, index, range),
            _ => None,
        }
    }

    pub(super) fn missing_expression(&self, index: usize) -> Option<Box<CompileError>> {
        let before = index.checked_sub(1)?;
        if self.in_fstring(index)
            && matches!(self.kind(before), TokenKind::Lbrace)
            && self.tokens[before].range.end() <= self.token_range(index).start()
        {
            let what = match self.kind(index) {
                TokenKind::Rbrace => "}",
                TokenKind::Exclamation => "!",
                TokenKind::Colon => ":",
                TokenKind::Equal => "=",
                TokenKind::FStringEnd | TokenKind::EndOfFile | TokenKind::Newline => return None,
                _ => {
                    return Some(plain(
                        self.token_range(index),
                        "f-string: expecting a valid expression after '{'",
                    ));
                }
            };
            return Some(plain(
                self.token_range(index),
                format!("f-string: valid expression required before '{what}'"),
            ));
        }
        if self.kind(before) == TokenKind::Equal
            && matches!(self.kind(index), TokenKind::Comma | TokenKind::Rpar | TokenKind::Colon)
            && self.in_parameters(index)
        {
            return Some(plain(self.token_range(before), "expected default value expression"));
        }
        if self.kind(before) == TokenKind::Colon
            && matches!(self.kind(index), TokenKind::Rbrace | TokenKind::Comma)
            && self.tokens[before].depth > 0
        {
            return Some(plain(
                TextRange::at(self.tokens[before].range.start(), TextSize::new(1)),
                "expression expected after dictionary key and ':'",
            ));
        }
        None
    }

    pub(super) fn expected_token(
        &self,
        expected: TokenKind,
        found: TokenKind,
        index: usize,
    ) -> Option<Box<CompileError>> {
        let token = self.token_range(index);
        let begin = self.line_begin(index);
        let first = match self.kind(begin) {
            TokenKind::Async => self.kind(begin + 1),
            other => other,
        };
        match expected {
            TokenKind::Colon => {
                if found == TokenKind::Equal {
                    return self.misplaced_equal(index);
                }
                let depth = self.tokens.get(index).map_or(0, |t| t.depth);
                if depth > 0 && matches!(found, TokenKind::Rbrace | TokenKind::Comma) && index > 0 {
                    let before = self.token_range(index - 1);
                    let at = TextRange::empty(before.start());
                    return Some(plain(at, "':' expected after dictionary key"));
                }
                let forced = matches!(
                    first,
                    TokenKind::Def | TokenKind::Else | TokenKind::Try | TokenKind::Finally
                ) && depth == 0;
                let at_line_end = matches!(found, TokenKind::Newline | TokenKind::EndOfFile);
                if self.kind(begin) == TokenKind::Elif && self.kind(begin + 1) == TokenKind::Newline
                {
                    return None;
                }
                (forced || at_line_end && depth == 0).then(|| plain(token, "expected ':'"))
            }
            TokenKind::Lpar if first == TokenKind::Def => Some(plain(token, "expected '('")),
            TokenKind::Else => self.missing_else(index),
            TokenKind::Import | TokenKind::In | TokenKind::Rpar | TokenKind::Rsqb => None,
            _ => None,
        }
    }

    /// The parser's free-form errors.
    pub(super) fn other(
        &self,
        message: &str,
        index: usize,
        range: TextRange,
    ) -> Option<Box<CompileError>> {
        if let Some(clause) = message.strip_prefix("Expected an indented block after ") {
            return Some(self.missing_block(clause, index));
        }
        let token = self.token_range(index);
        Some(match message {
            "Expected `except` or `finally` after `try` block" => {
                let token = if self.kind(index) == TokenKind::EndOfFile {
                    let end = self.source.text.trim_end().len();
                    TextRange::empty(size(end))
                } else {
                    token
                };
                plain(token, "expected 'except' or 'finally' block")
            }
            "Cannot have both 'except' and 'except*' on the same 'try'" => {
                let star = self.kind(index + 1) == TokenKind::Star;
                plain(
                    if star { token.cover(self.token_range(index + 1)) } else { token },
                    "cannot have both 'except' and 'except*' on the same 'try'",
                )
            }
            "Multiple exception types must be parenthesized when using `as`" => plain(
                range.cover(self.token_range(self.line_end(index).saturating_sub(2))),
                "multiple exception types must be parenthesized when using 'as'",
            ),
            "Expected one or more exception types" => {
                plain(token, "expected one or more exception types")
            }
            "Trailing comma not allowed" => {
                let first = self.kind(self.line_begin(index));
                if first != TokenKind::From {
                    return None;
                }
                plain(
                    self.token_range(index + 1),
                    "trailing comma not allowed without surrounding parentheses",
                )
            }
            "Expected a parameter name" => {
                let text = self.source.slice(range);
                let equal = (index..self.tokens.len())
                    .find(|&i| self.tokens[i].range.start() >= range.end())
                    .map_or(range.end(), |i| self.tokens[i].range.end());
                let whole = TextRange::new(range.start(), equal);
                if matches!(text, "True" | "False" | "None") {
                    plain(whole, format!("cannot assign to {text}"))
                } else {
                    plain(whole, "expression cannot contain assignment, perhaps you meant \"==\"?")
                }
            }
            "Bytes literal cannot be mixed with non-bytes literals" => {
                let after = self.tokens.partition_point(|t| t.range.end() <= range.end());
                plain(self.token_range(after), "cannot mix bytes and nonbytes literals")
            }
            "cannot mix t-string literals with string or bytes literals" => {
                plain(range, "cannot mix t-string literals with string or bytes literals")
            }
            "Only single target (not list) can be annotated" => {
                plain(range, "only single target (not list) can be annotated")
            }
            "Only single target (not tuple) can be annotated" => {
                plain(range, "only single target (not tuple) can be annotated")
            }
            "Positional patterns cannot follow keyword patterns" => {
                plain(range, "positional patterns follow keyword patterns")
            }
            _ => return None,
        })
    }

    pub(super) fn missing_block(&self, clause: &str, index: usize) -> Box<CompileError> {
        // The clause's header is the line before the error.
        let mut end = index.min(self.tokens.len());
        while end > 0
            && matches!(
                self.kind(end - 1),
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent
            )
        {
            end -= 1;
        }
        let begin = self.line_begin(end.saturating_sub(1));
        let mut word = self.tokens.get(begin).map_or("", |t| self.source.slice(t.range));
        if word == "async" {
            word = self.tokens.get(begin + 1).map_or("", |t| self.source.slice(t.range));
        }
        let star = word == "except" && self.kind(begin + 1) == TokenKind::Star;
        let line =
            self.tokens.get(begin).map_or(1, |t| self.source.line(u32::from(t.range.start())));
        let what = match word {
            "def" => "function definition".to_owned(),
            "class" => "class definition".to_owned(),
            "except" if star => "'except*' statement".to_owned(),
            "" => clause.replace('`', "'"),
            word => format!("'{word}' statement"),
        };
        let range = match self.kind(index) {
            TokenKind::EndOfFile | TokenKind::Newline | TokenKind::Dedent => {
                let text = self.source.text;
                let at = text.strip_suffix('\n').unwrap_or(text).len() as u32;
                let dedent = self.kind(index) == TokenKind::Dedent && {
                    let next = self.tokens[index..]
                        .iter()
                        .find(|t| !matches!(t.kind, TokenKind::Dedent | TokenKind::Newline));
                    next.is_some_and(|t| t.kind != TokenKind::EndOfFile)
                };
                if dedent {
                    let next = (index..self.tokens.len())
                        .find(|&i| self.kind(i) != TokenKind::Dedent)
                        .unwrap_or(index);
                    self.token_range(next)
                } else {
                    TextRange::empty(TextSize::new(at))
                }
            }
            _ => self.token_range(index),
        };
        indentation_error(range, format!("expected an indented block after {what} on line {line}"))
    }

    /// The kind of expression in a range.
    pub(super) fn name_of(&self, range: TextRange) -> Option<&'static str> {
        let text = self.source.slice(range);
        // Inside brackets an expression may go over several lines.
        let parsed = match text.contains('\n') {
            true => parse_expression(&format!("({text})")),
            false => parse_expression(text),
        };
        match parsed {
            Ok(parsed) => Some(expression_name(parsed.expr())),
            Err(_) if text.starts_with("yield") => Some("yield expression"),
            Err(_) if text.starts_with('*') => Some("starred"),
            Err(_) => None,
        }
    }

    /// `f() = 1`
    pub(super) fn invalid_target(&self, range: TextRange) -> Option<Box<CompileError>> {
        let what = self.name_of(range)?;
        let bare = !self.source.text[..range.start().to_usize()].trim_end().ends_with('(');
        if what == "yield expression" && bare {
            return Some(plain(range, "assignment to yield expression not possible"));
        }
        let first = self.kind(self.line_begin(self.index_at(range.start())));
        if what == "comparison" && matches!(first, TokenKind::For | TokenKind::Async) {
            let operator = (self.index_at(range.start())..self.tokens.len())
                .find(|&i| super::tokens::is_logical(self.kind(i)))?;
            return Some(plain(self.token_range(operator), "invalid syntax"));
        }
        let mut after = self.tokens.partition_point(|t| t.range.end() <= range.end());
        while self.kind(after) == TokenKind::Rpar {
            after += 1;
        }
        let index = self.index_at(range.start());
        let mut begin = self.line_begin(index);
        while self.kind(begin) == TokenKind::Lpar && begin < index {
            begin += 1;
        }
        let whole = begin == index && self.kind(after) == TokenKind::Equal;
        let chained = whole && {
            let end = self.operand_end(after + 1);
            end.is_some_and(|end| self.kind(end) == TokenKind::Equal)
        };
        let operand = !matches!(
            what,
            "None"
                | "True"
                | "False"
                | "comparison"
                | "conditional expression"
                | "lambda"
                | "generator expression"
                | "tuple"
                | "list"
        ) && self.kind(index) != TokenKind::Not
            && !self.source.slice(range).contains(" and ")
            && !self.source.slice(range).contains(" or ");
        Some(if whole && operand && !chained {
            let message =
                format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?");
            plain(range, message)
        } else {
            plain(range, format!("cannot assign to {what}"))
        })
    }
}

/// What CPython calls an expression in messages.
pub(super) fn expression_name(expr: &Expr) -> &'static str {
    match expr {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::TString(_) => "t-string expression",
        Expr::NumberLiteral(number) => match number.value {
            Number::Int(_) | Number::Float(_) | Number::Complex { .. } => "literal",
        },
        Expr::StringLiteral(_) | Expr::BytesLiteral(_) => "literal",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(b) => {
            if b.value {
                "True"
            } else {
                "False"
            }
        }
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        Expr::Slice(_) | Expr::IpyEscapeCommand(_) => "expression",
    }
}
