//! The derive macro sees every field.

use sidewinder_gc::{Slot, Trace, Tracer, Word};
use std::cell::Cell;
use std::marker::PhantomData;

#[derive(Trace)]
#[allow(dead_code)]
struct Pair<T, U> {
    left: T,
    right: Option<U>,
    count: Cell<u32>,
    life: PhantomData<fn(T)>,
    #[trace(skip)]
    name: &'static str,
}

#[derive(Trace)]
struct Tuple(Slot, [Slot; 3], u8);

#[derive(Trace)]
struct Unit;

#[derive(Trace)]
enum Shape {
    Empty,
    One(Slot),
    Named { first: Slot, second: Box<Slot>, size: usize },
}

fn slots(value: &impl Trace) -> Vec<Word> {
    let mut found = Vec::new();
    // SAFETY: tracers are given slots that can be read.
    let mut push = |slot: *mut Word| found.push(unsafe { *slot } / 8);
    let mut push: &mut dyn FnMut(*mut Word) = &mut push;
    value.trace(&mut Tracer::visitor(&mut push));
    found
}

fn slot(n: Word) -> Slot {
    Slot::new(n * 8)
}

#[test]
fn every_field_is_traced() {
    let pair = Pair {
        left: Tuple(slot(1), [slot(2), Slot::new(3), slot(4)], 8),
        right: Some(slot(5)),
        count: Cell::new(8),
        life: PhantomData,
        name: "skipped",
    };
    assert_eq!(slots(&pair), [1, 2, 4, 5]);
    assert_eq!(slots(&Unit), []);
    assert_eq!(slots(&(slot(1), vec![slot(2)])), [1, 2]);
}

#[test]
fn the_variant_is_traced() {
    assert_eq!(slots(&Shape::Empty), []);
    assert_eq!(slots(&Shape::One(slot(1))), [1]);
    let named = Shape::Named { first: slot(1), second: Box::new(slot(2)), size: 16 };
    assert_eq!(slots(&named), [1, 2]);
}
