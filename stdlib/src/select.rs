//! The module `select`: waiting for several files at once.

use crate::posix::support::{c_int, check, descriptor, errno, error, sys};
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm, raise};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The declaration.
pub static SELECT: ModuleDef = ModuleDef {
    name: "select",
    doc: "Waiting for several files at once.",
    functions: &[
        NativeDef::function(
            "select(rlist, wlist, xlist, timeout=None, /)",
            select,
            "Wait for files.",
        ),
        NativeDef::function("poll()", poll_new, "An object to wait with."),
    ],
    types: &[&EPOLL],
    exec: Some(exec),
};

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}

const NUMBERS: &[(&str, i64)] = numbers! {
    POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND
    POLLRDHUP
    EPOLLIN EPOLLPRI EPOLLOUT EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLONESHOT EPOLLET EPOLLRDNORM
    EPOLLRDBAND EPOLLWRNORM EPOLLWRBAND EPOLLMSG EPOLLEXCLUSIVE EPOLL_CLOEXEC PIPE_BUF
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    for (name, n) in NUMBERS {
        vm.module_set(module, name, vm.int(*n & 0xFFFF_FFFF));
    }
    vm.module_set(module, "error", vm.class(ClassId::OSError).value());
    Ok(())
}

/// A timeout in seconds; `None` waits for ever.
fn timeout(vm: &mut Vm, args: Args, i: usize, unit: f64) -> Result<Option<Duration>, Raised> {
    match args.not_none(vm, i) {
        None => Ok(None),
        Some(v) if vm.as_f64(v).is_none() && !vm.is_int(v) => {
            raise!(vm, TypeError, "timeout must be a float or None")
        }
        Some(_) => {
            let t = vm.float_of(args.local(i))? * unit;
            if t.is_nan() {
                raise!(vm, ValueError, "Invalid value NaN (not a number)");
            }
            Ok(if t < 0.0 { None } else { Some(Duration::from_secs_f64(t.min(1e9))) })
        }
    }
}

/// Polls until something happens, the time is up, or a signal's handler raises.
fn poll_all(
    vm: &mut Vm,
    fds: &mut [libc::pollfd],
    timeout: Option<Duration>,
) -> Result<usize, Raised> {
    let end = timeout.map(|t| Instant::now() + t);
    loop {
        let left = match end {
            None => -1,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
            }
        };
        let (n, failed) = vm.interruptible(|| {
            let n = sys!(libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, left));
            (n, errno())
        })?;
        match (n, failed) {
            (-1, libc::EINTR) => vm.safepoint()?,
            (-1, failed) => return Err(error(vm, failed, &[])),
            (n, _) => return Ok(n as usize),
        }
    }
}

fn items(vm: &mut Vm, list: Local) -> Result<Vec<(Local, i32)>, Raised> {
    let list = match vm.collect_list(list) {
        Ok(list) => vm.hold(list),
        Err(raised) => {
            vm.catch(raised, ClassId::TypeError)?;
            raise!(vm, TypeError, "arguments 1-3 must be sequences");
        }
    };
    let all: Vec<Local> = {
        let vm = &*vm;
        let list = vm.get(list).cast::<List>();
        list.map(|l| vm.list_items(l).map(|v| vm.root(v)).collect()).unwrap_or_default()
    };
    let mut out = Vec::new();
    for item in all {
        let fd = descriptor(vm, item)?;
        if fd < 0 {
            raise!(vm, ValueError, "file descriptor cannot be a negative integer ({fd})");
        }
        out.push((item, fd));
    }
    Ok(out)
}

fn select(vm: &mut Vm, args: Args) -> NativeResult {
    let time = match args.not_none(vm, 3) {
        None => None,
        Some(_) => match timeout(vm, args, 3, 1.0)? {
            None => raise!(vm, ValueError, "timeout must be non-negative"),
            some => some,
        },
    };
    let wanted = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    let ready = [
        libc::POLLIN | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut lists = Vec::new();
    let mut fds = Vec::new();
    for (i, events) in wanted.into_iter().enumerate() {
        let list = items(vm, args.local(i))?;
        fds.extend(list.iter().map(|(_, fd)| libc::pollfd { fd: *fd, events, revents: 0 }));
        lists.push(list);
    }
    poll_all(vm, &mut fds, time)?;
    if fds.iter().any(|p| p.revents & libc::POLLNVAL != 0) {
        return Err(error(vm, libc::EBADF, &[]));
    }
    let vm = &*vm;
    let mut at = 0;
    let results: Vec<Value<'_>> = lists
        .iter()
        .zip(ready)
        .map(|(list, ready)| {
            let out = vm.list(&[]);
            for (item, _) in list {
                if fds[at].revents & ready != 0 {
                    vm.list_push(out, vm.get(*item));
                }
                at += 1;
            }
            out.value()
        })
        .collect();
    Ok(vm.ret(vm.tuple(&results).value()))
}

/// What `poll()` makes.
#[derive(Trace)]
struct Poll {
    #[trace(skip)]
    fds: RefCell<Vec<(i32, i16)>>,
}

impl Payload for Poll {
    const TYPE: &'static TypeDef = &POLL;
    const NEEDS_DROP: bool = true;
}

static POLL: TypeDef = TypeDef {
    module: "select",
    doc: "Waits for files.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method(
            "register($self, fd, eventmask=POLLIN|POLLPRI|POLLOUT, /)",
            poll_register,
            "",
        ),
        NativeDef::method("modify($self, fd, eventmask, /)", poll_modify, ""),
        NativeDef::method("unregister($self, fd, /)", poll_unregister, ""),
        NativeDef::method("poll($self, timeout=None, /)", poll_poll, "Wait."),
    ],
    ..TypeDef::new("poll", Kind::Native)
};

