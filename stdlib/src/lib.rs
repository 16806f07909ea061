//! Modules written in Rust.
//!
//! [`install`] makes them known to a VM; a module is made when it is first imported, except `sys`,
//! which the VM itself needs.

pub mod abc;
pub mod array;
pub mod ast;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod blake2;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod contextvars;
mod csv;
pub(crate) mod entropy;
pub mod errno;
pub mod faulthandler;
pub mod fcntl;
pub mod fs_path;
pub mod functools;
pub mod gc_module;
pub mod hashes;
pub mod heapq;
pub mod importing;
pub mod io;
pub mod itertools;
pub mod json;
pub mod library;
pub mod math;
pub mod namespace;
pub mod opcode;
pub mod operator;
pub mod posix;
pub(crate) mod prelude;
pub mod pwd;
pub mod random;
pub mod select;
pub mod signal;
pub mod site;
pub mod socket;
pub mod sre;
pub mod string;
pub mod struct_module;
pub mod structseq;
pub mod subprocess;
pub mod sys;
pub mod thread;
pub mod time;
pub mod tokenize;
pub mod typing;
pub mod unicodedata;
pub mod warnings;
pub mod weakref;
pub mod zlib;

use sidewinder_interpreter::Vm;

/// Registers all modules of this crate.
pub fn install(vm: &mut Vm) {
    sys::install(vm);
    io::install(vm);
    vm.register_module(&math::MATH);
    vm.register_module(&cmath::CMATH);
    vm.register_module(&itertools::ITERTOOLS);
    vm.register_module(&collections::COLLECTIONS);
    vm.register_module(&weakref::WEAKREF);
    vm.register_module(&abc::ABC);
    vm.register_module(&string::STRING);
    vm.register_module(&posix::POSIX);
    vm.register_module(&socket::SOCKET_MODULE);
    vm.register_module(&sre::SRE);
    ast::install(vm);
    vm.register_module(&typing::TYPING);
    vm.register_module(&binascii::BINASCII);
    vm.register_module(&bisect::BISECT);
    vm.register_module(&heapq::HEAPQ);
    vm.register_module(&json::JSON);
    vm.register_module(&functools::FUNCTOOLS);
    vm.register_module(&struct_module::STRUCT);
    vm.register_module(&random::RANDOM);
    for module in [&hashes::MD5, &hashes::SHA1, &hashes::SHA2, &hashes::SHA3, &blake2::BLAKE2] {
        vm.register_module(module);
    }
    site::install(vm);
    vm.register_module(&gc_module::GC);
    vm.register_module(&contextvars::CONTEXTVARS);
    vm.register_module(&csv::CSV);
    vm.register_module(&time::TIME);
    vm.register_module(&codecs::CODECS);
    vm.register_module(&errno::ERRNO);
    vm.register_module(&atexit::ATEXIT);
    vm.register_module(&faulthandler::FAULTHANDLER);
    vm.register_module(&fcntl::FCNTL);
    vm.register_module(&opcode::OPCODE);
    vm.register_module(&operator::OPERATOR);
    vm.register_module(&pwd::PWD);
    vm.register_module(&select::SELECT);
    vm.register_module(&signal::SIGNAL);
    vm.register_module(&subprocess::SUBPROCESS);
    vm.register_module(&array::ARRAY);
    vm.register_module(&tokenize::TOKENIZE);
    vm.register_module(&unicodedata::UNICODEDATA);
    vm.register_module(&warnings::WARNINGS);
    importing::install(vm);
    vm.register_module(&thread::THREAD);
    vm.register_module(&zlib::ZLIB);
}
