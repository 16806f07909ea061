//! The module `_socket`: sockets of the families Unix and IPv4, as far as event loops need them.

use crate::posix::support::{c_int, check, done, errno, error, int_or, sys};
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::Cell;
use std::net::Ipv4Addr;

/// The declaration.
pub static SOCKET: ModuleDef = ModuleDef {
    name: "_socket",
    doc: "Sockets.",
    functions: &[
        NativeDef::function(
            "socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0, /)",
            socketpair,
            "Two sockets that are connected.",
        ),
        NativeDef::function("close(fd, /)", close_fd, "Close a descriptor."),
        NativeDef::function("dup(fd, /)", dup, "A copy of a descriptor."),
        NativeDef::function("getdefaulttimeout()", no_timeout, "None."),
        NativeDef::function("gethostname()", gethostname, "The name of this machine."),
    ],
    types: &[&TYPE],
    exec: Some(exec),
};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const NUMBERS: &[(&str, i64)] = numbers! {
    AF_UNSPEC AF_UNIX AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOCK_CLOEXEC
    SOCK_NONBLOCK SOL_SOCKET SO_REUSEADDR SO_REUSEPORT SO_KEEPALIVE SO_BROADCAST SO_ERROR SO_TYPE
    SO_RCVBUF SO_SNDBUF SO_LINGER SOMAXCONN SHUT_RD SHUT_WR SHUT_RDWR MSG_PEEK MSG_DONTWAIT
    MSG_WAITALL MSG_OOB MSG_TRUNC MSG_CTRUNC MSG_NOSIGNAL IPPROTO_TCP IPPROTO_UDP IPPROTO_IP
    IPPROTO_IPV6 IPV6_V6ONLY TCP_NODELAY AI_PASSIVE AI_CANONNAME AI_NUMERICHOST AI_ADDRCONFIG
    EAI_NONAME EAI_FAMILY EAI_AGAIN NI_NUMERICHOST NI_NUMERICSERV
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, vm.int(*n));
    }
    vm.module_set(module, "has_ipv6", Value::FALSE);
    vm.module_set(module, "error", vm.class(ClassId::OSError).value());
    vm.module_set(module, "timeout", vm.class(ClassId::TimeoutError).value());
    let socket = vm.native_class(&TYPE).value();
    vm.module_set(module, "SocketType", socket);
    for name in ["herror", "gaierror"] {
        let (class, name_value, bases, dict) = {
            let vm = &*vm;
            let dict = vm.dict();
            vm.dict_set_str(dict, vm.intern("__module__"), vm.intern("socket").value());
            let bases = vm.tuple(&[vm.class(ClassId::OSError).value()]);
            let class = vm.class(ClassId::Type).value();
            (
                vm.root(class),
                vm.root(vm.intern(name).value()),
                vm.root(bases.value()),
                vm.root(dict.value()),
            )
        };
        let made = vm.call(class, &[name_value, bases, dict])?;
        let made = vm.hold(made);
        vm.module_set(module, name, vm.get(made));
    }
    Ok(())
}

/// The payload.
#[derive(Trace)]
pub struct Socket {
    fd: Cell<i32>,
    family: Cell<i32>,
    kind: Cell<i32>,
    proto: Cell<i32>,
    /// Seconds; negative ones wait for ever.
    timeout: Cell<f64>,
}

impl Payload for Socket {
    const TYPE: &'static TypeDef = &TYPE;
    const NEEDS_DROP: bool = true;
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.fd.get() >= 0 {
            sys!(libc::close(self.fd.get()));
        }
    }
}