fn poll_new(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(vm.native(Poll { fds: RefCell::default() }).value()))
}

fn events_arg(vm: &mut Vm, args: Args) -> Result<i16, Raised> {
    match args.opt(vm, 2) {
        None => Ok(libc::POLLIN | libc::POLLPRI | libc::POLLOUT),
        Some(_) => match u16::try_from(vm.index_i64(args.local(2))?) {
            Ok(events) => Ok(events as i16),
            Err(_) => {
                raise!(vm, OverflowError, "Python int too large to convert to C unsigned short")
            }
        },
    }
}

fn poll_register(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(1))?;
    let events = events_arg(vm, args)?;
    {
        let this = args.payload::<Poll>(vm)?;
        let mut fds = this.fds.borrow_mut();
        match fds.iter_mut().find(|f| f.0 == fd) {
            Some(found) => found.1 = events,
            None => fds.push((fd, events)),
        }
    }
    Ok(vm.none())
}

fn poll_modify(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(1))?;
    let events = events_arg(vm, args)?;
    let known = {
        let this = args.payload::<Poll>(vm)?;
        let mut fds = this.fds.borrow_mut();
        fds.iter_mut().find(|f| f.0 == fd).map(|f| f.1 = events).is_some()
    };
    if !known {
        return Err(error(vm, libc::ENOENT, &[]));
    }
    Ok(vm.none())
}

fn poll_unregister(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = descriptor(vm, args.local(1))?;
    let known = {
        let this = args.payload::<Poll>(vm)?;
        let mut fds = this.fds.borrow_mut();
        let before = fds.len();
        fds.retain(|f| f.0 != fd);
        fds.len() < before
    };
    if !known {
        return Err(vm.raise_args(ClassId::KeyError, &[Value::from_i32(fd)]));
    }
    Ok(vm.none())
}

fn poll_poll(vm: &mut Vm, args: Args) -> NativeResult {
    let time = timeout(vm, args, 1, 1e-3)?;
    let mut fds: Vec<libc::pollfd> = args
        .payload::<Poll>(vm)?
        .fds
        .borrow()
        .iter()
        .map(|(fd, events)| libc::pollfd { fd: *fd, events: *events, revents: 0 })
        .collect();
    poll_all(vm, &mut fds, time)?;
    let vm = &*vm;
    let found: Vec<Value<'_>> = fds
        .iter()
        .filter(|p| p.revents != 0)
        .map(|p| {
            let items = [Value::from_i32(p.fd), Value::from_i32((p.revents as u16).into())];
            vm.tuple(&items).value()
        })
        .collect();
    Ok(vm.ret(vm.list(&found).value()))
}

/// `epoll`
#[derive(Trace)]
pub struct Epoll {
    fd: Cell<i32>,
}

impl Payload for Epoll {
    const TYPE: &'static TypeDef = &EPOLL;
    const NEEDS_DROP: bool = true;
}

impl Drop for Epoll {
    fn drop(&mut self) {
        if self.fd.get() >= 0 {
            sys!(libc::close(self.fd.get()));
        }
    }
}

