//! Debug mode.

mod module;

pub use module::DEBUG;
