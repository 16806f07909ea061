//! Random bytes from the system.

use crate::prelude::*;
use std::io::Read;

/// Fills a buffer.
pub(crate) fn fill(vm: &Vm, out: &mut [u8]) -> Result<(), Raised> {
    let read = std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(out));
    read.map_err(|_| vm.raise(ClassId::OSError, "no random bytes from the system"))
}