/// The type of [`Epoll`].
pub static EPOLL: TypeDef = TypeDef {
    module: "select",
    doc: "epoll(sizehint=-1, flags=0)\n--\n\nWaits for files.",
    flags: ClassFlags::BASE,
    methods: &[
        NativeDef::static_method("__new__($type, sizehint=-1, flags=0)", epoll_new, ""),
        NativeDef::class_method("fromfd($type, fd, /)", epoll_from, ""),
        NativeDef::method("close($self, /)", epoll_close, ""),
        NativeDef::method("fileno($self, /)", epoll_fileno, ""),
        NativeDef::method(
            "register($self, fd, eventmask=EPOLLIN|EPOLLPRI|EPOLLOUT)",
            epoll_register,
            "",
        ),
        NativeDef::method("modify($self, fd, eventmask)", epoll_modify, ""),
        NativeDef::method("unregister($self, fd)", epoll_unregister, ""),
        NativeDef::method("poll($self, timeout=None, maxevents=-1)", epoll_poll, "Wait."),
        NativeDef::method("__enter__($self, /)", epoll_enter, ""),
        NativeDef::method(
            "__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)",
            epoll_close,
            "",
        ),
    ],
    getset: &[GetSetDef::new("closed", epoll_closed, "Whether it is closed.")],
    ..TypeDef::new("epoll", Kind::Native)
};

fn epoll_new(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = check(vm, sys!(libc::epoll_create1(libc::EPOLL_CLOEXEC)), &[])?;
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = Epoll { fd: Cell::new(fd as i32) };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn epoll_from(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = c_int(vm, args, 1)?;
    let vm = &*vm;
    let class = args.class(vm, 0)?;
    let payload = Epoll { fd: Cell::new(fd) };
    Ok(vm.ret(vm.native_of_shape(class.shape.get(), payload).value()))
}

fn epoll_fd(vm: &Vm, args: Args) -> Result<i32, Raised> {
    match args.payload::<Epoll>(vm)?.fd.get() {
        -1 => Err(vm.value_error("I/O operation on closed epoll object")),
        fd => Ok(fd),
    }
}

fn epoll_close(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = args.payload::<Epoll>(vm)?.fd.replace(-1);
    if fd >= 0 {
        check(vm, sys!(libc::close(fd)), &[])?;
    }
    Ok(vm.none())
}

fn epoll_fileno(vm: &mut Vm, args: Args) -> NativeResult {
    let fd = epoll_fd(vm, args)?;
    Ok(vm.ret(Value::from_i32(fd)))
}

fn epoll_closed(vm: &mut Vm, args: Args) -> NativeResult {
    let closed = args.payload::<Epoll>(vm)?.fd.get() < 0;
    Ok(vm.ret(Value::from_bool(closed)))
}

fn epoll_enter(vm: &mut Vm, args: Args) -> NativeResult {
    epoll_fd(vm, args)?;
    Ok(vm.ret(args.get(vm, 0)))
}

fn control(vm: &mut Vm, args: Args, operation: i32, events: u32) -> NativeResult {
    let own = epoll_fd(vm, args)?;
    let fd = descriptor(vm, args.local(1))?;
    let mut event = libc::epoll_event { events, u64: fd as u64 };
    check(vm, sys!(libc::epoll_ctl(own, operation, fd, &mut event)), &[])?;
    Ok(vm.none())
}

fn epoll_register(vm: &mut Vm, args: Args) -> NativeResult {
    let events = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))? as u32,
        None => (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32,
    };
    control(vm, args, libc::EPOLL_CTL_ADD, events)
}

fn epoll_modify(vm: &mut Vm, args: Args) -> NativeResult {
    let events = vm.index_i64(args.local(2))? as u32;
    control(vm, args, libc::EPOLL_CTL_MOD, events)
}

fn epoll_unregister(vm: &mut Vm, args: Args) -> NativeResult {
    control(vm, args, libc::EPOLL_CTL_DEL, 0)
}

fn epoll_poll(vm: &mut Vm, args: Args) -> NativeResult {
    let own = epoll_fd(vm, args)?;
    let time = timeout(vm, args, 1, 1.0)?;
    let most = match args.opt(vm, 2) {
        Some(_) => vm.index_i64(args.local(2))?,
        None => -1,
    };
    if most == 0 || most < -1 {
        raise!(vm, ValueError, "maxevents must be greater than 0, got {most}");
    }
    let most = if most == -1 { 1023 } else { most.min(1 << 16) } as usize;
    let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; most];
    let end = time.map(|t| Instant::now() + t);
    let n = loop {
        let left = match end {
            None => -1,
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                i32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
            }
        };
        let (n, failed) = vm.interruptible(|| {
            (sys!(libc::epoll_wait(own, events.as_mut_ptr(), most as i32, left)), errno())
        })?;
        match (n, failed) {
            (-1, libc::EINTR) => vm.safepoint()?,
            (-1, failed) => return Err(error(vm, failed, &[])),
            (n, _) => break n as usize,
        }
    };
    let vm = &*vm;
    let found: Vec<Value<'_>> = events[..n]
        .iter()
        .map(|e| {
            let (fd, mask) = (e.u64, e.events);
            vm.tuple(&[vm.int(fd as i64), vm.int(mask.into())]).value()
        })
        .collect();
    Ok(vm.ret(vm.list(&found).value()))
}
