//! The signatures of type comments: `(int, *str, **Any) -> float`.

use super::{Source, plain};
use crate::compiler::error::R;
use rustpython_ast::Expr;
use rustpython_ast::token::{Token, TokenKind as T};
use rustpython_parser::{Mode, ParseOptions, parse_expression_range, parse_unchecked};
use rustpython_text_size::{Ranged, TextRange, TextSize};

/// Parses a signature: the types of the arguments, and of the result.
pub(in crate::compiler) fn function_type(source: &Source) -> R<(Vec<Expr>, Expr)> {
    let parsed = parse_unchecked(source.text, ParseOptions::from(Mode::Expression));
    let code = |token: &&Token| {
        !matches!(token.kind(), T::Comment | T::Newline | T::NonLogicalNewline | T::EndOfFile)
    };
    let tokens: Vec<Token> = parsed.tokens().iter().filter(code).copied().collect();
    let end = TextSize::of(source.text);
    let invalid = |token: Option<&Token>| {
        plain(token.map_or(TextRange::empty(end), Token::range), "invalid syntax")
    };
    let Some((open, rest)) = tokens.split_first().filter(|(open, _)| open.kind() == T::Lpar) else {
        return Err(invalid(tokens.first()));
    };
    let parts = split(rest);
    let Some(close) = parts.last().and_then(|part| rest.get(part.end)) else {
        return Err(plain(open.range(), "'(' was never closed"));
    };
    let behind = parts.last().map_or(0, |part| part.end + 1);
    let Some((arrow, returns)) = rest[behind..].split_first() else { return Err(invalid(None)) };
    if arrow.kind() != T::Rarrow {
        return Err(invalid(Some(arrow)));
    }
    let mut arguments = Vec::new();
    // Plain ones, then one with a star, then one with two.
    let mut stars = 0;
    if parts[0].end > 0 {
        for part in parts {
            let tokens = &rest[part.clone()];
            let Some(first) = tokens.first() else { return Err(invalid(rest.get(part.end))) };
            let found = match first.kind() {
                T::Star => 1,
                T::DoubleStar => 2,
                _ => 0,
            };
            if found < stars || found > 0 && found == stars {
                return Err(invalid(Some(first)));
            }
            stars = found;
            let tokens = if stars > 0 { &tokens[1..] } else { tokens };
            arguments.push(
                expression(source, tokens).map_err(|at| invalid(at.as_ref().or(Some(close))))?,
            );
        }
    }
    let returns = expression(source, returns).map_err(|at| invalid(at.as_ref()))?;
    Ok((arguments, returns))
}

/// The tokens between commas, up to the parenthesis that closes.
fn split(tokens: &[Token]) -> Vec<std::ops::Range<usize>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (i, token) in tokens.iter().enumerate() {
        match token.kind() {
            T::Lpar | T::Lsqb | T::Lbrace => depth += 1,
            T::Rpar | T::Rsqb | T::Rbrace if depth > 0 => depth -= 1,
            T::Rpar => {
                parts.push(start..i);
                return parts;
            }
            T::Comma if depth == 0 => {
                parts.push(start..i);
                start = i + 1;
            }
            _ => {}
        }
    }
    Vec::new()
}

/// One expression of these tokens; else the token that is wrong.
fn expression(source: &Source, tokens: &[Token]) -> Result<Expr, Option<Token>> {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Err(None) };
    let range = TextRange::new(first.start(), last.end());
    let wrong_at = |at: TextSize| tokens.iter().find(|t| t.end() > at).or(Some(last)).copied();
    let parsed = parse_expression_range(source.text, range)
        .map_err(|error| wrong_at(error.location.start()))?;
    let expr = *parsed.into_syntax().body;
    // What only parentheses make an expression here.
    let bare = expr.range() == range;
    match expr {
        Expr::Named(_)
        | Expr::Yield(_)
        | Expr::YieldFrom(_)
        | Expr::Tuple(_)
        | Expr::Starred(_)
            if bare && first.kind() != T::Lpar =>
        {
            Err(Some(*first))
        }
        expr => Ok(expr),
    }
}
