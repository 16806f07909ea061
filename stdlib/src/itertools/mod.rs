//! `itertools`: iterators built from iterators.

#![forbid(unsafe_code)]

mod chains;
mod combinations;
mod counting;
mod filters;
mod groups;
mod tee;
mod windows;

use crate::prelude::*;

/// The module.
pub static ITERTOOLS: ModuleDef = ModuleDef {
    name: "itertools",
    doc: "Iterators built from iterators: infinite ones, those that end with their input, and \
          combinatoric ones.",
    functions: &[NativeDef::function(
        "tee(iterable, n=2, /)",
        tee::tee,
        "A tuple of n independent iterators over one iterable.",
    )],
    types: &[
        &chains::CHAIN,
        &chains::STARMAP,
        &chains::ACCUMULATE,
        &chains::ZIP_LONGEST,
        &combinations::PRODUCT,
        &combinations::PERMUTATIONS,
        &combinations::COMBINATIONS,
        &combinations::COMBINATIONS_WITH_REPLACEMENT,
        &counting::COUNT,
        &counting::CYCLE,
        &counting::REPEAT,
        &filters::COMPRESS,
        &filters::DROPWHILE,
        &filters::FILTERFALSE,
        &filters::TAKEWHILE,
        &groups::GROUPBY,
        &groups::GROUPER,
        &tee::TEE,
        &tee::TEE_DATA,
        &windows::BATCHED,
        &windows::ISLICE,
        &windows::PAIRWISE,
    ],
    exec: None,
};
