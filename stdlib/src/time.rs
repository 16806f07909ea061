//! Module time.

use crate::structseq;
use sidewinder_interpreter::builtins::{ClassId, GetSetDef, TypeDef};
use sidewinder_interpreter::object::*;
use sidewinder_interpreter::raise;
use sidewinder_interpreter::vm::parker::Parker;
use sidewinder_interpreter::vm::startup::ModuleDef;
use sidewinder_interpreter::{Args, Local, NativeDef, NativeResult, Raised, Value, Vm};
use std::time::{Duration, Instant};

/// The module.
pub static TIME: ModuleDef = ModuleDef {
    name: "time",
    doc: "Clocks, and dates in text and numbers.",
    functions: &[
        NativeDef::function("time()", time, "Seconds since the epoch, a float."),
        NativeDef::function("time_ns()", time_ns, "Nanoseconds since the epoch, an int."),
        NativeDef::function(
            "perf_counter()",
            monotonic,
            "Seconds of the clock for measuring, a float.",
        ),
        NativeDef::function(
            "perf_counter_ns()",
            monotonic_ns,
            "Nanoseconds of the clock for measuring, an int.",
        ),
        NativeDef::function(
            "monotonic()",
            monotonic,
            "Seconds of a clock that never goes back, a float.",
        ),
        NativeDef::function(
            "monotonic_ns()",
            monotonic_ns,
            "Nanoseconds of a clock that never goes back, an int.",
        ),
        NativeDef::function(
            "process_time()",
            process_time,
            "Seconds of processor time of the process, a float.",
        ),
        NativeDef::function(
            "process_time_ns()",
            process_time_ns,
            "Nanoseconds of processor time of the process, an int.",
        ),
        NativeDef::function(
            "thread_time()",
            thread_time,
            "Seconds of processor time of the thread, a float.",
        ),
        NativeDef::function(
            "thread_time_ns()",
            thread_time_ns,
            "Nanoseconds of processor time of the thread, an int.",
        ),
        NativeDef::function("sleep(seconds, /)", sleep, "Wait."),
        NativeDef::function("get_clock_info(name, /)", clock_info, "What a clock is like."),
        NativeDef::function(
            "gmtime(seconds=None, /)",
            gmtime,
            "UTC date of a time since the epoch.",
        ),
        NativeDef::function(
            "localtime(seconds=None, /)",
            localtime,
            "Local date of a time since the epoch.",
        ),
        NativeDef::function(
            "mktime(time_tuple, /)",
            mktime,
            "The time since the epoch of a local date.",
        ),
        NativeDef::function("strftime(format, time_tuple=None, /)", strftime, "A date as text."),
        NativeDef::function(
            "asctime(time_tuple=None, /)",
            asctime,
            "A date as text, as in 'Sat Jun  6 16:26:11 1998'.",
        ),
        NativeDef::function(
            "ctime(seconds=None, /)",
            ctime,
            "The local date of a time since the epoch, as text.",
        ),
    ],
    types: &[&STRUCT_TIME],
    exec: Some(exec),
};

fn clock_info(vm: &mut Vm, args: Args) -> NativeResult {
    let vm = &*vm;
    let name = vm.text_of(args.str(vm, 0)?.value());
    let (clock, number, steady) = match &*name {
        "time" => ("CLOCK_REALTIME", libc::CLOCK_REALTIME, false),
        "monotonic" | "perf_counter" => ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC, true),
        "process_time" => ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID, true),
        "thread_time" => ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID, true),
        _ => raise!(vm, ValueError, "unknown clock"),
    };
    let mut resolution = libc::timespec { tv_sec: 0, tv_nsec: 1 };
    crate::posix::support::sys!(libc::clock_getres(number, &mut resolution));
    let seconds = resolution.tv_sec as f64 + resolution.tv_nsec as f64 * 1e-9;
    let info = crate::namespace::namespace(
        vm,
        &[
            ("implementation", vm.str(&format!("clock_gettime({clock})")).value()),
            ("monotonic", Value::from_bool(steady)),
            ("adjustable", Value::from_bool(!steady)),
            ("resolution", vm.float(seconds)),
        ],
    );
    Ok(vm.ret(info))
}

