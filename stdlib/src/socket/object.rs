//! `_socket.socket`.

use super::address::{of_python, to_python};
use super::{DefaultTimeout, optional, ret_bytes, small};
use crate::io::os_error;
use crate::prelude::*;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::cell::RefCell;
use std::io::{Error, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A socket. Operations with a timeout wait first; the system's socket does not block then.
#[derive(Trace)]
pub struct SocketObject {
    #[trace(skip)]
    socket: RefCell<Option<Rc<Socket>>>,
    #[trace(skip)]
    family: Cell<i32>,
    #[trace(skip)]
    kind: Cell<i32>,
    #[trace(skip)]
    proto: Cell<i32>,
    /// Seconds; negative: blocks for ever.
    #[trace(skip)]
    timeout: Cell<f64>,
}

impl Payload for SocketObject {
    const TYPE: &'static TypeDef = &SOCKET;
    const NEEDS_DROP: bool = true;
}

/// The type of sockets.
pub static SOCKET: TypeDef = TypeDef {
    module: "_socket",
    doc: "A socket.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method(
            "__new__($type, /, *args, **kwargs)",
            new,
            "A socket not open yet.",
        ),
        NativeDef::method(
            "__init__($self, /, family=-1, type=-1, proto=-1, fileno=None)",
            init,
            "Open the socket.",
        ),
        NativeDef::method("_accept($self, /)", accept, "Take a connection: descriptor, address."),
        NativeDef::method("bind($self, address, /)", bind, "Give the socket an address."),
        NativeDef::method("close($self, /)", close, "Close the socket."),
        NativeDef::method("connect($self, address, /)", connect, "Connect to an address."),
        NativeDef::method(
            "connect_ex($self, address, /)",
            connect_ex,
            "Connect to an address; an error number or 0.",
        ),
        NativeDef::method("detach($self, /)", detach, "Give the descriptor away."),
        NativeDef::method("fileno($self, /)", fileno, "The file descriptor, or -1."),
        NativeDef::method("getpeername($self, /)", getpeername, "The address of the other end."),
        NativeDef::method("getsockname($self, /)", getsockname, "The socket's own address."),
        NativeDef::method("getblocking($self, /)", getblocking, "Whether it may block."),
        NativeDef::method(
            "getsockopt($self, level, option, buflen=0, /)",
            getsockopt,
            "An option of the socket.",
        ),
        NativeDef::method(
            "setsockopt($self, level, option, value, /)",
            setsockopt,
            "Set an option of the socket.",
        ),
        NativeDef::method("gettimeout($self, /)", gettimeout, "Seconds, or None."),
        NativeDef::method("settimeout($self, timeout, /)", settimeout, "Set it."),
        NativeDef::method("setblocking($self, flag, /)", setblocking, "Block, or never."),
        NativeDef::method("listen($self, backlog=128, /)", listen, "Wait for connections."),
        NativeDef::method("recv($self, bufsize, flags=0, /)", recv, "Receive bytes."),
        NativeDef::method(
            "recv_into($self, buffer, nbytes=0, flags=0)",
            recv_into,
            "Receive into a buffer; how much.",
        ),
        NativeDef::method(
            "recvfrom($self, bufsize, flags=0, /)",
            recvfrom,
            "Receive bytes, and whom they are from.",
        ),
        NativeDef::method("send($self, data, flags=0, /)", send, "Send; how much."),
        NativeDef::method("sendall($self, data, flags=0, /)", sendall, "Send everything."),
        NativeDef::method(
            "sendto($self, data, flags_or_address, address=<unrepresentable>, /)",
            sendto,
            "Send to an address; how much.",
        ),
        NativeDef::method("shutdown($self, how, /)", shutdown, "Close one direction, or both."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("family", family, "The address family."),
        GetSetDef::new("type", kind, "The socket type."),
        GetSetDef::new("proto", proto, "The protocol."),
        GetSetDef::new("timeout", gettimeout, "The timeout."),
    ],
    ..TypeDef::new("socket", Kind::Native)
};

