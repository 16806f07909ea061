//! `scandir`: the entries of a directory with what the system tells about them at once.

use super::files::Directory;
use super::stat;
use super::support::*;
use crate::fs_path::{self, Accept, path_arg};
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::native::Payload;
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::{Args, NativeDef, NativeResult, Raised, Value, Vm};
use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::mem::MaybeUninit;

/// The functions.
pub static FUNCTIONS: &[NativeDef] =
    &[NativeDef::function("scandir(path=None)", scandir, "An iterator of DirEntry objects.")];

/// `os.DirEntry`
#[derive(Trace)]
pub struct DirEntry {
    name: Slot,
    path: Slot,
    /// Results of `stat()`, once asked for: of the entry itself, and of what it leads to.
    own: Slot,
    followed: Slot,
    /// `d_type`
    kind: Cell<u8>,
    inode: Cell<u64>,
    /// The directory's descriptor, if that was given.
    fd: Cell<i32>,
}

impl Payload for DirEntry {
    const TYPE: &'static TypeDef = &DIR_ENTRY;
}

/// The type of [`DirEntry`].
pub static DIR_ENTRY: TypeDef = TypeDef {
    module: "posix",
    doc: "An entry of a directory.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method(
            "is_dir($self, /, *, follow_symlinks=True)",
            is_dir,
            "Whether it is a directory.",
        ),
        NativeDef::method(
            "is_file($self, /, *, follow_symlinks=True)",
            is_file,
            "Whether it is a file.",
        ),
        NativeDef::method("is_symlink($self, /)", is_symlink, "Whether it is a link."),
        NativeDef::method("is_junction($self, /)", is_junction, "False: those are Windows'."),
        NativeDef::method(
            "stat($self, /, *, follow_symlinks=True)",
            entry_stat,
            "What the system knows.",
        ),
        NativeDef::method("inode($self, /)", inode, "Its inode number."),
        NativeDef::method("__fspath__($self, /)", path, "The path."),
        NativeDef::method("__repr__($self, /)", repr, "Return repr(self)."),
        NativeDef::class_method("__class_getitem__($type, item, /)", class_getitem, "See PEP 585"),
    ],
    getset: &[
        GetSetDef::new("name", name, "The name."),
        GetSetDef::new("path", path, "The path: directory and name."),
    ],
    ..TypeDef::new("DirEntry", Kind::Native)
};

fn class_getitem(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let alias = sidewinder_interpreter::builtins::generic_alias::alias(
        vm,
        args.get(vm, 0),
        args.get(vm, 1),
    );
    Ok(vm.ret(alias))
}

fn name(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<DirEntry>(vm)?.r().name.get(vm)))
}

fn path(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    Ok(vm.ret(args.payload::<DirEntry>(vm)?.r().path.get(vm)))
}

fn repr(vm: &mut Vm, args: Args) -> NativeResult {
    let name = {
        let vm = &*vm;
        vm.root(args.payload::<DirEntry>(vm)?.r().name.get(vm))
    };
    let text = vm.repr_text(name)?;
    Ok(vm.ret(vm.str(&format!("<DirEntry {text}>")).value()))
}

fn bytes_of(vm: &Vm, v: Value<'_>) -> Vec<u8> {
    match (v.as_str(), v.cast::<Bytes>()) {
        (Some(s), _) => fs_path::encode(s.r()).unwrap_or_default(),
        (_, Some(b)) => b.r().data().to_vec(),
        _ => vm.text_of(v).into_bytes(),
    }
}

/// What the system knows about the entry, asked for once.
fn know<'gc>(vm: &'gc Vm, args: Args, follow: bool) -> Result<Value<'gc>, Raised> {
    let entry = args.payload::<DirEntry>(vm)?;
    let link = entry.kind.get() == libc::DT_LNK;
    let follow = follow && (link || entry.kind.get() == libc::DT_UNKNOWN);
    let slot = if follow { &entry.r().followed } else { &entry.r().own };
    if let Some(known) = slot.get(vm).bound() {
        return Ok(known);
    }
    let shown = vm.root(entry.r().path.get(vm));
    let (dir, named) = match entry.fd.get() {
        -1 => (libc::AT_FDCWD, &entry.r().path),
        fd => (fd, &entry.r().name),
    };
    let c = CString::new(bytes_of(vm, named.get(vm))).unwrap_or_default();
    let mut s = MaybeUninit::<libc::stat>::zeroed();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    check(vm, sys!(libc::fstatat(dir, c.as_ptr(), s.as_mut_ptr(), flags)), &[shown])?;
    let value = stat::result(vm, &sys!(s.assume_init()));
    if follow {
        vm.write(entry, |e| &e.followed, value);
    } else {
        vm.write(entry, |e| &e.own, value);
    }
    Ok(value)
}

fn entry_stat(vm: &mut Vm, args: Args) -> NativeResult {
    let follow = flag_or(vm, args, 1, true)?;
    let vm = &*vm;
    Ok(vm.ret(know(vm, args, follow)?))
}