/// A date: year, month, day, hour, minute, second, weekday, day of the year, summer time.
pub static STRUCT_TIME: TypeDef = TypeDef {
    module: "time",
    base: ClassId::Tuple,
    doc: "A date as a tuple with named fields.",
    flags: ClassFlags::SEQUENCE,
    methods: &[
        NativeDef::static_method(
            "__new__($type, sequence, /)",
            struct_time_new,
            "A date from its nine numbers.",
        ),
        NativeDef::method("__repr__($self, /)", struct_time_repr, "Return repr(self)."),
    ],
    getset: &[
        GetSetDef::new("tm_year", structseq::field::<0>, "Year, for example 1993."),
        GetSetDef::new("tm_mon", structseq::field::<1>, "Month, 1 to 12."),
        GetSetDef::new("tm_mday", structseq::field::<2>, "Day of the month, 1 to 31."),
        GetSetDef::new("tm_hour", structseq::field::<3>, "Hour, 0 to 23."),
        GetSetDef::new("tm_min", structseq::field::<4>, "Minute, 0 to 59."),
        GetSetDef::new("tm_sec", structseq::field::<5>, "Second, 0 to 61."),
        GetSetDef::new("tm_wday", structseq::field::<6>, "Day of the week, Monday is 0."),
        GetSetDef::new("tm_yday", structseq::field::<7>, "Day of the year, 1 to 366."),
        GetSetDef::new(
            "tm_isdst",
            structseq::field::<8>,
            "1 in summer time, 0 if not, -1 if not known.",
        ),
    ],
    ..TypeDef::new("struct_time", Kind::Tuple)
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let winter = Date::local(0)?;
    let vm = &*vm;
    let summer = Date::local(182 * 86_400).unwrap_or(winter);
    let (standard, other) =
        if winter.offset <= summer.offset { (winter, summer) } else { (summer, winter) };
    vm.module_set(module, "timezone", vm.int(-standard.offset));
    vm.module_set(module, "altzone", vm.int(-other.offset));
    let daylight = standard.offset != other.offset;
    vm.module_set(module, "daylight", Value::from_i32(daylight as i32));
    let names = [vm.str(&standard.zone()).value(), vm.str(&other.zone()).value()];
    vm.module_set(module, "tzname", vm.tuple(&names).value());
    Ok(())
}

/// Nanoseconds of a clock of the system.
fn clock(id: libc::clockid_t) -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid place for the result.
    unsafe { libc::clock_gettime(id, &raw mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

fn seconds(vm: &mut Vm, id: libc::clockid_t) -> NativeResult {
    let now = clock(id);
    let now = vm.float(now as f64 * 1e-9);
    Ok(vm.ret(now))
}

fn nanoseconds(vm: &mut Vm, id: libc::clockid_t) -> NativeResult {
    let now = vm.int(clock(id));
    Ok(vm.ret(now))
}

fn time(vm: &mut Vm, _: Args) -> NativeResult {
    seconds(vm, libc::CLOCK_REALTIME)
}
fn time_ns(vm: &mut Vm, _: Args) -> NativeResult {
    nanoseconds(vm, libc::CLOCK_REALTIME)
}
fn monotonic(vm: &mut Vm, _: Args) -> NativeResult {
    seconds(vm, libc::CLOCK_MONOTONIC)
}
fn monotonic_ns(vm: &mut Vm, _: Args) -> NativeResult {
    nanoseconds(vm, libc::CLOCK_MONOTONIC)
}
fn process_time(vm: &mut Vm, _: Args) -> NativeResult {
    seconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)
}
fn process_time_ns(vm: &mut Vm, _: Args) -> NativeResult {
    nanoseconds(vm, libc::CLOCK_PROCESS_CPUTIME_ID)
}
fn thread_time(vm: &mut Vm, _: Args) -> NativeResult {
    seconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)
}
fn thread_time_ns(vm: &mut Vm, _: Args) -> NativeResult {
    nanoseconds(vm, libc::CLOCK_THREAD_CPUTIME_ID)
}

fn sleep(vm: &mut Vm, args: Args) -> NativeResult {
    let v = args.get(vm, 0);
    let number = vm.as_f64(v).is_some() || vm.is_int(v);
    if !number && vm.special_of(v, sidewinder_interpreter::vm::Special::Index).is_none() {
        let given = vm.type_name(v);
        raise!(vm, TypeError, "'{given}' object cannot be interpreted as an integer or float");
    }
    let seconds = vm.float_of(args.local(0))?;
    if seconds.is_nan() {
        raise!(vm, ValueError, "Invalid value NaN (not a number)");
    }
    if seconds < 0.0 {
        raise!(vm, ValueError, "sleep length must be non-negative");
    }
    let Ok(wait) = Duration::try_from_secs_f64(seconds) else {
        raise!(vm, OverflowError, "timestamp too large to convert to C PyTime_t");
    };
    let end = Instant::now() + wait;
    // Nobody wakes the parker; a signal ends the wait, and its handler runs at the safepoint.
    let parker = Parker::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        vm.interruptible(|| parker.wait(Some(left)))?;
        vm.safepoint()?;
        if end <= Instant::now() {
            return Ok(vm.none());
        }
    }
}

