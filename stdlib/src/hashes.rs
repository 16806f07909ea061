//! `_md5`, `_sha1`, `_sha2`, `_sha3` and `_blake2`: digests, on the RustCrypto crates.

#![forbid(unsafe_code)]

use crate::prelude::*;
use digest::{DynDigest, ExtendableOutput, Update, XofReader};
use std::cell::RefCell;

/// A digest in the making.
enum State {
    Fixed(Box<dyn DynDigest>),
    Shake128(sha3::Shake128),
    Shake256(sha3::Shake256),
}

impl State {
    fn update(&mut self, data: &[u8]) {
        match self {
            State::Fixed(d) => d.update(data),
            State::Shake128(d) => d.update(data),
            State::Shake256(d) => d.update(data),
        }
    }

    fn copy(&self) -> State {
        match self {
            State::Fixed(d) => State::Fixed(d.box_clone()),
            State::Shake128(d) => State::Shake128(d.clone()),
            State::Shake256(d) => State::Shake256(d.clone()),
        }
    }

    /// The digest so far; `len` for those of any length.
    fn digest(&self, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        match self.copy() {
            State::Fixed(d) => return d.finalize().into_vec(),
            State::Shake128(d) => d.finalize_xof().read(&mut out),
            State::Shake256(d) => d.finalize_xof().read(&mut out),
        }
        out
    }
}

/// One of the algorithms.
struct Algorithm {
    name: &'static str,
    new: fn() -> State,
}

macro_rules! hash_types {
    ($($payload:ident $def:ident $module:literal $class:literal $name:literal $size:literal $block:literal $new:expr, $more:expr;)*) => { $(
        #[doc = $name]
        #[derive(Trace)]
        pub struct $payload(#[trace(skip)] RefCell<State>);

        impl $payload {
            const ALGORITHM: Algorithm =
                Algorithm { name: $name, new: $new };
        }

        impl Hash for $payload {
            fn algorithm() -> &'static Algorithm {
                &Self::ALGORITHM
            }
            fn with(state: State) -> Self {
                $payload(RefCell::new(state))
            }
            fn state(&self) -> &RefCell<State> {
                &self.0
            }
        }

        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
            const NEEDS_DROP: bool = true;
        }

        /// The type of such digests.
        pub static $def: TypeDef = TypeDef {
            module: $module,
            flags: ClassFlags::NO_NEW | ClassFlags::MODULE_IN_MESSAGES,
            methods: $more,
            getset: &[
                GetSetDef::new("name", |vm, _| ret_str(vm, $name), ""),
                GetSetDef::new("digest_size", |vm, _| Ok(vm.ret(Value::from_i32($size))), ""),
                GetSetDef::new("block_size", |vm, _| Ok(vm.ret(Value::from_i32($block))), ""),
            ],
            ..TypeDef::new($class, Kind::Native)
        };
    )* };
}

/// Payloads of digests.
trait Hash: Payload {
    fn algorithm() -> &'static Algorithm;
    fn with(state: State) -> Self;
    fn state(&self) -> &RefCell<State>;
}

macro_rules! methods {
    ($payload:ident) => {
        &[
            NativeDef::method(
                "update($self, obj, /)",
                update::<$payload>,
                "Update this hash object's state with the provided string.",
            ),
            NativeDef::method(
                "copy($self, /)",
                copy::<$payload>,
                "Return a copy of the hash object.",
            ),
            NativeDef::method(
                "digest($self, /)",
                digest::<$payload>,
                "Return the digest value as a bytes object.",
            ),
            NativeDef::method(
                "hexdigest($self, /)",
                hexdigest::<$payload>,
                "Return the digest value as a string of hexadecimal digits.",
            ),
            NativeDef::method("__repr__($self, /)", repr::<$payload>, "Return repr(self)."),
        ]
    };
}

macro_rules! shake_methods {
    ($payload:ident) => {
        &[
            NativeDef::method(
                "update($self, obj, /)",
                update::<$payload>,
                "Update this hash object's state with the provided bytes-like object.",
            ),
            NativeDef::method(
                "copy($self, /)",
                copy::<$payload>,
                "Return a copy of the hash object.",
            ),
            NativeDef::method(
                "digest($self, length)",
                digest::<$payload>,
                "Return the digest value as a bytes object.",
            ),
            NativeDef::method(
                "hexdigest($self, length)",
                hexdigest::<$payload>,
                "Return the digest value as a string of hexadecimal digits.",
            ),
            NativeDef::method("__repr__($self, /)", repr::<$payload>, "Return repr(self)."),
        ]
    };
}

fn fixed<D: DynDigest + Default + 'static>() -> State {
    State::Fixed(Box::new(D::default()))
}