/// The type.
pub static TYPE: TypeDef = TypeDef {
    module: "_socket",
    doc: "socket(family=-1, type=-1, proto=-1, fileno=None)\n--\n\nA socket.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, ""),
        NativeDef::method("__init__($self, family=-1, type=-1, proto=-1, fileno=None)", init, ""),
        NativeDef::method("close($self, /)", close, "Close the socket."),
        NativeDef::method("detach($self, /)", detach, "The descriptor, which stays open."),
        NativeDef::method("fileno($self, /)", fileno, "The descriptor."),
        NativeDef::method("recv($self, bufsize, flags=0, /)", recv, "Receive bytes."),
        NativeDef::method(
            "recv_into($self, buffer, nbytes=0, flags=0)",
            recv_into,
            "Receive bytes into a buffer.",
        ),
        NativeDef::method("send($self, data, flags=0, /)", send, "Send bytes; how many."),
        NativeDef::method("sendall($self, data, flags=0, /)", sendall, "Send all bytes."),
        NativeDef::method("shutdown($self, how, /)", shutdown, "End one direction or both."),
        NativeDef::method("setblocking($self, flag, /)", setblocking, "Whether calls wait."),
        NativeDef::method("getblocking($self, /)", getblocking, "Whether calls wait."),
        NativeDef::method("settimeout($self, value, /)", settimeout, "How long calls wait."),
        NativeDef::method("gettimeout($self, /)", gettimeout, "How long calls wait."),
        NativeDef::method(
            "setsockopt($self, level, option, value, /)",
            setsockopt,
            "Set an option.",
        ),
        NativeDef::method("getsockopt($self, level, option, /)", getsockopt, "An option's value."),
        NativeDef::method("bind($self, address, /)", bind, "Give the socket an address."),
        NativeDef::method("connect($self, address, /)", connect, "Connect to an address."),
        NativeDef::method("listen($self, backlog=128, /)", listen, "Accept connections."),
        NativeDef::method("_accept($self, /)", accept, "The next connection."),
        NativeDef::method("getsockname($self, /)", getsockname, "Its address."),
        NativeDef::method("getpeername($self, /)", getpeername, "The other end's address."),
    ],
    getset: &[
        GetSetDef::new("family", family, "The family."),
        GetSetDef::new("type", kind, "The type."),
        GetSetDef::new("proto", proto, "The protocol."),
        GetSetDef::new("timeout", gettimeout, "How long calls wait."),
    ],
    ..TypeDef::new("socket", Kind::Native)
};

fn fresh() -> Socket {
    Socket {
        fd: Cell::new(-1),
        family: Cell::new(0),
        kind: Cell::new(0),
        proto: Cell::new(0),
        timeout: Cell::new(-1.0),
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), fresh()).value()))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let family = int_or(vm, args, 1, -1)? as i32;
    let kind = int_or(vm, args, 2, -1)? as i32;
    let proto = int_or(vm, args, 3, -1)? as i32;
    let family = if family == -1 { libc::AF_INET } else { family };
    let kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
    let proto = proto.max(0);
    let fd = match args.not_none(vm, 4) {
        Some(_) => {
            let fd = c_int(vm, args, 4)?;
            if fd < 0 {
                raise!(vm, ValueError, "negative file descriptor");
            }
            fd
        }
        None => {
            check(vm, sys!(libc::socket(family, kind | libc::SOCK_CLOEXEC, proto)), &[])? as i32
        }
    };
    {
        let this = args.payload::<Socket>(vm)?;
        this.fd.set(fd);
        this.family.set(family);
        this.kind.set(kind & !(libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK));
        this.proto.set(proto);
        this.timeout.set(if kind & libc::SOCK_NONBLOCK != 0 { 0.0 } else { -1.0 });
    }
    Ok(vm.none())
}

fn socketpair(vm: &mut Vm, args: Args) -> NativeResult {
    let family = int_or(vm, args, 0, libc::AF_UNIX.into())? as i32;
    let kind = int_or(vm, args, 1, libc::SOCK_STREAM.into())? as i32;
    let proto = int_or(vm, args, 2, 0)? as i32;
    let mut fds = [0; 2];
    let kind_flags = kind | libc::SOCK_CLOEXEC;
    check(vm, sys!(libc::socketpair(family, kind_flags, proto, fds.as_mut_ptr())), &[])?;
    let vm = &*vm;
    let ends = fds.map(|fd| {
        let socket = fresh();
        socket.fd.set(fd);
        socket.family.set(family);
        socket.kind.set(kind);
        socket.proto.set(proto);
        vm.native(socket).value()
    });
    Ok(vm.ret(vm.tuple(&ends).value()))
}