/// A date in numbers.
#[derive(Clone, Copy, Default)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    /// Monday is 0.
    weekday: i64,
    /// From 1.
    yearday: i64,
    dst: i64,
    /// Seconds east of UTC.
    offset: i64,
    zone: [u8; 8],
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Days since 1970-01-01 of a date in the Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Date {
    /// The UTC date of a time since the epoch.
    fn utc(time: i64) -> Date {
        let (days, rest) = (time.div_euclid(86_400), time.rem_euclid(86_400));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * of_year + 2) / 153;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let year = era * 400 + year_of_era + (month <= 2) as i64;
        Date {
            year,
            month,
            day: of_year - (153 * m + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 3).rem_euclid(7),
            yearday: days - days_from_civil(year, 1, 1) + 1,
            dst: 0,
            offset: 0,
            zone: *b"UTC\0\0\0\0\0",
        }
    }

    /// The local date of a time since the epoch.
    fn local(time: i64) -> Result<Date, Raised> {
        // SAFETY: all zeros is a valid tm.
        let mut tm: libc::tm = unsafe { std::mem::zeroed() };
        // SAFETY: both places are valid.
        let done = unsafe { libc::localtime_r(&raw const time, &raw mut tm) };
        if done.is_null() {
            return Ok(Date::utc(time));
        }
        let mut zone = [0; 8];
        if !tm.tm_zone.is_null() {
            // SAFETY: the zone's name ends with a nul.
            let name = unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }.to_bytes();
            let n = name.len().min(8);
            zone[..n].copy_from_slice(&name[..n]);
        }
        Ok(Date {
            year: tm.tm_year as i64 + 1900,
            month: tm.tm_mon as i64 + 1,
            day: tm.tm_mday as i64,
            hour: tm.tm_hour as i64,
            minute: tm.tm_min as i64,
            second: tm.tm_sec as i64,
            weekday: (tm.tm_wday as i64 + 6) % 7,
            yearday: tm.tm_yday as i64 + 1,
            dst: tm.tm_isdst as i64,
            offset: tm.tm_gmtoff,
            zone,
        })
    }

    fn zone(&self) -> String {
        let n = self.zone.iter().position(|b| *b == 0).unwrap_or(self.zone.len());
        String::from_utf8_lossy(&self.zone[..n]).into_owned()
    }

    fn fields(&self) -> [i64; 9] {
        [
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.weekday,
            self.yearday,
            self.dst,
        ]
    }

    /// From a tuple of nine ints.
    fn from_tuple(vm: &mut Vm, tuple: Local) -> Result<Date, Raised> {
        let Some(len) = vm.get(tuple).cast::<Tuple>().map(|t| t.len()) else {
            raise!(vm, TypeError, "Tuple or struct_time argument required");
        };
        if len != 9 {
            raise!(vm, TypeError, "function takes exactly 9 arguments ({len} given)");
        }
        let mut numbers = [0; 9];
        for (i, number) in numbers.iter_mut().enumerate() {
            let item = vm.get(tuple).cast::<Tuple>().map(|t| t.r().item(vm, i));
            let item = vm.root(item.unwrap_or(Value::NONE));
            *number = vm.index_i64(item)?;
        }
        let [year, month, day, hour, minute, second, weekday, yearday, dst] = numbers;
        // 0 is taken for 1, as in CPython.
        let (month, day) = (month + (month == 0) as i64, day + (day == 0) as i64);
        let yearday = yearday + (yearday == 0) as i64;
        for (value, low, high, what) in [
            (month, 1, 12, "month"),
            (day, 1, 31, "day of month"),
            (hour, 0, 23, "hour"),
            (minute, 0, 59, "minute"),
            (second, 0, 61, "seconds"),
            (yearday, 1, 366, "day of year"),
        ] {
            if value < low || value > high {
                raise!(vm, ValueError, "{what} out of range");
            }
        }
        let weekday = weekday.rem_euclid(7);
        Ok(Date {
            year,
            month,
            day,
            hour,
            minute,
            second,
            weekday,
            yearday,
            dst,
            ..Date::default()
        })
    }

    fn asctime(&self) -> String {
        format!(
            "{} {} {:2} {:02}:{:02}:{:02} {}",
            &DAYS[self.weekday as usize][..3],
            &MONTHS[self.month as usize - 1][..3],
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.year
        )
    }

    /// Year and week by ISO 8601.
    fn iso_week(&self) -> (i64, i64) {
        let week = (self.yearday - 1 - self.weekday + 10).div_euclid(7);
        let long = |year: i64| {
            let first = (days_from_civil(year, 1, 1) + 3).rem_euclid(7);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            first == 3 || (leap && first == 2)
        };
        if week < 1 {
            (self.year - 1, if long(self.year - 1) { 53 } else { 52 })
        } else if week == 53 && !long(self.year) {
            (self.year + 1, 1)
        } else {
            (self.year, week)
        }
    }

    fn directive(&self, c: char, out: &mut String) {
        use std::fmt::Write;
        let twelve = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
        let day = DAYS[self.weekday as usize];
        let month = MONTHS[self.month as usize - 1];
        let all = |out: &mut String, format: &str| out.push_str(&self.format(format));
        let _ = match c {
            'a' => write!(out, "{}", &day[..3]),
            'A' => write!(out, "{day}"),
            'b' | 'h' => write!(out, "{}", &month[..3]),
            'B' => write!(out, "{month}"),
            'c' => write!(out, "{}", self.asctime()),
            'C' => write!(out, "{:02}", self.year.div_euclid(100)),
            'd' => write!(out, "{:02}", self.day),
            'e' => write!(out, "{:2}", self.day),
            'G' => write!(out, "{}", self.iso_week().0),
            'g' => write!(out, "{:02}", self.iso_week().0.rem_euclid(100)),
            'V' => write!(out, "{:02}", self.iso_week().1),
            'H' => write!(out, "{:02}", self.hour),
            'I' => write!(out, "{twelve:02}"),
            'k' => write!(out, "{:2}", self.hour),
            'l' => write!(out, "{twelve:2}"),
            'j' => write!(out, "{:03}", self.yearday),
            'm' => write!(out, "{:02}", self.month),
            'M' => write!(out, "{:02}", self.minute),
            'n' => writeln!(out),
            't' => write!(out, "\t"),
            'p' => write!(out, "{}", if self.hour < 12 { "AM" } else { "PM" }),
            'S' => write!(out, "{:02}", self.second),
            's' => write!(out, "{}", self.since_epoch() - self.offset),
            'u' => write!(out, "{}", self.weekday + 1),
            'w' => write!(out, "{}", (self.weekday + 1) % 7),
            'U' => write!(out, "{:02}", (self.yearday + 6 - (self.weekday + 1) % 7) / 7),
            'W' => write!(out, "{:02}", (self.yearday + 6 - self.weekday) / 7),
            'y' => write!(out, "{:02}", self.year.rem_euclid(100)),
            'Y' => write!(out, "{}", self.year),
            'z' => {
                let (sign, n) =
                    if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
                write!(out, "{sign}{:02}{:02}", n / 3600, n / 60 % 60)
            }
            'Z' => write!(out, "{}", self.zone()),
            '%' => write!(out, "%"),
            'D' | 'x' => {
                all(out, "%m/%d/%y");
                Ok(())
            }
            'F' => {
                all(out, "%Y-%m-%d");
                Ok(())
            }
            'R' => {
                all(out, "%H:%M");
                Ok(())
            }
            'r' => {
                all(out, "%I:%M:%S %p");
                Ok(())
            }
            'T' | 'X' => {
                all(out, "%H:%M:%S");
                Ok(())
            }
            other => write!(out, "%{other}"),
        };
    }

    fn format(&self, format: &str) -> String {
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some(c) => self.directive(c, &mut out),
                None => out.push('%'),
            }
        }
        out
    }

    /// Seconds since the epoch if this is a UTC date.
    fn since_epoch(&self) -> i64 {
        days_from_civil(self.year, self.month, self.day) * 86_400
            + self.hour * 3600
            + self.minute * 60
            + self.second
    }
}

