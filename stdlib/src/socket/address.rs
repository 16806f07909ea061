//! Addresses: `(host, port)`, `(host, port, flowinfo, scope_id)`, or the path of a Unix socket.

use crate::prelude::*;
use socket2::SockAddr;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;

/// An address as Python has it.
pub fn to_python<'gc>(vm: &'gc Vm, address: &SockAddr) -> Value<'gc> {
    match address.as_socket() {
        Some(SocketAddr::V4(a)) => {
            let parts = [vm.str(&a.ip().to_string()).value(), vm.int(a.port().into())];
            vm.tuple(&parts).value()
        }
        Some(SocketAddr::V6(a)) => {
            let parts = [
                vm.str(&a.ip().to_string()).value(),
                vm.int(a.port().into()),
                vm.int(a.flowinfo().into()),
                vm.int(a.scope_id().into()),
            ];
            vm.tuple(&parts).value()
        }
        None => match address.as_pathname() {
            Some(path) => vm.str(&String::from_utf8_lossy(path.as_os_str().as_bytes())).value(),
            None => vm.str("").value(),
        },
    }
}

/// An address that Python gave for a socket of that family.
///
/// # Errors
/// TypeError and OverflowError for what is no address; gaierror for unknown names.
pub fn of_python(
    vm: &mut Vm,
    family: i32,
    address: Local,
    function: &str,
) -> Result<SockAddr, Raised> {
    let given = vm.get(address);
    if family == libc::AF_UNIX {
        let path = if let Some(s) = given.as_str() {
            vm.str_text(s).into_owned().into_bytes()
        } else {
            vm.bytes_like(address)?
        };
        let path = std::path::Path::new(std::ffi::OsStr::from_bytes(&path)).to_owned();
        return SockAddr::unix(path)
            .map_err(|_| vm.raise(ClassId::OSError, "AF_UNIX path too long"));
    }
    let Some(tuple) = given.cast::<Tuple>() else {
        let name = vm.type_name(given);
        let what = if family == libc::AF_INET6 { "AF_INET6" } else { "AF_INET" };
        raise!(vm, TypeError, "{function}(): {what} address must be tuple, not {name}");
    };
    let parts: Vec<Local> = tuple.items().iter().map(|s| vm.root(s.get(vm))).collect();
    if parts.len() < 2 || parts.len() > 4 || (family == libc::AF_INET && parts.len() != 2) {
        raise!(vm, TypeError, "{function}(): AF_INET address must be a pair (host, port)");
    }
    let Some(host) = vm.get(parts[0]).as_str().map(|s| vm.str_text(s).into_owned()) else {
        let name = vm.type_name(vm.get(parts[0]));
        raise!(vm, TypeError, "str, bytes or bytearray expected, not {name}");
    };
    let port = vm.index_i64(parts[1])?;
    let Ok(port) = u16::try_from(port) else {
        raise!(vm, OverflowError, "{function}(): port must be 0-65535.");
    };
    let wanted = |a: &IpAddr| a.is_ipv4() == (family == libc::AF_INET);
    let ip = match (host.as_str(), family) {
        ("", libc::AF_INET) => IpAddr::from([0u8; 4]),
        ("", _) => IpAddr::from([0u8; 16]),
        ("<broadcast>", libc::AF_INET) => IpAddr::from([255u8; 4]),
        (host, _) => match super::resolve(vm, host)?.into_iter().find(wanted) {
            Some(ip) => ip,
            None => {
                return Err(super::resolve_error(vm, "Address family for hostname not supported"));
            }
        },
    };
    if let IpAddr::V6(ip) = ip {
        let mut more = [0; 2];
        for (place, part) in more.iter_mut().zip(&parts[2..]) {
            *place = vm.index_i64(*part)? as u32;
        }
        return Ok(SocketAddr::V6(SocketAddrV6::new(ip, port, more[0], more[1])).into());
    }
    Ok(SocketAddr::new(ip, port).into())
}
