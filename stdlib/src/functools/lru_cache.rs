//! The wrapper that `lru_cache` makes. The cache is a dict, least recently used items first; an item
//! that is used goes to the end.

use crate::prelude::*;
use sidewinder_interpreter::builtins::{dict, object};
use sidewinder_interpreter::object::table::Lookup;

/// A function with a cache.
#[derive(Trace)]
pub struct LruCache {
    func: Slot,
    cache: Slot,
    cache_info: Slot,
    /// Stands before the keywords in a key.
    mark: Slot,
    /// Negative: no limit.
    max: Cell<i64>,
    typed: Cell<bool>,
    hits: Cell<u64>,
    misses: Cell<u64>,
}
native_type!(
    LruCache,
    LRU_CACHE,
    "functools",
    "_lru_cache_wrapper",
    "Create a cached callable that wraps another function.",
    ClassFlags::BASE | ClassFlags::HAS_DICT | ClassFlags::MODULE_IN_MESSAGES,
    [
        NativeDef::static_method(
            "__new__($type, user_function, maxsize, typed, cache_info_type)",
            new,
            ""
        ),
        NativeDef::method("__call__($self, /, *args, **kwargs)", call, "Call self as a function.")
            .raw(),
        NativeDef::method(
            "__get__($self, instance, owner=None, /)",
            get,
            "Return an attribute of instance, which is of type owner."
        ),
        NativeDef::method("cache_info($self, /)", cache_info, "Report cache statistics"),
        NativeDef::method(
            "cache_clear($self, /)",
            cache_clear,
            "Clear the cache and cache statistics"
        ),
        NativeDef::method(
            "__reduce__($self, /)",
            |vm, args| {
                args.payload::<LruCache>(vm)?;
                vm.getattr_str(args.local(0), "__qualname__")
            },
            ""
        ),
        NativeDef::method("__copy__($self, /)", itself, ""),
        NativeDef::method("__deepcopy__($self, memo, /)", itself, ""),
    ],
    [GetSetDef::new("__dict__", object::get_dict, "").with_set(object::replace_dict)]
);

fn new(vm: &mut Vm, args: Args) -> NativeResult {
    let shape = native_new_shape(vm, args, &LRU_CACHE)?;
    if vm.special_of(args.get(vm, 1), Special::Call).is_none() {
        raise!(vm, TypeError, "the first argument must be callable");
    }
    let max = if args.get(vm, 2).is_none() {
        -1
    } else if vm.is_int(args.get(vm, 2)) {
        vm.index_i64(args.local(2))?.max(0)
    } else {
        raise!(vm, TypeError, "maxsize should be integer or None");
    };
    let typed = vm.truth(args.local(3))?;
    let vm = &*vm;
    let mark = vm.new_instance(vm.class(ClassId::Object));
    let payload = LruCache {
        func: slot(args.get(vm, 1)),
        cache: slot(vm.dict().value()),
        cache_info: slot(args.get(vm, 4)),
        mark: slot(mark.value()),
        max: Cell::new(max),
        typed: Cell::new(typed),
        hits: Cell::new(0),
        misses: Cell::new(0),
    };
    Ok(vm.ret(vm.native_of_shape(shape, payload).value()))
}

fn this(vm: &Vm, args: Args) -> Gc<'_, Native<LruCache>> {
    args.get(vm, 0).payload().expect("checked before")
}

/// The key of a call: its one argument, if that is an int or a str, else a tuple.
fn key<'gc>(vm: &'gc Vm, args: Args) -> Value<'gc> {
    let given = args.len() - args.keyword_count();
    let typed = this(vm, args).typed.get();
    if !typed && args.keyword_count() == 0 && given == 2 {
        let only = args.get(vm, 1);
        if vm.is_exact(only, ClassId::Int) || vm.is_exact(only, ClassId::Str) {
            return only;
        }
    }
    let mut parts: Vec<Value<'_>> = (1..given).map(|i| args.get(vm, i)).collect();
    if let Some(names) = args.keyword_names(vm).cast::<Tuple>() {
        parts.push(this(vm, args).r().mark.get(vm));
        for i in 0..names.len() {
            parts.push(names.item(vm, i));
            parts.push(args.get(vm, given + i));
        }
    }
    if typed {
        let classes: Vec<_> =
            (1..args.len()).map(|i| vm.class_of(args.get(vm, i)).value()).collect();
        parts.extend(classes);
    }
    vm.tuple(&parts).value()
}