/// A time since the epoch: argument 0, or now.
fn when(vm: &mut Vm, args: Args) -> Result<i64, Raised> {
    let Some(v) = args.not_none(vm, 0) else {
        return Ok(clock(libc::CLOCK_REALTIME).div_euclid(1_000_000_000));
    };
    let time = match vm.as_f64(v) {
        Some(f) => f.floor(),
        None => vm.index_i64(args.local(0))? as f64,
    };
    if time.is_nan() {
        raise!(vm, ValueError, "Invalid value NaN (not a number)");
    }
    // Years that fit a C int.
    if time.abs() > 6.7e16 {
        raise!(vm, OverflowError, "timestamp out of range for platform time_t");
    }
    Ok(time as i64)
}

fn struct_time<'gc>(vm: &'gc Vm, date: &Date) -> Value<'gc> {
    let fields = date.fields().map(|n| vm.int(n));
    structseq::new(vm, &STRUCT_TIME, &fields).value()
}

fn struct_time_new(vm: &mut Vm, args: Args) -> NativeResult {
    let ret = vm.collect_tuple(args.local(1))?;
    let vm = &*vm;
    let items: Gc<'_, Tuple> = vm.value(ret).cast().expect("a tuple");
    if items.len() != 9 {
        let n = items.len();
        if n < 9 {
            raise!(
                vm,
                TypeError,
                "time.struct_time() takes an at least 9-sequence ({n}-sequence given)"
            );
        }
        raise!(
            vm,
            TypeError,
            "time.struct_time() takes an at most 11-sequence ({n}-sequence given)"
        );
    }
    let items: Vec<Value<'_>> = items.items().iter().map(|s| s.get(vm)).collect();
    Ok(vm.ret(structseq::new(vm, &STRUCT_TIME, &items).value()))
}

