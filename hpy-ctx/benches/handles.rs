//! Nanoseconds for opening and closing a handle.

use sidewinder_hpy_ctx::handle::HandleTable;
use sidewinder_interpreter::{Config, Vm};
use std::hint::black_box;
use std::time::Instant;

/// The best of several runs.
fn measure(name: &str, rounds: u32, mut f: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        for _ in 0..rounds {
            f();
        }
        best = best.min(start.elapsed().as_nanos() as f64 / rounds as f64);
    }
    println!("{name:<44} {best:6.2} ns");
}

fn main() {
    let vm = Vm::new(Config::default());
    let table = HandleTable::default();
    let heap = vm.list(&[]).value().word();
    let small = vm.int(42).word();
    measure("open and close, immediate", 10_000_000, || {
        let h = table.open(black_box(small));
        table.close(black_box(h));
    });
    measure("open and close, heap object", 10_000_000, || {
        let h = table.open(black_box(heap));
        table.close(black_box(h));
    });
    let h = table.open(heap);
    measure("read", 10_000_000, || {
        black_box(table.word(&vm, black_box(h)));
    });
    let mut many = Vec::with_capacity(1000);
    measure("open 1000, close 1000", 10_000, || {
        many.extend((0..1000).map(|_| table.open(black_box(heap))));
        many.drain(..).for_each(|h| table.close(h));
    });
}