/// A socket object around a socket.
pub fn wrap(vm: &Vm, socket: Socket, family: i32, kind: i32, proto: i32) -> Value<'_> {
    let timeout = vm.with_extension(|t: &mut DefaultTimeout| t.0);
    vm.native(SocketObject {
        socket: RefCell::new(Some(Rc::new(socket))),
        family: Cell::new(family),
        kind: Cell::new(kind),
        proto: Cell::new(proto),
        timeout: Cell::new(timeout),
    })
    .value()
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = SocketObject {
        socket: RefCell::new(None),
        family: Cell::new(-1),
        kind: Cell::new(-1),
        proto: Cell::new(-1),
        timeout: Cell::new(-1.0),
    };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn this(vm: &Vm, args: Args) -> Result<&SocketObject, Raised> {
    Ok(args.payload::<SocketObject>(vm)?.r())
}

fn failed(vm: &Vm, error: &Error) -> Raised {
    if error.kind() == ErrorKind::TimedOut && error.raw_os_error().is_none() {
        return vm.raise(ClassId::TimeoutError, "timed out");
    }
    os_error(vm, error, None)
}

/// The system's socket, and the timeout.
fn open(vm: &Vm, args: Args) -> Result<(Rc<Socket>, f64), Raised> {
    let this = this(vm, args)?;
    match this.socket.borrow().as_ref() {
        Some(socket) => Ok((socket.clone(), this.timeout.get())),
        None => Err(os_error(vm, &Error::from_raw_os_error(libc::EBADF), None)),
    }
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    let mut family = optional(vm, args, 1, -1)?;
    let mut kind = optional(vm, args, 2, -1)?;
    let mut proto = optional(vm, args, 3, -1)?;
    let socket = if args.not_none(vm, 4).is_some() {
        let fd = small(vm, args, 4)?;
        if fd < 0 {
            raise!(vm, ValueError, "negative file descriptor");
        }
        if crate::posix::support::sys!(libc::fcntl(fd, libc::F_GETFD)) < 0 {
            return Err(os_error(vm, &Error::last_os_error(), None));
        }
        // SAFETY: an open descriptor that the caller hands over, as Python's `fileno=` says.
        let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(fd) });
        let known = (|| {
            if family == -1 {
                family = socket.local_addr()?.family().into();
            }
            if kind == -1 {
                kind = socket.r#type()?.into();
            }
            Ok(())
        })();
        if let Err(error) = known {
            let _ = socket.into_raw_fd();
            return Err(failed(vm, &error));
        }
        proto = proto.max(0);
        socket
    } else {
        family = if family == -1 { libc::AF_INET } else { family };
        kind = if kind == -1 { libc::SOCK_STREAM } else { kind };
        proto = proto.max(0);
        let protocol = (proto != 0).then(|| Protocol::from(proto));
        let made = Socket::new(Domain::from(family), Type::from(kind), protocol);
        made.map_err(|e| failed(vm, &e))?
    };
    let timeout = vm.with_extension(|t: &mut DefaultTimeout| t.0);
    let nonblocking = kind & libc::SOCK_NONBLOCK != 0;
    let this = this(vm, args)?;
    this.family.set(family);
    this.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
    this.proto.set(proto);
    this.timeout.set(if nonblocking { 0.0 } else { timeout });
    if timeout >= 0.0
        && let Err(error) = socket.set_nonblocking(true)
    {
        return Err(failed(vm, &error));
    }
    drop(this.socket.borrow_mut().replace(Rc::new(socket)));
    Ok(vm.none())
}

