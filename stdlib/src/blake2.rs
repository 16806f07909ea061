//! `_blake2`: BLAKE2b and BLAKE2s with all their parameters, on blake2b_simd and blake2s_simd.

#![forbid(unsafe_code)]

use crate::prelude::*;
use std::cell::RefCell;

/// The module.
pub static BLAKE2: ModuleDef = ModuleDef {
    name: "_blake2",
    doc: "_blake2b provides BLAKE2b for hashlib",
    functions: &[],
    types: &[&BLAKE2B, &BLAKE2S],
    exec: Some(exec),
};

/// Parameters by name, with their defaults; those that are bytes first.
const SIGNATURE: &str = "__new__($type, data=b'', /, *, digest_size=0, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)";

/// The largest sizes of one of the two.
struct Limits {
    digest: i64,
    salt: usize,
    node_offset: u64,
}

/// Arguments of a constructor.
struct Parameters {
    digest_size: usize,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: u8,
    depth: u8,
    leaf_size: u32,
    node_offset: u64,
    node_depth: u8,
    inner_size: usize,
    last_node: bool,
    data: Vec<u8>,
}

fn parameters(vm: &mut Vm, args: Args, limits: &Limits) -> Result<Parameters, Raised> {
    let given = |vm: &Vm, i: usize| args.opt(vm, i).is_some();
    let mut number = |i: usize, default: i64, low: i64, high: u64, message: &str| {
        let n = if given(vm, i) { vm.index_i64(args.local(i))? } else { default };
        if n < low || n as u64 > high {
            return Err(vm.value_error(message));
        }
        Ok(n as u64)
    };
    let most = limits.digest as u64;
    let digest_size = if number(2, 0, i64::MIN, u64::MAX, "")? == 0 {
        most
    } else {
        let message = format!(
            "digest_size for {} must be between 1 and {most} bytes, here it is {}",
            if most == 64 { "Blake2b" } else { "Blake2s" },
            number(2, 0, i64::MIN, u64::MAX, "")? as i64
        );
        number(2, most as i64, 1, most, &message)?
    };
    let fanout = number(6, 1, 0, 255, "fanout must be between 0 and 255")?;
    let depth = number(7, 1, 1, 255, "depth must be between 1 and 255")?;
    let leaf_size = number(8, 0, 0, u32::MAX as u64, "leaf_size is too large")?;
    let node_offset = number(9, 0, 0, limits.node_offset, "node_offset is too large")?;
    let node_depth = number(10, 0, 0, 255, "node_depth must be between 0 and 255")?;
    let inner_size =
        number(11, 0, 0, most, &format!("inner_size must be between 0 and is {most}"))?;
    let last_node = given(vm, 12) && vm.truth(args.local(12))?;
    let mut bytes = |i: usize, max: usize, message: String| {
        let data = if given(vm, i) { vm.bytes_like(args.local(i))? } else { Vec::new() };
        if data.len() > max { Err(vm.value_error(message)) } else { Ok(data) }
    };
    let key = bytes(3, most as usize, format!("maximum key length is {most} bytes"))?;
    let salt_max = limits.salt;
    let salt = bytes(4, salt_max, format!("maximum salt length is {salt_max} bytes"))?;
    let person = bytes(5, salt_max, format!("maximum person length is {salt_max} bytes"))?;
    let place = if given(vm, 1) { Some(1) } else { args.not_none(vm, 14).map(|_| 14) };
    let data = match place {
        Some(i) => message_bytes(vm, args.local(i))?,
        None => Vec::new(),
    };
    Ok(Parameters {
        digest_size: digest_size as usize,
        key,
        salt,
        person,
        fanout: fanout as u8,
        depth: depth as u8,
        leaf_size: leaf_size as u32,
        node_offset,
        node_depth: node_depth as u8,
        inner_size: inner_size as usize,
        last_node,
        data,
    })
}

fn message_bytes(vm: &mut Vm, v: Local) -> Result<Vec<u8>, Raised> {
    if vm.get(v).as_str().is_some() {
        raise!(vm, TypeError, "Strings must be encoded before hashing");
    }
    if !vm.exports_buffer(vm.get(v)) {
        raise!(vm, TypeError, "object supporting the buffer API required");
    }
    vm.bytes_like(v)
}

