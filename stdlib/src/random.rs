//! `_random`: the Mersenne Twister (MT19937) under the bundled `random`.

#![forbid(unsafe_code)]

use crate::prelude::*;
use dashu_int::{IBig, UBig};

/// The module.
pub static RANDOM: ModuleDef = ModuleDef {
    name: "_random",
    doc: "Module implements the Mersenne Twister random number generator.",
    functions: &[],
    types: &[&RANDOM_TYPE],
    exec: None,
};

const N: usize = 624;
const M: usize = 397;

/// A generator: its words, two to a traced-free cell, inside the object.
#[derive(Trace)]
pub struct Random {
    #[trace(skip)]
    state: [Cell<u32>; N],
    index: Cell<usize>,
}
native_type!(
    Random,
    RANDOM_TYPE,
    "_random",
    "Random",
    "Random() -> create a random number generator with its own internal state.",
    ClassFlags::BASE,
    [
        NativeDef::static_method("__new__($type, /, *args, **kwargs)", new, "").raw(),
        NativeDef::method("__init__($self, x=None, /)", init, "Initialize self."),
        NativeDef::method("random($self, /)", random, "random() -> x in the interval [0, 1)."),
        NativeDef::method(
            "seed($self, n=None, /)",
            seed,
            "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier."
        ),
        NativeDef::method(
            "getstate($self, /)",
            getstate,
            "getstate() -> tuple containing the current state."
        ),
        NativeDef::method(
            "setstate($self, state, /)",
            setstate,
            "setstate(state) -> None.  Restores generator state."
        ),
        NativeDef::method(
            "getrandbits($self, k, /)",
            getrandbits,
            "getrandbits(k) -> x.  Generates an int with k random bits."
        ),
    ],
    []
);

