//! A value read from a field outlives the borrow it came from.
use sidewinder_interpreter::object::{Field, List};
use sidewinder_interpreter::{Args, Value, Vm};

fn f<'a>(vm: &mut Vm, args: Args, keep: &mut Vec<Value<'a>>) {
    if let Ok(list) = args.this::<List>(vm) {
        keep.push(list.array.get(vm));
    }
    vm.collect_now();
}

fn main() {}