fn is(vm: &mut Vm, args: Args, wanted: u32, kind: u8, follow: bool) -> NativeResult {
    let vm = &*vm;
    let entry = args.payload::<DirEntry>(vm)?;
    let own = entry.kind.get();
    if own != libc::DT_UNKNOWN && !(follow && own == libc::DT_LNK) {
        return Ok(vm.ret(Value::from_bool(own == kind)));
    }
    let known = match know(vm, args, follow) {
        Ok(known) => known,
        Err(raised) => {
            vm.catch(raised, ClassId::FileNotFoundError)?;
            return Ok(vm.ret(Value::FALSE));
        }
    };
    let mode = known.cast::<Tuple>().and_then(|t| vm.as_i64(t.r().item(vm, 0))).unwrap_or(0);
    Ok(vm.ret(Value::from_bool(mode as u32 & libc::S_IFMT == wanted)))
}

fn is_dir(vm: &mut Vm, args: Args) -> NativeResult {
    let follow = flag_or(vm, args, 1, true)?;
    is(vm, args, libc::S_IFDIR, libc::DT_DIR, follow)
}

fn is_file(vm: &mut Vm, args: Args) -> NativeResult {
    let follow = flag_or(vm, args, 1, true)?;
    is(vm, args, libc::S_IFREG, libc::DT_REG, follow)
}

fn is_symlink(vm: &mut Vm, args: Args) -> NativeResult {
    is(vm, args, libc::S_IFLNK, libc::DT_LNK, false)
}

fn is_junction(vm: &mut Vm, _: Args) -> NativeResult {
    Ok(vm.ret(Value::FALSE))
}

fn inode(vm: &mut Vm, args: Args) -> NativeResult {
    let n = args.payload::<DirEntry>(vm)?.inode.get();
    Ok(vm.ret(vm.big_from_i128(i128::from(n))))
}

/// The iterator.
#[derive(Trace)]
struct Scan {
    /// What was given: prefix of the entries' paths, and for error messages.
    directory: Slot,
    #[trace(skip)]
    open: RefCell<Option<Directory>>,
    fd: Cell<i32>,
}

impl Payload for Scan {
    const TYPE: &'static TypeDef = &SCAN;
    const NEEDS_DROP: bool = true;
}

static SCAN: TypeDef = TypeDef {
    module: "posix",
    doc: "Entries of a directory.",
    flags: ClassFlags::NO_NEW,
    methods: &[
        NativeDef::method("__iter__($self, /)", this, "Return self."),
        NativeDef::method("__next__($self, /)", next, "The next entry."),
        NativeDef::method("__enter__($self, /)", this, "Return self."),
        NativeDef::method("__exit__($self, /, *args)", close, "Close."),
        NativeDef::method("close($self, /)", close, "Close the directory."),
    ],
    ..TypeDef::new("ScandirIterator", Kind::Native)
};

fn scandir(vm: &mut Vm, args: Args) -> NativeResult {
    let accept = Accept { fd: true, none: true };
    let p = path_arg(vm, args.local(0), "scandir", "path", accept)?;
    let vm = &*vm;
    let open = Directory::open(vm, &p)?;
    let directory = match p.fd {
        Some(_) => Value::NONE,
        None if vm.get(p.shown).is_none() => vm.str(".").value(),
        None => vm.get(p.shown),
    };
    let scan = Scan {
        directory: Slot::new(directory.word()),
        open: RefCell::new(Some(open)),
        fd: Cell::new(p.fd.unwrap_or(-1)),
    };
    Ok(vm.ret(vm.native(scan).value()))
}

fn this(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(vm.ret(args.get(vm, 0)))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let open = args.payload::<Scan>(vm)?.open.borrow_mut().take();
    drop(open);
    Ok(vm.none())
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let scan = args.payload::<Scan>(vm)?;
    let found = match scan.open.borrow_mut().as_mut() {
        Some(open) => open.next(),
        None => Ok(None),
    };
    let directory = scan.r().directory.get(vm);
    let found = match found {
        Ok(found) => found,
        Err(e) => {
            return Err(error(vm, e.raw_os_error().unwrap_or(0), &[vm.root(directory)]));
        }
    };
    let Some((name, kind, inode)) = found else {
        scan.open.borrow_mut().take();
        return Err(vm.raise_args(ClassId::StopIteration, &[]));
    };
    let is_bytes = directory.cast::<Bytes>().is_some();
    let value = |bytes: &[u8]| {
        if is_bytes { vm.bytes(bytes).value() } else { fs_path::decode(vm, bytes).value() }
    };
    let mut path = if directory.is_none() { Vec::new() } else { bytes_of(vm, directory) };
    if path.last().is_some_and(|&b| b != b'/') {
        path.push(b'/');
    }
    path.extend_from_slice(&name);
    let unbound = || Slot::new(Value::UNBOUND.word());
    let entry = DirEntry {
        name: Slot::new(value(&name).word()),
        path: Slot::new(value(&path).word()),
        own: unbound(),
        followed: unbound(),
        kind: Cell::new(kind),
        inode: Cell::new(inode),
        fd: Cell::new(scan.fd.get()),
    };
    Ok(vm.ret(vm.native(entry).value()))
}