fn close_fd(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    done(vm, sys!(libc::close(fd)), &[])
}

fn dup(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 0)?;
    let new = check(vm, sys!(libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)), &[])?;
    Ok(vm.ret(vm.int(new)))
}

fn no_timeout(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.none())
}

fn gethostname(vm: &mut Vm, _: Args) -> NativeResult {
    let mut buffer = vec![0u8; 256];
    check(vm, sys!(libc::gethostname(buffer.as_mut_ptr().cast(), 255)), &[])?;
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(0);
    Ok(vm.ret(crate::fs_path::decode(vm, &buffer[..end]).value()))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = args.payload::<Socket>(vm)?.fd.replace(-1);
    if fd >= 0 {
        sys!(libc::close(fd));
    }
    Ok(vm.none())
}

fn detach(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = args.payload::<Socket>(vm)?.fd.replace(-1);
    Ok(vm.ret(Value::from_i32(fd)))
}

macro_rules! fields {
    ($($function:ident $field:ident)*) => {$(
        fn $function(vm: &mut Vm, args: Args) -> NativeResult {
            let n = args.payload::<Socket>(vm)?.$field.get();
            Ok(vm.ret(Value::from_i32(n)))
        }
    )*};
}
fields! { fileno fd family family kind kind proto proto }

/// Makes a call once the socket is ready, within its timeout.
fn when_ready(
    vm: &mut Vm,
    args: Args,
    events: i16,
    mut call: impl FnMut(i32) -> i64,
) -> Result<i64, Raised> {
    let (fd, timeout) = {
        let this = args.payload::<Socket>(vm)?;
        (this.fd.get(), this.timeout.get())
    };
    loop {
        if timeout > 0.0 {
            let mut poll = libc::pollfd { fd, events, revents: 0 };
            let wait = (timeout * 1e3).ceil() as i32;
            let n = vm.blocking(|| sys!(libc::poll(&mut poll, 1, wait)));
            if n == 0 {
                raise!(vm, TimeoutError, "timed out");
            }
        }
        let (n, failed) = vm.blocking(|| (call(fd), errno()));
        match (n, failed) {
            (-1, libc::EINTR) => vm.safepoint()?,
            (-1, failed) => return Err(error(vm, failed, &[])),
            (n, _) => return Ok(n),
        }
    }
}

fn receive(vm: &mut Vm, args: Args, n: usize, flags: i32) -> Result<Vec<u8>, Raised> {
    vm.check_size(n)?;
    let mut buffer = vec![0u8; n];
    let got = when_ready(vm, args, libc::POLLIN, |fd| {
        sys!(libc::recv(fd, buffer.as_mut_ptr().cast(), n, flags)) as i64
    })?;
    buffer.truncate(got as usize);
    Ok(buffer)
}

fn recv(vm: &mut Vm, args: Args) -> NativeResult {
    let n = vm.index_i64(args.local(1))?;
    let flags = int_or(vm, args, 2, 0)? as i32;
    if n < 0 {
        raise!(vm, ValueError, "negative buffersize in recv");
    }
    let data = receive(vm, args, n as usize, flags)?;
    Ok(vm.ret(vm.bytes(&data).value()))
}

fn recv_into(vm: &mut Vm, args: Args) -> NativeResult {
    let target = vm.writable(args.local(1), "recv_into() argument 1")?;
    let n = int_or(vm, args, 2, 0)?;
    let flags = int_or(vm, args, 3, 0)? as i32;
    let most = target.len(vm);
    let n = if n > 0 { (n as usize).min(most) } else { most };
    let data = receive(vm, args, n, flags)?;
    target.write(vm, 0, &data);
    Ok(vm.ret(vm.int_usize(data.len())))
}

fn send_part(vm: &mut Vm, args: Args, data: &[u8], flags: i32) -> Result<usize, Raised> {
    let flags = flags | libc::MSG_NOSIGNAL;
    let n = when_ready(vm, args, libc::POLLOUT, |fd| {
        sys!(libc::send(fd, data.as_ptr().cast(), data.len(), flags)) as i64
    })?;
    Ok(n as usize)
}