/// Waits until the socket is ready for `events`, or until the deadline.
fn ready(socket: &Socket, events: i16, end: Option<Instant>) -> std::io::Result<()> {
    let mut poll = libc::pollfd { fd: socket.as_raw_fd(), events, revents: 0 };
    let left = end.map(|end| end.saturating_duration_since(Instant::now()));
    let millis =
        left.map_or(-1, |left| (left.as_micros().div_ceil(1000)).min(i32::MAX as u128) as i32);
    match crate::posix::support::sys!(libc::poll(&mut poll, 1, millis)) {
        0 => Err(ErrorKind::TimedOut.into()),
        n if n < 0 => Err(Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Runs an operation, waiting first if there is a timeout; again after signals.
fn attempt<T>(
    vm: &mut Vm,
    (socket, timeout): (Rc<Socket>, f64),
    events: i16,
    mut operation: impl FnMut(&Socket) -> std::io::Result<T>,
) -> Result<T, Raised> {
    let end = (timeout > 0.0).then(|| Instant::now() + Duration::from_secs_f64(timeout.min(1e9)));
    loop {
        let result = vm.interruptible(|| {
            if timeout > 0.0 {
                ready(&socket, events, end)?;
            }
            operation(&socket)
        })?;
        match result {
            Ok(value) => return Ok(value),
            Err(e) if e.kind() == ErrorKind::Interrupted => vm.safepoint()?,
            Err(e) if e.kind() == ErrorKind::WouldBlock && timeout > 0.0 => {}
            Err(e) => return Err(failed(vm, &e)),
        }
    }
}

fn accept(vm: &mut Vm, args: Args) -> NativeResult {
    let open = open(vm, args)?;
    let (socket, address) = attempt(vm, open, libc::POLLIN, |s| s.accept())?;
    let vm = &*vm;
    let fd = vm.int(socket.into_raw_fd().into());
    Ok(vm.ret(vm.tuple(&[fd, to_python(vm, &address)]).value()))
}

fn address_argument(vm: &mut Vm, args: Args, i: usize, f: &str) -> Result<SockAddr, Raised> {
    let family = this(vm, args)?.family.get();
    of_python(vm, family, args.local(i), f)
}

fn bind(vm: &mut Vm, args: Args) -> NativeResult {
    let address = address_argument(vm, args, 1, "bind")?;
    let (socket, _) = open(vm, args)?;
    socket.bind(&address).map_err(|e| failed(vm, &e))?;
    Ok(vm.none())
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let socket = this(vm, args)?.socket.borrow_mut().take();
    drop(socket);
    Ok(vm.none())
}

fn detach(vm: &mut Vm, args: Args) -> NativeResult {
    let socket = this(vm, args)?.socket.borrow_mut().take();
    let fd = match socket.map(Rc::try_unwrap) {
        Some(Ok(socket)) => socket.into_raw_fd(),
        // Another thread waits on it: its descriptor closes when that is done.
        Some(Err(shared)) => match shared.try_clone() {
            Ok(copy) => copy.into_raw_fd(),
            Err(error) => return Err(failed(vm, &error)),
        },
        None => -1,
    };
    Ok(vm.ret(vm.int(fd.into())))
}

/// Connects; `EINPROGRESS` is waited for where there is time.
fn start_connection(socket: &Socket, address: &SockAddr, timeout: f64) -> std::io::Result<()> {
    match socket.connect(address) {
        Err(e) if timeout > 0.0 && e.raw_os_error() == Some(libc::EINPROGRESS) => {
            let end = Instant::now() + Duration::from_secs_f64(timeout.min(1e9));
            ready(socket, libc::POLLOUT, Some(end))?;
            match socket.take_error()? {
                Some(error) => Err(error),
                None => Ok(()),
            }
        }
        result => result,
    }
}

fn connect(vm: &mut Vm, args: Args) -> NativeResult {
    let address = address_argument(vm, args, 1, "connect")?;
    let (socket, timeout) = open(vm, args)?;
    let result = vm.interruptible(|| start_connection(&socket, &address, timeout))?;
    result.map_err(|e| failed(vm, &e))?;
    Ok(vm.none())
}

fn connect_ex(vm: &mut Vm, args: Args) -> NativeResult {
    let address = address_argument(vm, args, 1, "connect_ex")?;
    let (socket, timeout) = open(vm, args)?;
    let result = vm.interruptible(|| start_connection(&socket, &address, timeout))?;
    let code = match result {
        Ok(()) => 0,
        Err(e) => e.raw_os_error().unwrap_or(libc::EAGAIN),
    };
    Ok(vm.ret(vm.int(code.into())))
}

fn fileno(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = this(vm, args)?.socket.borrow().as_ref().map_or(-1, |s| s.as_raw_fd());
    Ok(vm.ret(vm.int(fd.into())))
}

fn getpeername(vm: &mut Vm, args: Args) -> NativeResult {
    let (socket, _) = open(vm, args)?;
    let address = socket.peer_addr().map_err(|e| failed(vm, &e))?;
    Ok(vm.ret(to_python(vm, &address)))
}

fn getsockname(vm: &mut Vm, args: Args) -> NativeResult {
    let (socket, _) = open(vm, args)?;
    let address = socket.local_addr().map_err(|e| failed(vm, &e))?;
    Ok(vm.ret(to_python(vm, &address)))
}

fn getblocking(vm: &mut Vm, args: Args) -> NativeResult {
    let blocks = this(vm, args)?.timeout.get() != 0.0;
    Ok(vm.ret(Value::from_bool(blocks)))
}

fn gettimeout(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let timeout = this(vm, args)?.timeout.get();
    Ok(vm.ret(if timeout < 0.0 { Value::NONE } else { vm.float(timeout) }))
}

/// A timeout argument: None or seconds.
pub fn timeout_argument(vm: &mut Vm, args: Args, i: usize) -> Result<f64, Raised> {
    if args.get(vm, i).is_none() {
        return Ok(-1.0);
    }
    let seconds = vm.float_of(args.local(i))?;
    if seconds.is_nan() {
        raise!(vm, ValueError, "Invalid value NaN (not a number)");
    }
    if seconds < 0.0 {
        raise!(vm, ValueError, "Timeout value out of range");
    }
    Ok(seconds)
}

fn set_timeout(vm: &mut Vm, args: Args, seconds: f64) -> NativeResult {
    this(vm, args)?.timeout.set(seconds);
    let (socket, _) = open(vm, args)?;
    socket.set_nonblocking(seconds >= 0.0).map_err(|e| failed(vm, &e))?;
    Ok(vm.none())
}

fn settimeout(vm: &mut Vm, args: Args) -> NativeResult {
    let seconds = timeout_argument(vm, args, 1)?;
    set_timeout(vm, args, seconds)
}

fn setblocking(vm: &mut Vm, args: Args) -> NativeResult {
    let blocks = vm.truth(args.local(1))?;
    set_timeout(vm, args, if blocks { -1.0 } else { 0.0 })
}

fn getsockopt(vm: &mut Vm, args: Args) -> NativeResult {
    let (level, option) = (small(vm, args, 1)?, small(vm, args, 2)?);
    let len = optional(vm, args, 3, 0)?;
    if !(0..=1024).contains(&len) {
        raise!(vm, OSError, "getsockopt buflen out of range");
    }
    let (socket, _) = open(vm, args)?;
    let mut data = vec![0u8; if len == 0 { 4 } else { len as usize }];
    let mut got = data.len() as libc::socklen_t;
    let code = crate::posix::support::sys!(libc::getsockopt(
        socket.as_raw_fd(),
        level,
        option,
        data.as_mut_ptr().cast(),
        &mut got
    ));
    if code < 0 {
        return Err(failed(vm, &Error::last_os_error()));
    }
    if len == 0 {
        let number = i32::from_ne_bytes([data[0], data[1], data[2], data[3]]);
        return Ok(vm.ret(vm.int(number.into())));
    }
    ret_bytes(vm, &data[..got as usize])
}

fn setsockopt(vm: &mut Vm, args: Args) -> NativeResult {
    let (level, option) = (small(vm, args, 1)?, small(vm, args, 2)?);
    let data = if vm.is_int(args.get(vm, 3)) {
        small(vm, args, 3)?.to_ne_bytes().to_vec()
    } else {
        vm.bytes_like(args.local(3))?
    };
    let (socket, _) = open(vm, args)?;
    let code = crate::posix::support::sys!(libc::setsockopt(
        socket.as_raw_fd(),
        level,
        option,
        data.as_ptr().cast(),
        data.len() as libc::socklen_t
    ));
    if code < 0 {
        return Err(failed(vm, &Error::last_os_error()));
    }
    Ok(vm.none())
}

fn listen(vm: &mut Vm, args: Args) -> NativeResult {
    let backlog = optional(vm, args, 1, 128)?;
    let (socket, _) = open(vm, args)?;
    socket.listen(backlog.max(0)).map_err(|e| failed(vm, &e))?;
    Ok(vm.none())
}

fn size_argument(vm: &mut Vm, args: Args, i: usize, function: &str) -> Result<usize, Raised> {
    match usize::try_from(vm.index_i64(args.local(i))?) {
        Ok(n) => Ok(n),
        Err(_) => raise!(vm, ValueError, "negative buffersize in {function}"),
    }
}

/// Receives up to `n` bytes, with the sender's address.
fn receive(vm: &mut Vm, args: Args, n: usize, flags: i32) -> Result<(Vec<u8>, SockAddr), Raised> {
    vm.check_size(n)?;
    let mut buffer: Vec<u8> = Vec::with_capacity(n);
    let open = open(vm, args)?;
    let (got, address) = attempt(vm, open, libc::POLLIN, |s| {
        let space: &mut [MaybeUninit<u8>] = &mut buffer.spare_capacity_mut()[..n];
        s.recv_from_with_flags(space, flags)
    })?;
    // SAFETY: the system has written that many bytes.
    unsafe { buffer.set_len(got) };
    Ok((buffer, address))
}

fn recv(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_argument(vm, args, 1, "recv")?;
    let flags = optional(vm, args, 2, 0)?;
    let (data, _) = receive(vm, args, n, flags)?;
    ret_bytes(vm, &data)
}

fn recv_into(vm: &mut Vm, args: Args) -> NativeResult {
    let target = vm.writable(args.local(1), "recv_into() argument 1")?;
    let space = target.len(vm);
    let n = match args.opt(vm, 2) {
        Some(_) => size_argument(vm, args, 2, "recv_into")?,
        None => 0,
    };
    if n > space {
        raise!(vm, ValueError, "buffer too small for requested bytes");
    }
    let n = if n == 0 { space } else { n };
    let flags = optional(vm, args, 3, 0)?;
    let (data, _) = receive(vm, args, n, flags)?;
    target.write(vm, 0, &data);
    Ok(vm.ret(vm.int_usize(data.len())))
}

fn recvfrom(vm: &mut Vm, args: Args) -> NativeResult {
    let n = size_argument(vm, args, 1, "recvfrom")?;
    let flags = optional(vm, args, 2, 0)?;
    let (data, address) = receive(vm, args, n, flags)?;
    let vm = &*vm;
    let address = if address.len() == 0 { Value::NONE } else { to_python(vm, &address) };
    Ok(vm.ret(vm.tuple(&[vm.bytes(&data).value(), address]).value()))
}

fn send(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let flags = optional(vm, args, 2, 0)?;
    let open = open(vm, args)?;
    let n = attempt(vm, open, libc::POLLOUT, |s| s.send_with_flags(&data, flags))?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn sendall(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let flags = optional(vm, args, 2, 0)?;
    let mut rest = data.as_slice();
    while !rest.is_empty() {
        let open = open(vm, args)?;
        let n = attempt(vm, open, libc::POLLOUT, |s| s.send_with_flags(rest, flags))?;
        rest = &rest[n..];
    }
    Ok(vm.none())
}

fn sendto(vm: &mut Vm, args: Args) -> NativeResult {
    let data = vm.bytes_like(args.local(1))?;
    let has_flags = args.opt(vm, 3).is_some();
    let flags = if has_flags { small(vm, args, 2)? } else { 0 };
    let address = address_argument(vm, args, if has_flags { 3 } else { 2 }, "sendto")?;
    let open = open(vm, args)?;
    let n = attempt(vm, open, libc::POLLOUT, |s| s.send_to_with_flags(&data, &address, flags))?;
    Ok(vm.ret(vm.int_usize(n)))
}

fn shutdown(vm: &mut Vm, args: Args) -> NativeResult {
    let how = match small(vm, args, 1)? {
        libc::SHUT_RD => std::net::Shutdown::Read,
        libc::SHUT_WR => std::net::Shutdown::Write,
        libc::SHUT_RDWR => std::net::Shutdown::Both,
        _ => return Err(failed(vm, &Error::from_raw_os_error(libc::EINVAL))),
    };
    let (socket, _) = open(vm, args)?;
    socket.shutdown(how).map_err(|e| failed(vm, &e))?;
    Ok(vm.none())
}

macro_rules! numbers {
    ($($f:ident),*) => { $(
        fn $f(vm: &mut Vm, args: Args) -> NativeResult {
            let n = this(vm, args)?.$f.get();
            Ok(vm.ret(vm.int(n.into())))
        }
    )* };
}
numbers!(family, kind, proto);

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let this = this(vm, args)?;
    let fd = this.socket.borrow().as_ref().map_or(-1, |s| s.as_raw_fd());
    let text = format!(
        "<socket object, fd={fd}, family={}, type={}, proto={}>",
        this.family.get(),
        this.kind.get(),
        this.proto.get()
    );
    ret_str(vm, &text)
}