macro_rules! blake2 {
    ($payload:ident, $def:ident, $name:literal, $krate:ident, $limits:expr, $block:literal) => {
        #[doc = $name]
        #[derive(Trace)]
        pub struct $payload {
            #[trace(skip)]
            state: RefCell<Box<$krate::State>>,
            size: Cell<usize>,
        }

        impl Payload for $payload {
            const TYPE: &'static TypeDef = &$def;
            const NEEDS_DROP: bool = true;
        }

        /// The type of such digests.
        pub static $def: TypeDef = TypeDef {
            module: "_blake2",
            doc: "Return a new BLAKE2 hash object.",
            flags: ClassFlags::MODULE_IN_MESSAGES,
            methods: &[
                NativeDef::static_method(
                    SIGNATURE,
                    |vm, args| {
                        let shape = native_new_shape(vm, args, &$def)?;
                        let p = parameters(vm, args, &$limits)?;
                        let mut params = $krate::Params::new();
                        params
                            .hash_length(p.digest_size)
                            .key(&p.key)
                            .salt(&p.salt)
                            .personal(&p.person)
                            .fanout(p.fanout)
                            .max_depth(p.depth)
                            .max_leaf_length(p.leaf_size)
                            .node_offset(p.node_offset)
                            .node_depth(p.node_depth)
                            .inner_hash_length(p.inner_size)
                            .last_node(p.last_node);
                        let mut state = params.to_state();
                        state.update(&p.data);
                        let payload = $payload {
                            state: RefCell::new(Box::new(state)),
                            size: Cell::new(p.digest_size),
                        };
                        Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
                    },
                    "",
                ),
                NativeDef::method(
                    "update($self, data, /)",
                    |vm, args| {
                        args.payload::<$payload>(vm)?;
                        let data = message_bytes(vm, args.local(1))?;
                        args.payload::<$payload>(vm)?.state.borrow_mut().update(&data);
                        Ok(vm.none())
                    },
                    "Update this hash object's state with the provided bytes-like object.",
                ),
                NativeDef::method(
                    "copy($self, /)",
                    |vm, args| {
                        let vm = &*vm;
                        let this = args.payload::<$payload>(vm)?;
                        let state = RefCell::new(this.state.borrow().clone());
                        let size = Cell::new(this.size.get());
                        Ok(vm.ret(vm.native($payload { state, size }).value()))
                    },
                    "Return a copy of the hash object.",
                ),
                NativeDef::method(
                    "digest($self, /)",
                    |vm, args| {
                        let vm = &*vm;
                        let hash = args.payload::<$payload>(vm)?.state.borrow().finalize();
                        Ok(vm.ret(vm.bytes(hash.as_bytes()).value()))
                    },
                    "Return the digest value as a bytes object.",
                ),
                NativeDef::method(
                    "hexdigest($self, /)",
                    |vm, args| {
                        let hash = args.payload::<$payload>(vm)?.state.borrow().finalize();
                        ret_str(vm, hash.to_hex().as_str())
                    },
                    "Return the digest value as a string of hexadecimal digits.",
                ),
            ],
            getset: &[
                GetSetDef::new("name", |vm, _| ret_str(vm, $name), ""),
                GetSetDef::new(
                    "digest_size",
                    |vm, args| {
                        let size = args.payload::<$payload>(vm)?.size.get();
                        Ok(vm.ret(vm.int_usize(size)))
                    },
                    "",
                ),
                GetSetDef::new("block_size", |vm, _| Ok(vm.ret(Value::from_i32($block))), ""),
            ],
            ..TypeDef::new($name, Kind::Native)
        };
    };
}

blake2!(
    Blake2b,
    BLAKE2B,
    "blake2b",
    blake2b_simd,
    Limits { digest: 64, salt: 16, node_offset: u64::MAX },
    128
);
blake2!(
    Blake2s,
    BLAKE2S,
    "blake2s",
    blake2s_simd,
    Limits { digest: 32, salt: 8, node_offset: (1 << 48) - 1 },
    64
);

fn exec(vm: &mut Vm, _: Local) -> Result<(), Raised> {
    let vm = &*vm;
    for (def, digest, salt) in [(&BLAKE2B, 64, 16), (&BLAKE2S, 32, 8)] {
        let class = vm.native_class(def);
        let Some(dict) = class.dict.get_as::<Dict>(vm) else { continue };
        for (name, n) in [
            ("MAX_DIGEST_SIZE", digest),
            ("MAX_KEY_SIZE", digest),
            ("SALT_SIZE", salt),
            ("PERSON_SIZE", salt),
        ] {
            vm.dict_set_str(dict, vm.intern(name), Value::from_i32(n));
        }
    }
    vm.class_changed();
    Ok(())
}
