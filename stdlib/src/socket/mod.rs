//! Module _socket: what `socket` is built on.
//!
//! [`object`]: the socket type. [`address`]: addresses as Python has them.

mod address;
mod object;

use crate::io::os_error;
use crate::prelude::*;
use object::SOCKET;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

/// The module.
pub static SOCKET_MODULE: ModuleDef = ModuleDef {
    name: "_socket",
    doc: "Sockets.",
    functions: &[
        NativeDef::function(
            "socketpair(family=1, type=1, proto=0, /)",
            socketpair,
            "Two sockets connected with each other.",
        ),
        NativeDef::function("close(fd, /)", close, "Close a socket by its file descriptor."),
        NativeDef::function("dup(fd, /)", dup, "A copy of a file descriptor."),
        NativeDef::function("gethostname()", gethostname, "The name of this machine."),
        NativeDef::function("gethostbyname(host, /)", gethostbyname, "The IPv4 address of a name."),
        NativeDef::function(
            "getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)",
            getaddrinfo,
            "Addresses to connect to.",
        ),
        NativeDef::function("getdefaulttimeout()", get_default_timeout, "For new sockets."),
        NativeDef::function("setdefaulttimeout(timeout, /)", set_default_timeout, "For new ones."),
        NativeDef::function("htons(x, /)", swap16, "16 bits from host to network order."),
        NativeDef::function("ntohs(x, /)", swap16, "16 bits from network to host order."),
        NativeDef::function("htonl(x, /)", swap32, "32 bits from host to network order."),
        NativeDef::function("ntohl(x, /)", swap32, "32 bits from network to host order."),
        NativeDef::function("inet_aton(ip_addr, /)", inet_aton, "An IPv4 address as bytes."),
        NativeDef::function("inet_ntoa(packed_ip, /)", inet_ntoa, "An IPv4 address as text."),
        NativeDef::function("inet_pton(family, ip, /)", inet_pton, "An address as bytes."),
        NativeDef::function("inet_ntop(family, packed_ip, /)", inet_ntop, "An address as text."),
    ],
    types: &[&SOCKET],
    exec: Some(exec),
};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const NUMBERS: &[(&str, i64)] = numbers! {
    AF_UNSPEC AF_UNIX AF_INET AF_INET6
    SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOCK_NONBLOCK SOCK_CLOEXEC
    SOL_SOCKET SO_REUSEADDR SO_REUSEPORT SO_KEEPALIVE SO_BROADCAST SO_SNDBUF SO_RCVBUF SO_ERROR SO_TYPE
    SO_LINGER SO_OOBINLINE SO_DONTROUTE SO_RCVTIMEO SO_SNDTIMEO SO_ACCEPTCONN SO_PEERCRED
    IPPROTO_IP IPPROTO_TCP IPPROTO_UDP IPPROTO_IPV6 IPPROTO_ICMP IPV6_V6ONLY
    TCP_NODELAY TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_MAXSEG
    MSG_PEEK MSG_OOB MSG_DONTWAIT MSG_WAITALL MSG_TRUNC MSG_NOSIGNAL MSG_DONTROUTE
    SHUT_RD SHUT_WR SHUT_RDWR
    AI_PASSIVE AI_CANONNAME AI_NUMERICHOST AI_NUMERICSERV AI_ADDRCONFIG AI_V4MAPPED AI_ALL
    EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NONAME EAI_SERVICE EAI_SOCKTYPE
    NI_NUMERICHOST NI_NUMERICSERV NI_NAMEREQD NI_DGRAM NI_MAXHOST
    SOMAXCONN
};

/// Exception classes of the module.
#[derive(Default)]
struct Errors {
    gaierror: Option<sidewinder_interpreter::vm::stack::Global>,
}

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, vm.int(*n));
    }
    vm.module_set(module, "INADDR_ANY", vm.int(0));
    vm.module_set(module, "INADDR_BROADCAST", vm.int(0xFFFF_FFFF));
    vm.module_set(module, "INADDR_LOOPBACK", vm.int(0x7F00_0001));
    vm.module_set(module, "has_ipv6", Value::TRUE);
    vm.module_set(module, "SocketType", vm.native_class(&SOCKET).value());
    vm.module_set(module, "error", vm.class(ClassId::OSError).value());
    vm.module_set(module, "timeout", vm.class(ClassId::TimeoutError).value());
    for name in ["gaierror", "herror"] {
        let class = new_exception(vm, "socket", name, ClassId::OSError)?;
        vm.module_set(module, name, vm.get(class));
        if name == "gaierror" {
            let global = vm.global(vm.get(class));
            vm.with_extension(|errors: &mut Errors| errors.gaierror = Some(global));
        }
    }
    Ok(())
}

