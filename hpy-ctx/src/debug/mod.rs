//! Debug mode: every handle that C gets is a debug handle, a number in a table that remembers what
//! became of it.
//!
//! - `handles`: the table of debug handles; `state`: what opens, closes and finds them; `builders`:
//!   the table of builders.
//! - `contexts`: the contexts for C, and the way through them; `functions`: those context functions
//!   that do more than check their handles.
//! - `memory`: char pointers that C borrows, protected; `stack`: where handles were created.
//! - `module`: `hpy.universal._debug`; `object`: its type DebugHandle.

mod builders;
pub mod contexts;
mod functions;
mod handles;
mod memory;
mod module;
mod object;
mod stack;
mod state;

pub use contexts::{Cross, run};
pub use module::DEBUG;
pub(crate) use module::set_hook;
pub use state::DebugState;

use crate::context::State;

/// Says what is wrong and ends the process, as HPy's debug mode does.
#[cold]
pub fn fatal(message: &str) -> ! {
    use std::io::Write;
    // The program's own output comes first.
    let _ = std::io::stdout().flush();
    // SAFETY: flushes C's own streams.
    unsafe { libc::fflush(std::ptr::null_mut()) };
    eprintln!("Fatal Python error: {message}");
    std::process::abort()
}

impl State {
    /// The state of debug mode, made at the first call.
    pub fn debug(&self) -> &DebugState {
        self.debug_cell().get_or_init(|| DebugState::new(self))
    }
}
