//! `_collections`: what the bundled `collections` takes from native code.

#![forbid(unsafe_code)]

mod counting;
mod defaultdict;
mod deque;
mod deque_iterators;
mod ordered_dict;

use crate::prelude::*;
use sidewinder_interpreter::builtins::tuple_getter::TUPLEGETTER;

/// The module.
pub static COLLECTIONS: ModuleDef = ModuleDef {
    name: "_collections",
    doc: "High performance data structures.",
    functions: &[NativeDef::function(
        "_count_elements(mapping, iterable, /)",
        counting::count_elements,
        "Count the items of iterable, updating mapping.",
    )],
    types: &[
        &deque::DEQUE,
        &deque_iterators::FORWARD,
        &deque_iterators::REVERSE,
        &defaultdict::DEFAULTDICT,
        &ordered_dict::ORDERED_DICT,
        &TUPLEGETTER,
    ],
    exec: None,
};