/// The socket module's error for a name that cannot be resolved.
fn resolve_error(vm: &mut Vm, message: &str) -> Raised {
    let class = vm.with_extension(|errors: &mut Errors| {
        errors.gaierror.as_ref().map(|class| vm.root(vm.get_global(class)))
    });
    let Some(class) = class else { return vm.raise(ClassId::OSError, message) };
    let code = vm.root(vm.int(i64::from(libc::EAI_NONAME)));
    let text = vm.root(vm.str(message).value());
    match vm.call(class, &[code, text]) {
        Ok(ret) => vm.set_exception(vm.value(ret)),
        Err(raised) => raised,
    }
}

fn small(vm: &mut Vm, args: Args, i: usize) -> Result<i32, Raised> {
    let n = vm.index_i64(args.local(i))?;
    i32::try_from(n)
        .map_err(|_| vm.raise(ClassId::OverflowError, "Python int too large to convert to C int"))
}

fn optional(vm: &mut Vm, args: Args, i: usize, default: i32) -> Result<i32, Raised> {
    match args.opt(vm, i) {
        Some(_) => small(vm, args, i),
        None => Ok(default),
    }
}

fn ret_bytes(vm: &Vm, data: &[u8]) -> NativeResult {
    Ok(vm.ret(vm.bytes(data).value()))
}

fn socketpair(vm: &mut Vm, args: Args) -> NativeResult {
    let family = optional(vm, args, 0, libc::AF_UNIX)?;
    let kind = optional(vm, args, 1, libc::SOCK_STREAM)?;
    let proto = optional(vm, args, 2, 0)?;
    let protocol = (proto != 0).then(|| Protocol::from(proto));
    let made = Socket::pair(Domain::from(family), Type::from(kind), protocol);
    let (a, b) = made.map_err(|e| os_error(vm, &e, None))?;
    let vm = &*vm;
    let a = object::wrap(vm, a, family, kind, proto);
    let b = object::wrap(vm, b, family, kind, proto);
    Ok(vm.ret(vm.tuple(&[a, b]).value()))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = small(vm, args, 0)?;
    if crate::posix::support::sys!(libc::close(fd)) < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    Ok(vm.none())
}

fn dup(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = small(vm, args, 0)?;
    let copy = crate::posix::support::sys!(libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0));
    if copy < 0 {
        return Err(os_error(vm, &std::io::Error::last_os_error(), None));
    }
    Ok(vm.ret(vm.int(copy.into())))
}

fn gethostname(vm: &mut Vm, _: Args) -> NativeResult {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let name = name.map_err(|e| os_error(vm, &e, None))?;
    ret_str(vm, name.trim_end())
}

/// The addresses of a host, without ports.
fn resolve(vm: &mut Vm, host: &str) -> Result<Vec<IpAddr>, Raised> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    let host = host.to_owned();
    let found = vm.blocking(|| (host.as_str(), 0).to_socket_addrs());
    match found {
        Ok(all) => Ok(all.map(|a| a.ip()).collect()),
        Err(_) => Err(resolve_error(vm, "Name or service not known")),
    }
}

fn gethostbyname(vm: &mut Vm, args: Args) -> NativeResult {
    let host = vm.str_text(args.str(vm, 0)?).into_owned();
    let all = resolve(vm, &host)?;
    match all.iter().find(|a| a.is_ipv4()) {
        Some(address) => ret_str(vm, &address.to_string()),
        None => Err(resolve_error(vm, "Address family for hostname not supported")),
    }
}

/// Well-known services, by name.
fn service(name: &str) -> Option<u16> {
    let services = std::fs::read_to_string("/etc/services").unwrap_or_default();
    services.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (first, port) = (words.next()?, words.next()?);
        (first == name).then(|| port.split('/').next()?.parse().ok())?
    })
}