fn send(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let flags = int_or(vm, args, 2, 0)? as i32;
    let n = send_part(vm, args, &data, flags)?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn sendall(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let flags = int_or(vm, args, 2, 0)? as i32;
    let mut at = 0;
    while at < data.len() {
        at += send_part(vm, args, &data[at..], flags)?;
    }
    Ok(vm.none())
}

fn own_fd(vm: &Vm, args: Args) -> Result<i32, Raised> {
    Ok(args.payload::<Socket>(vm)?.fd.get())
}

fn shutdown(vm: &mut Vm, args: Args) -> NativeResult {
    let (fd, how) = (own_fd(vm, args)?, c_int(vm, args, 1)?);
    done(vm, sys!(libc::shutdown(fd, how)), &[])
}

fn set_timeout(vm: &mut Vm, args: Args, seconds: f64) -> NativeResult {
    let fd = own_fd(vm, args)?;
    let flags = check(vm, sys!(libc::fcntl(fd, libc::F_GETFL)), &[])? as i32;
    // With a timeout the waiting is done by poll().
    let flags = if seconds < 0.0 { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
    check(vm, sys!(libc::fcntl(fd, libc::F_SETFL, flags)), &[])?;
    args.payload::<Socket>(vm)?.timeout.set(seconds);
    Ok(vm.none())
}

fn setblocking(vm: &mut Vm, args: Args) -> NativeResult {
    let on = vm.truth(args.local(1))?;
    set_timeout(vm, args, if on { -1.0 } else { 0.0 })
}

fn getblocking(vm: &mut Vm, args: Args) -> NativeResult {
    let on = args.payload::<Socket>(vm)?.timeout.get() != 0.0;
    Ok(vm.ret(Value::from_bool(on)))
}

fn settimeout(vm: &mut Vm, args: Args) -> NativeResult {
    if args.get(vm, 1).is_none() {
        return set_timeout(vm, args, -1.0);
    }
    let seconds = vm.float_of(args.local(1))?;
    if seconds < 0.0 || seconds.is_nan() {
        raise!(vm, ValueError, "Timeout value out of range");
    }
    set_timeout(vm, args, seconds)
}

fn gettimeout(vm: &mut Vm, args: Args) -> NativeResult {
    let seconds = args.payload::<Socket>(vm)?.timeout.get();
    Ok(vm.ret(if seconds < 0.0 { Value::NONE } else { vm.float(seconds) }))
}

fn setsockopt(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = own_fd(vm, args)?;
    let (level, option, value) = (c_int(vm, args, 1)?, c_int(vm, args, 2)?, c_int(vm, args, 3)?);
    let size = size_of::<i32>() as libc::socklen_t;
    done(vm, sys!(libc::setsockopt(fd, level, option, (&raw const value).cast(), size)), &[])
}

fn getsockopt(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = own_fd(vm, args)?;
    let (level, option) = (c_int(vm, args, 1)?, c_int(vm, args, 2)?);
    let (mut value, mut size) = (0i32, size_of::<i32>() as libc::socklen_t);
    let code = sys!(libc::getsockopt(fd, level, option, (&raw mut value).cast(), &mut size));
    check(vm, code, &[])?;
    Ok(vm.ret(Value::from_i32(value)))
}

/// An address as the system has it.
fn address(vm: &mut Vm, args: Args) -> Result<(Vec<u8>, libc::socklen_t), Raised> {
    let family = args.payload::<Socket>(vm)?.family.get();
    let mut out = (family as libc::sa_family_t).to_ne_bytes().to_vec();
    match family {
        libc::AF_INET => {
            let parts = {
                let vm = &*vm;
                let tuple = args.get(vm, 1).cast::<Tuple>().filter(|t| t.len() == 2);
                tuple.map(|t| (vm.text_of(t.r().item(vm, 0)), vm.root(t.r().item(vm, 1))))
            };
            let Some((host, port)) = parts else {
                let given = vm.type_name(args.get(vm, 1));
                raise!(vm, TypeError, "AF_INET address must be tuple, not {given}");
            };
            let port = vm.index_i64(port)?;
            let Ok(port) = u16::try_from(port) else {
                raise!(vm, OverflowError, "port must be 0-65535.");
            };
            let ip = match &*host {
                "" => Ipv4Addr::UNSPECIFIED,
                "localhost" => Ipv4Addr::LOCALHOST,
                other => match other.parse() {
                    Ok(ip) => ip,
                    Err(_) => raise!(vm, NotImplementedError, "host names are not looked up yet"),
                },
            };
            out.extend(port.to_be_bytes());
            out.extend(ip.octets());
            out.extend([0; 8]);
        }
        libc::AF_UNIX => {
            let path = crate::fs_path::path_argument(vm, args.local(1))?;
            use std::os::unix::ffi::OsStrExt;
            let bytes = path.as_os_str().as_bytes();
            if bytes.len() > 107 {
                raise!(vm, OSError, "AF_UNIX path too long");
            }
            out.extend_from_slice(bytes);
            out.push(0);
        }
        _ => raise!(vm, NotImplementedError, "addresses of this family are not implemented yet"),
    }
    let length = out.len() as libc::socklen_t;
    Ok((out, length))
}

/// An address as Python has it.
fn shown<'gc>(vm: &'gc Vm, raw: &[u8]) -> Value<'gc> {
    if raw.len() < 2 {
        return Value::NONE;
    }
    match i32::from(u16::from_ne_bytes([raw[0], raw[1]])) {
        libc::AF_INET if raw.len() >= 8 => {
            let port = u16::from_be_bytes([raw[2], raw[3]]);
            let ip = Ipv4Addr::new(raw[4], raw[5], raw[6], raw[7]);
            let items = [vm.str(&ip.to_string()).value(), Value::from_i32(port.into())];
            vm.tuple(&items).value()
        }
        _ => {
            let path = &raw[2..];
            let end = path.iter().position(|b| *b == 0).unwrap_or(path.len());
            crate::fs_path::decode(vm, &path[..end]).value()
        }
    }
}