hash_types! {
    Md5 MD5_TYPE "_md5" "md5" "md5" 16 64 fixed::<md5::Md5>, methods!(Md5);
    Sha1 SHA1_TYPE "_sha1" "sha1" "sha1" 20 64 fixed::<sha1::Sha1>, methods!(Sha1);
    Sha224 SHA224_TYPE "_sha2" "SHA224Type" "sha224" 28 64 fixed::<sha2::Sha224>, methods!(Sha224);
    Sha256 SHA256_TYPE "_sha2" "SHA256Type" "sha256" 32 64 fixed::<sha2::Sha256>, methods!(Sha256);
    Sha384 SHA384_TYPE "_sha2" "SHA384Type" "sha384" 48 128 fixed::<sha2::Sha384>, methods!(Sha384);
    Sha512 SHA512_TYPE "_sha2" "SHA512Type" "sha512" 64 128 fixed::<sha2::Sha512>, methods!(Sha512);
    Sha3x224 SHA3_224_TYPE "_sha3" "sha3_224" "sha3_224" 28 144 fixed::<sha3::Sha3_224>, methods!(Sha3x224);
    Sha3x256 SHA3_256_TYPE "_sha3" "sha3_256" "sha3_256" 32 136 fixed::<sha3::Sha3_256>, methods!(Sha3x256);
    Sha3x384 SHA3_384_TYPE "_sha3" "sha3_384" "sha3_384" 48 104 fixed::<sha3::Sha3_384>, methods!(Sha3x384);
    Sha3x512 SHA3_512_TYPE "_sha3" "sha3_512" "sha3_512" 64 72 fixed::<sha3::Sha3_512>, methods!(Sha3x512);
    Shake128 SHAKE_128_TYPE "_sha3" "shake_128" "shake_128" 0 168 (|| State::Shake128(Default::default())), shake_methods!(Shake128);
    Shake256 SHAKE_256_TYPE "_sha3" "shake_256" "shake_256" 0 136 (|| State::Shake256(Default::default())), shake_methods!(Shake256);
}

macro_rules! functions {
    ($($name:literal $payload:ident),*) => {
        &[$(NativeDef::function(
            concat!($name, "(data=b'', *, usedforsecurity=True, string=None)"),
            make::<$payload>,
            "Return a new hash object.",
        )),*]
    };
}

/// `_md5`
pub static MD5: ModuleDef =
    ModuleDef { name: "_md5", doc: "", functions: functions!("md5" Md5), types: &[], exec: None };
/// `_sha1`
pub static SHA1: ModuleDef = ModuleDef {
    name: "_sha1",
    doc: "",
    functions: functions!("sha1" Sha1),
    types: &[],
    exec: None,
};
/// `_sha2`
pub static SHA2: ModuleDef = ModuleDef {
    name: "_sha2",
    doc: "",
    functions: functions!("sha224" Sha224, "sha256" Sha256, "sha384" Sha384, "sha512" Sha512),
    types: &[],
    exec: None,
};
/// `_sha3`
pub static SHA3: ModuleDef = ModuleDef {
    name: "_sha3",
    doc: "",
    functions: functions!(
        "sha3_224" Sha3x224, "sha3_256" Sha3x256, "sha3_384" Sha3x384, "sha3_512" Sha3x512,
        "shake_128" Shake128, "shake_256" Shake256
    ),
    types: &[],
    exec: None,
};

/// The bytes of an argument.
fn data(vm: &mut Vm, v: Local) -> Result<Vec<u8>, Raised> {
    if vm.get(v).as_str().is_some() {
        raise!(vm, TypeError, "Strings must be encoded before hashing");
    }
    if !vm.exports_buffer(vm.get(v)) {
        raise!(vm, TypeError, "object supporting the buffer API required");
    }
    vm.bytes_like(v)
}

fn make<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    let mut state = (T::algorithm().new)();
    let (first, string) = (args.opt(vm, 0).is_some(), args.not_none(vm, 2).is_some());
    if first && string {
        raise!(
            vm,
            TypeError,
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."
        );
    }
    if first || string {
        let bytes = data(vm, args.local(if first { 0 } else { 2 }))?;
        state.update(&bytes);
    }
    Ok(vm.ret(vm.native(T::with(state)).value()))
}

fn update<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<T>(vm)?;
    let bytes = data(vm, args.local(1))?;
    args.payload::<T>(vm)?.state().borrow_mut().update(&bytes);
    Ok(vm.none())
}

fn copy<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let state = args.payload::<T>(vm)?.state().borrow().copy();
    Ok(vm.ret(vm.native(T::with(state)).value()))
}

fn finished<T: Hash>(vm: &mut Vm, args: Args) -> Result<Vec<u8>, Raised> {
    args.payload::<T>(vm)?;
    let mut len = 0;
    if args.len() > 1 {
        let n = vm.index_i64(args.local(1))?;
        if n < 0 {
            raise!(vm, ValueError, "length must be non-negative");
        }
        if n >= 1 << 29 {
            raise!(vm, ValueError, "length is too large");
        }
        vm.check_size(n as usize)?;
        len = n as usize;
    }
    let out = args.payload::<T>(vm)?.state().borrow().digest(len);
    Ok(out)
}

fn digest<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    let out = finished::<T>(vm, args)?;
    Ok(vm.ret(vm.bytes(&out).value()))
}

fn hexdigest<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    let out = finished::<T>(vm, args)?;
    let text: String = out.iter().map(|b| format!("{b:02x}")).collect();
    ret_str(vm, &text)
}

fn repr<T: Hash>(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<T>(vm)?;
    let text =
        format!("<{} {} object @ {:#x}>", T::algorithm().name, T::TYPE.module, vm.id(this.value()));
    ret_str(vm, &text)
}