fn getaddrinfo(vm: &mut Vm, args: Args) -> NativeResult {
    let family = optional(vm, args, 2, 0)?;
    let kind = optional(vm, args, 3, 0)?;
    let proto = optional(vm, args, 4, 0)?;
    let flags = optional(vm, args, 5, 0)?;
    let host = match args.not_none(vm, 0) {
        None => None,
        Some(v) => match (v.as_str(), v.cast::<sidewinder_interpreter::object::Bytes>()) {
            (Some(s), _) => Some(vm.str_text(s).into_owned()),
            (_, Some(b)) => Some(String::from_utf8_lossy(b.data()).into_owned()),
            _ => raise!(vm, TypeError, "getaddrinfo() argument 1 must be string or None"),
        },
    };
    let port = match args.not_none(vm, 1) {
        None => 0,
        Some(v) if vm.is_int(v) => vm.index_i64(args.local(1))? as u16,
        Some(v) => match v.as_str().map(|s| vm.str_text(s).into_owned()) {
            Some(text) => match text.parse().ok().or_else(|| service(&text)) {
                Some(port) => port,
                None => return Err(resolve_error(vm, "Servname not supported for ai_socktype")),
            },
            None => raise!(vm, OSError, "Int or String expected"),
        },
    };
    let addresses = match host.as_deref() {
        None | Some("") if flags & libc::AI_PASSIVE != 0 => {
            vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()]
        }
        None | Some("") => vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()],
        Some(host) => resolve(vm, host)?,
    };
    let kinds: &[(i32, i32)] =
        &[(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)];
    let vm = &*vm;
    let mut found = Vec::new();
    for address in addresses {
        let own = if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
        if family != 0 && family != own {
            continue;
        }
        for &(k, p) in kinds {
            if (kind != 0 && kind != k) || (proto != 0 && proto != p) {
                continue;
            }
            let name = address::to_python(vm, &std::net::SocketAddr::new(address, port).into());
            let parts =
                [vm.int(own.into()), vm.int(k.into()), vm.int(p.into()), vm.str("").value(), name];
            found.push(vm.tuple(&parts).value());
        }
    }
    Ok(vm.ret(vm.list(&found).value()))
}

/// `setdefaulttimeout`: seconds; negative is none.
struct DefaultTimeout(f64);

impl Default for DefaultTimeout {
    fn default() -> Self {
        DefaultTimeout(-1.0)
    }
}

fn get_default_timeout(vm: &mut Vm, _: Args) -> NativeResult {
    let vm = &*vm;
    let seconds = vm.with_extension(|t: &mut DefaultTimeout| t.0);
    Ok(vm.ret(if seconds < 0.0 { Value::NONE } else { vm.float(seconds) }))
}

fn set_default_timeout(vm: &mut Vm, args: Args) -> NativeResult {
    let seconds = object::timeout_argument(vm, args, 0)?;
    vm.with_extension(|t: &mut DefaultTimeout| t.0 = seconds);
    Ok(vm.none())
}

fn swap16(vm: &mut Vm, args: Args) -> NativeResult {
    let n = vm.index_i64(args.local(0))?;
    let Ok(n) = u16::try_from(n) else {
        raise!(
            vm,
            OverflowError,
            "htons: Python int too large to convert to C 16-bit unsigned integer"
        );
    };
    Ok(vm.ret(vm.int(n.to_be().into())))
}

fn swap32(vm: &mut Vm, args: Args) -> NativeResult {
    let n = vm.index_i64(args.local(0))?;
    let Ok(n) = u32::try_from(n) else {
        raise!(vm, OverflowError, "int larger than 32 bits");
    };
    Ok(vm.ret(vm.int(n.to_be().into())))
}

fn inet_aton(vm: &mut Vm, args: Args) -> NativeResult {
    match vm.str_text(args.str(vm, 0)?).parse::<Ipv4Addr>() {
        Ok(address) => ret_bytes(vm, &address.octets()),
        Err(_) => raise!(vm, OSError, "illegal IP address string passed to inet_aton"),
    }
}

fn inet_ntoa(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(0))?;
    match <[u8; 4]>::try_from(data.as_slice()) {
        Ok(octets) => ret_str(vm, &Ipv4Addr::from(octets).to_string()),
        Err(_) => raise!(vm, OSError, "packed IP wrong length"),
    }
}

fn inet_pton(vm: &mut Vm, args: Args) -> NativeResult {
    let family = small(vm, args, 0)?;
    let text = vm.str_text(args.str(vm, 1)?).into_owned();
    match family {
        libc::AF_INET => {
            if let Ok(address) = text.parse::<Ipv4Addr>() {
                return ret_bytes(vm, &address.octets());
            }
        }
        libc::AF_INET6 => {
            if let Ok(address) = text.parse::<Ipv6Addr>() {
                return ret_bytes(vm, &address.octets());
            }
        }
        _ => raise!(vm, OSError, "unknown address family"),
    }
    raise!(vm, OSError, "illegal IP address string passed to inet_pton")
}

fn inet_ntop(vm: &mut Vm, args: Args) -> NativeResult {
    let family = small(vm, args, 0)?;
    let data = vm.bytes_like(args.local(1))?;
    let text = match family {
        libc::AF_INET => {
            <[u8; 4]>::try_from(data.as_slice()).map(|o| Ipv4Addr::from(o).to_string())
        }
        libc::AF_INET6 => {
            <[u8; 16]>::try_from(data.as_slice()).map(|o| Ipv6Addr::from(o).to_string())
        }
        _ => raise!(vm, ValueError, "unknown address family {family}"),
    };
    match text {
        Ok(text) => ret_str(vm, &text),
        Err(_) => raise!(vm, ValueError, "invalid length of packed IP address string"),
    }
}