fn bind(vm: &mut Vm, args: Args) -> NativeResult {
    let (raw, length) = address(vm, args)?;
    let fd = own_fd(vm, args)?;
    done(vm, sys!(libc::bind(fd, raw.as_ptr().cast(), length)), &[])
}

fn connect(vm: &mut Vm, args: Args) -> NativeResult {
    let (raw, length) = address(vm, args)?;
    let fd = own_fd(vm, args)?;
    let (code, failed) =
        vm.blocking(|| (sys!(libc::connect(fd, raw.as_ptr().cast(), length)), errno()));
    if code < 0 {
        return Err(error(vm, failed, &[]));
    }
    Ok(vm.none())
}

fn listen(vm: &mut Vm, args: Args) -> NativeResult {
    let backlog = int_or(vm, args, 1, 128)?.max(0) as i32;
    let fd = own_fd(vm, args)?;
    done(vm, sys!(libc::listen(fd, backlog)), &[])
}

fn accept(vm: &mut Vm, args: Args) -> NativeResult {
    let mut raw = [0u8; 128];
    let mut length = 128;
    let fd = when_ready(vm, args, libc::POLLIN, |fd| {
        length = 128;
        let flags = libc::SOCK_CLOEXEC;
        sys!(libc::accept4(fd, raw.as_mut_ptr().cast(), &mut length, flags)).into()
    })?;
    let vm = &*vm;
    let peer = shown(vm, &raw[..(length as usize).min(128)]);
    Ok(vm.ret(vm.tuple(&[vm.int(fd), peer]).value()))
}

type Ask = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

fn name(vm: &mut Vm, args: Args, ask: Ask) -> NativeResult {
    let fd = own_fd(vm, args)?;
    let mut raw = [0u8; 128];
    let mut length = 128;
    check(vm, sys!(ask(fd, raw.as_mut_ptr().cast(), &mut length)), &[])?;
    let vm = &*vm;
    Ok(vm.ret(shown(vm, &raw[..(length as usize).min(128)])))
}

fn getsockname(vm: &mut Vm, args: Args) -> NativeResult {
    name(vm, args, libc::getsockname)
}

fn getpeername(vm: &mut Vm, args: Args) -> NativeResult {
    name(vm, args, libc::getpeername)
}
