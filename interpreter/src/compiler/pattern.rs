//! `match`.

use super::Compiler;
use super::error::{R, syntax_error};
use rustpython_ast as ast;

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, s: &'a ast::StmtMatch) -> R<()> {
        Err(syntax_error(s.range, "not yet: match"))
    }
}