fn call(vm: &mut Vm, args: Args) -> NativeResult {
    let max = args.payload::<LruCache>(vm)?.max.get();
    let func = vm.root(this(vm, args).func.get(vm));
    if max == 0 {
        let t = this(vm, args);
        t.misses.set(t.misses.get() + 1);
        return forward(vm, func, args, 1);
    }
    let key = vm.root(key(vm, args));
    let cache = vm.root(this(vm, args).cache.get(vm));
    // Most keys are found without Python code.
    let known = {
        let vm = &*vm;
        vm.hash_leaf(vm.get(key)).map(|hash| {
            let d = dict::dict_in(vm, cache);
            (hash, vm.table_find(&*d, vm.get(key), hash, None))
        })
    };
    if let Some((hash, Lookup::Found(i))) = known {
        let vm = &*vm;
        let d = dict::dict_in(vm, cache);
        let value = vm.table_value(&*d, i);
        // An unlimited cache needs no order; the last item is in its place.
        if max > 0
            && i + 1 < vm.table_used(&*d)
            && let Some((kept, value, _)) = vm.table_entry(&*d, i)
        {
            vm.table_delete(d, i);
            vm.table_add(d, kept, hash, value);
        }
        let t = this(vm, args);
        t.hits.set(t.hits.get() + 1);
        return Ok(vm.ret(value));
    }
    // In its own words, not those of a dict, is said what cannot be a key.
    let hash = match known {
        Some((hash, _)) => hash,
        None => vm.hash(key)?,
    };
    let missing = matches!(known, Some((_, Lookup::Missing)));
    if !missing && vm.dict_get_hashed(cache, key, hash)? {
        let value = vm.hold_result();
        if max > 0 && vm.dict_del_hashed(cache, key, hash)? {
            vm.dict_set_hashed(cache, key, hash, value)?;
        }
        let t = this(vm, args);
        t.hits.set(t.hits.get() + 1);
        return Ok(vm.ret(vm.get(value)));
    }
    let t = this(vm, args);
    t.misses.set(t.misses.get() + 1);
    let value = forward(vm, func, args, 1)?;
    let value = vm.hold(value);
    // The call itself may have filled the cache, with this very key even.
    if vm.dict_get_hashed(cache, key, hash)? {
        return Ok(vm.ret(vm.get(value)));
    }
    let d = dict::dict_in(vm, cache);
    if max > 0
        && d.len.get() as i64 >= max
        && let Some(oldest) = vm.table_first(&*d)
    {
        vm.table_delete(d, oldest);
    }
    vm.dict_set_hashed(cache, key, hash, value)?;
    Ok(vm.ret(vm.get(value)))
}

fn get(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<LruCache>(vm)?;
    let vm = &*vm;
    let instance = args.get(vm, 1);
    if instance.is_none() {
        return Ok(vm.ret(args.get(vm, 0)));
    }
    Ok(vm.ret(vm.bound_method(args.get(vm, 0), instance).value()))
}

fn cache_info(vm: &mut Vm, args: Args) -> NativeResult {
    args.payload::<LruCache>(vm)?;
    let make = vm.root(this(vm, args).cache_info.get(vm));
    let parts = {
        let vm = &*vm;
        let t = this(vm, args);
        let size = t.cache.get_as::<Dict>(vm).map_or(0, |d| d.len.get());
        let max = if t.max.get() < 0 { Value::NONE } else { vm.int(t.max.get()) };
        let numbers = [vm.int(t.hits.get() as i64), vm.int(t.misses.get() as i64)];
        [numbers[0], numbers[1], max, vm.int_usize(size)].map(|v| vm.root(v))
    };
    vm.call(make, &parts)
}

fn cache_clear(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let t = args.payload::<LruCache>(vm)?;
    t.hits.set(0);
    t.misses.set(0);
    if let Some(d) = t.cache.get_as::<Dict>(vm) {
        vm.table_clear(d);
    }
    Ok(vm.none())
}