impl Random {
    fn fill(&self, seed: u32) {
        let mut x = seed;
        self.state[0].set(x);
        for i in 1..N {
            x = (x ^ (x >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
            self.state[i].set(x);
        }
        self.index.set(N);
    }

    fn fill_by_array(&self, key: &[u32]) {
        self.fill(19_650_218);
        let (mut i, mut j) = (1, 0);
        let at = |i: usize| self.state[i].get();
        let mixed = |i: usize| at(i - 1) ^ (at(i - 1) >> 30);
        for _ in 0..N.max(key.len()) {
            let x = (at(i) ^ mixed(i).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            self.state[i].set(x);
            i += 1;
            j += 1;
            if i >= N {
                self.state[0].set(at(N - 1));
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            let x = (at(i) ^ mixed(i).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            self.state[i].set(x);
            i += 1;
            if i >= N {
                self.state[0].set(at(N - 1));
                i = 1;
            }
        }
        self.state[0].set(0x8000_0000);
    }

    fn twist(&self) {
        let at = |i: usize| self.state[i].get();
        for i in 0..N {
            let y = (at(i) & 0x8000_0000) | (at((i + 1) % N) & 0x7FFF_FFFF);
            let magic = if y & 1 != 0 { 0x9908_B0DF } else { 0 };
            self.state[i].set(at((i + M) % N) ^ (y >> 1) ^ magic);
        }
        self.index.set(0);
    }

    fn next(&self) -> u32 {
        if self.index.get() >= N {
            self.twist();
        }
        let mut y = self.state[self.index.get()].get();
        self.index.set(self.index.get() + 1);
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C_5680;
        y ^= (y << 15) & 0xEFC6_0000;
        y ^ (y >> 18)
    }

    fn float(&self) -> f64 {
        let (a, b) = ((self.next() >> 5) as f64, (self.next() >> 6) as f64);
        (a * 67_108_864.0 + b) * (1.0 / 9_007_199_254_740_992.0)
    }
}

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let (shape, _) = plain_or_subclass(vm, args)?;
    let payload = Random { state: std::array::from_fn(|_| Cell::new(0)), index: Cell::new(N) };
    let this = vm.root(vm.native_of_shape(shape, payload).value());
    let none = vm.root(Value::NONE);
    let given = args.len() - args.keyword_count() > 1;
    seed_with(vm, this, if given { args.local(1) } else { none })?;
    Ok(vm.ret(vm.get(this)))
}

fn plain_or_subclass(vm: &Vm, args: Args) -> Result<(u32, usize), Raised> {
    let shape = native_new_shape(vm, args, &RANDOM_TYPE)?;
    if shape == vm.native_shape(&RANDOM_TYPE) {
        return plain_new(vm, args, &RANDOM_TYPE, 0, 1);
    }
    Ok((shape, 0))
}

fn init(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Random>(vm)?;
    Ok(vm.none())
}

fn this(vm: &Vm, l: Local) -> Gc<'_, Native<Random>> {
    vm.get(l).payload().expect("the caller has checked that it is a generator")
}

fn seed_with(vm: &mut Vm, generator: Local, arg: Local) -> Result<(), Raised> {
    let v = vm.get(arg);
    if v.is_none() {
        let mut bytes = [0u8; 64];
        crate::entropy::fill(vm, &mut bytes)?;
        let key: Vec<u32> =
            bytes.chunks_exact(4).map(|c| u32::from_ne_bytes([c[0], c[1], c[2], c[3]])).collect();
        this(vm, generator).fill_by_array(&key);
        return Ok(());
    }
    let n = match vm.as_big(v).filter(|_| vm.is_int(v)) {
        Some(n) => n,
        None => IBig::from(vm.hash(arg)?),
    };
    let (_, magnitude) = n.into_parts();
    let bytes = magnitude.to_le_bytes();
    let mut key: Vec<u32> = bytes
        .chunks(4)
        .map(|c| c.iter().rev().fold(0u32, |word, b| word << 8 | *b as u32))
        .collect();
    if key.is_empty() {
        key.push(0);
    }
    this(vm, generator).fill_by_array(&key);
    Ok(())
}

fn seed(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Random>(vm)?;
    let arg = vm.root(args.opt(vm, 1).unwrap_or(Value::NONE));
    seed_with(vm, args.local(0), arg)?;
    Ok(vm.none())
}

fn random(vm: &mut Vm, args: Args) -> NativeResult {
    let x = args.payload::<Random>(vm)?.float();
    Ok(vm.ret(vm.float(x)))
}

fn getrandbits(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Random>(vm)?;
    let k = vm.index_i64(args.local(1))?;
    if k < 0 {
        raise!(vm, ValueError, "Cannot convert negative int");
    }
    let vm = &*vm;
    let this = args.payload::<Random>(vm)?;
    match k {
        0 => Ok(vm.ret(Value::from_i32(0))),
        1..=32 => Ok(vm.ret(vm.int((this.next() >> (32 - k)) as i64))),
        _ => {
            let words = (k as usize).div_ceil(32);
            vm.check_size(words * 4)?;
            let mut bytes = Vec::with_capacity(words * 4);
            for i in 0..words {
                let mut word = this.next();
                let left = k as usize - i * 32;
                if left < 32 {
                    word >>= 32 - left;
                }
                bytes.extend_from_slice(&word.to_le_bytes());
            }
            Ok(vm.ret(vm.int_from_big(&IBig::from(UBig::from_le_bytes(&bytes)))))
        }
    }
}

fn getstate(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let this = args.payload::<Random>(vm)?;
    let words = this.r().state.iter().map(|w| vm.int(w.get() as i64));
    let index = vm.int_usize(this.index.get());
    Ok(vm.ret(vm.tuple_from(N + 1, words.chain([index])).value()))
}

fn setstate(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<Random>(vm)?;
    let state = vm.get(args.local(1));
    if state.cast::<Tuple>().is_none() {
        raise!(vm, TypeError, "state vector must be a tuple");
    }
    if seq_len(state) != N + 1 {
        raise!(vm, ValueError, "state vector is the wrong size");
    }
    let mut words = [0u32; N];
    for i in 0..=N {
        let word = vm.root(seq_item(vm, vm.get(args.local(1)), i).expect("inside"));
        if !vm.is_int(vm.get(word)) {
            raise!(vm, TypeError, "an integer is required");
        }
        let n = vm.index_i64(word)?;
        if i == N {
            if !(0..=N as i64).contains(&n) {
                raise!(vm, ValueError, "invalid state");
            }
            let this = args.payload::<Random>(vm)?;
            for (cell, word) in this.state.iter().zip(words) {
                cell.set(word);
            }
            this.index.set(n as usize);
        } else {
            words[i] = n as u32;
        }
    }
    Ok(vm.none())
}