fn struct_time_repr(vm: &mut Vm, args: Args) -> NativeResult {
    let n = args.this::<Tuple>(vm)?.len();
    let mut parts = Vec::new();
    for (i, field) in STRUCT_TIME.getset.iter().enumerate().take(n) {
        let item = vm.root(args.this::<Tuple>(vm)?.item(vm, i));
        parts.push(format!("{}={}", field.name, vm.repr_text(item)?));
    }
    let text = vm.str(&format!("time.struct_time({})", parts.join(", "))).value();
    Ok(vm.ret(text))
}

fn gmtime(vm: &mut Vm, args: Args) -> NativeResult {
    let time = when(vm, args)?;
    let vm = &*vm;
    Ok(vm.ret(struct_time(vm, &Date::utc(time))))
}

fn localtime(vm: &mut Vm, args: Args) -> NativeResult {
    let time = when(vm, args)?;
    let date = Date::local(time)?;
    let vm = &*vm;
    Ok(vm.ret(struct_time(vm, &date)))
}

fn mktime(vm: &mut Vm, args: Args) -> NativeResult {
    let date = Date::from_tuple(vm, args.local(0))?;
    // SAFETY: all zeros is a valid tm.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_year = (date.year - 1900) as i32;
    tm.tm_mon = (date.month - 1) as i32;
    tm.tm_mday = date.day as i32;
    tm.tm_hour = date.hour as i32;
    tm.tm_min = date.minute as i32;
    tm.tm_sec = date.second as i32;
    tm.tm_isdst = date.dst as i32;
    // SAFETY: `tm` is valid.
    let time = unsafe { libc::mktime(&raw mut tm) };
    let time = vm.float(time as f64);
    Ok(vm.ret(time))
}

/// The date that argument `i` is, or now.
fn date_or_now(vm: &mut Vm, args: Args, i: usize) -> Result<Date, Raised> {
    if args.not_none(vm, i).is_some() {
        return Date::from_tuple(vm, args.local(i));
    }
    Date::local(clock(libc::CLOCK_REALTIME).div_euclid(1_000_000_000))
}

fn strftime(vm: &mut Vm, args: Args) -> NativeResult {
    args.str(vm, 0)?;
    let date = date_or_now(vm, args, 1)?;
    let vm = &*vm;
    let format = vm.text_of(args.get(vm, 0));
    Ok(vm.ret(vm.str(&date.format(&format)).value()))
}

fn asctime(vm: &mut Vm, args: Args) -> NativeResult {
    let date = date_or_now(vm, args, 0)?;
    let vm = &*vm;
    Ok(vm.ret(vm.str(&date.asctime()).value()))
}

fn ctime(vm: &mut Vm, args: Args) -> NativeResult {
    let time = when(vm, args)?;
    let date = Date::local(time)?;
    let vm = &*vm;
    Ok(vm.ret(vm.str(&date.asctime()).value()))
}
