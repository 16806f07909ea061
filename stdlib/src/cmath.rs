//! Module cmath: functions of complex numbers.
//!
//! The inverse functions go by W. Kahan, "Branch Cuts for Complex Elementary Functions" (1987): no
//! cancellation near the branch points, and the sign of zero decides the side of a cut.

use crate::prelude::*;
use sidewinder_interpreter::builtins::complex::quotient;
use sidewinder_interpreter::object::Complex;
use sidewinder_interpreter::vm::Special;
use std::f64::consts::{E, PI};

#[derive(Clone, Copy)]
struct C(f64, f64);

/// The module.
pub static CMATH: ModuleDef = ModuleDef {
    name: "cmath",
    doc: "Functions of complex numbers.",
    functions: &[
        NativeDef::function("acos(z, /)", py_acos, "The arc cosine."),
        NativeDef::function("acosh(z, /)", py_acosh, "The inverse hyperbolic cosine."),
        NativeDef::function("asin(z, /)", py_asin, "The arc sine."),
        NativeDef::function("asinh(z, /)", py_asinh, "The inverse hyperbolic sine."),
        NativeDef::function("atan(z, /)", py_atan, "The arc tangent."),
        NativeDef::function("atanh(z, /)", py_atanh, "The inverse hyperbolic tangent."),
        NativeDef::function("cos(z, /)", py_cos, "The cosine."),
        NativeDef::function("cosh(z, /)", py_cosh, "The hyperbolic cosine."),
        NativeDef::function("exp(z, /)", py_exp, "e raised to z."),
        NativeDef::function("log(z, base=<unrepresentable>, /)", py_log, "The logarithm."),
        NativeDef::function("log10(z, /)", py_log10, "The logarithm to base 10."),
        NativeDef::function("sin(z, /)", py_sin, "The sine."),
        NativeDef::function("sinh(z, /)", py_sinh, "The hyperbolic sine."),
        NativeDef::function("sqrt(z, /)", py_sqrt, "The square root."),
        NativeDef::function("tan(z, /)", py_tan, "The tangent."),
        NativeDef::function("tanh(z, /)", py_tanh, "The hyperbolic tangent."),
        NativeDef::function("phase(z, /)", phase, "The angle of z."),
        NativeDef::function("polar(z, /)", polar, "Distance from 0 and angle."),
        NativeDef::function("rect(r, phi, /)", rect, "The number at that distance and angle."),
        NativeDef::function("isfinite(z, /)", isfinite, "Whether both parts are finite."),
        NativeDef::function("isinf(z, /)", isinf, "Whether a part is infinite."),
        NativeDef::function("isnan(z, /)", isnan, "Whether a part is not a number."),
        NativeDef::function(
            "isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)",
            isclose,
            "Whether two numbers are close to each other.",
        ),
    ],
    types: &[],
    exec: Some(exec),
};

fn exec(vm: &mut Vm, module: Local) -> Result<(), Raised> {
    let vm = &*vm;
    let real = [("e", E), ("pi", PI), ("tau", 2.0 * PI), ("inf", f64::INFINITY), ("nan", f64::NAN)];
    for (name, value) in real {
        vm.module_set(module, name, vm.float(value));
    }
    vm.module_set(module, "infj", vm.complex(0.0, f64::INFINITY));
    vm.module_set(module, "nanj", vm.complex(0.0, f64::NAN));
    Ok(())
}

/// Argument `i` as a complex number.
fn argument(vm: &mut Vm, args: Args, i: usize) -> Result<C, Raised> {
    let z = args.get(vm, i);
    if let Some(z) = z.cast::<Complex>() {
        return Ok(C(z.re, z.im));
    }
    if vm.as_f64(z).is_none()
        && !vm.is_int(z)
        && let Some(ret) = vm.call_special(args.local(i), Special::Complex, &[])?
    {
        let result = vm.value(ret);
        let Some(z) = result.cast::<Complex>() else {
            let given = vm.type_name(result);
            raise!(vm, TypeError, "__complex__ returned non-complex (type {given})");
        };
        return Ok(C(z.re, z.im));
    }
    Ok(C(vm.float_of(args.local(i))?, 0.0))
}

impl C {
    fn is_finite(self) -> bool {
        self.0.is_finite() && self.1.is_finite()
    }

    /// `i * z`
    fn turned(self) -> C {
        C(-self.1, self.0)
    }

    /// `-i * z`
    fn turned_back(self) -> C {
        C(self.1, -self.0)
    }
}

fn sqrt(C(x, y): C) -> C {
    if y.is_infinite() {
        return C(f64::INFINITY, y);
    }
    if x == 0.0 && y == 0.0 {
        return C(0.0, y);
    }
    // Scaled, so that neither tiny nor huge parts are lost on the way.
    let (ax, ay) = (x.abs() / 8.0, y.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        let (ax, ay) = (x.abs() * 2f64.powi(54), ay * 2f64.powi(54));
        (ax + ax.hypot(ay)).sqrt() * 2f64.powi(-27) / std::f64::consts::SQRT_2
    } else {
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if x >= 0.0 { C(s, d.copysign(y)) } else { C(d, s.copysign(y)) }
}

fn acos(C(x, y): C) -> C {
    let (a, b) = (sqrt(C(1.0 - x, -y)), sqrt(C(1.0 + x, y)));
    C(2.0 * a.0.atan2(b.0), (b.0 * a.1 - b.1 * a.0).asinh())
}

fn acosh(C(x, y): C) -> C {
    let (a, b) = (sqrt(C(x - 1.0, y)), sqrt(C(x + 1.0, y)));
    C((a.0 * b.0 + a.1 * b.1).asinh(), 2.0 * a.1.atan2(b.0))
}

fn asinh(C(x, y): C) -> C {
    let (a, b) = (sqrt(C(1.0 + y, -x)), sqrt(C(1.0 - y, x)));
    C((a.0 * b.1 - b.0 * a.1).asinh(), y.atan2(a.0 * b.0 - a.1 * b.1))
}

fn asin(z: C) -> C {
    asinh(z.turned()).turned_back()
}

fn atanh(C(x, y): C) -> C {
    if x < 0.0 || (x == 0.0 && x.is_sign_negative()) {
        let C(re, im) = atanh(C(-x, -y));
        return C(-re, -im);
    }
    let ay = y.abs();
    const LARGE: f64 = 6.7e153;
    if x > LARGE || ay > LARGE {
        let h = (x / 2.0).hypot(y / 2.0);
        return C(x / 4.0 / h / h, (PI / 2.0).copysign(y));
    }
    if x == 1.0 && ay < 1.5e-154 {
        if ay == 0.0 {
            return C(f64::INFINITY, y);
        }
        let re = -(ay.sqrt() / ay.hypot(2.0).sqrt()).ln();
        return C(re, (2f64.atan2(-ay) / 2.0).copysign(y));
    }
    let re = (4.0 * x / ((1.0 - x) * (1.0 - x) + ay * ay)).ln_1p() / 4.0;
    let im = -(-2.0 * y).atan2((1.0 - x) * (1.0 + x) - ay * ay) / 2.0;
    C(re, im)
}

fn atan(z: C) -> C {
    atanh(z.turned()).turned_back()
}

fn cosh(C(x, y): C) -> C {
    C(y.cos() * x.cosh(), y.sin() * x.sinh())
}

fn sinh(C(x, y): C) -> C {
    C(y.cos() * x.sinh(), y.sin() * x.cosh())
}

fn tanh(C(x, y): C) -> C {
    if x.abs() > 354.0 {
        return C(1f64.copysign(x), 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp());
    }
    let (tx, ty, cx) = (x.tanh(), y.tan(), 1.0 / x.cosh());
    let d = 1.0 + (tx * ty) * (tx * ty);
    C(tx * (1.0 + ty * ty) / d, ty / d * cx * cx)
}

fn cos(z: C) -> C {
    cosh(z.turned())
}

fn sin(z: C) -> C {
    sinh(z.turned()).turned_back()
}

fn tan(z: C) -> C {
    tanh(z.turned()).turned_back()
}

fn exp(C(x, y): C) -> C {
    // The zero of a real argument stays one, also where e^x overflows.
    if y == 0.0 {
        return C(x.exp(), y);
    }
    C(x.exp() * y.cos(), x.exp() * y.sin())
}

fn log(C(x, y): C) -> C {
    let (ax, ay) = (x.abs(), y.abs());
    let h = ax.hypot(ay);
    let re = if (0.71..=1.73).contains(&h) {
        let (big, small) = if ax > ay { (ax, ay) } else { (ay, ax) };
        ((big - 1.0) * (big + 1.0) + small * small).ln_1p() / 2.0
    } else if h.is_infinite() && ax.is_finite() && ay.is_finite() {
        (ax / 2.0).hypot(ay / 2.0).ln() + std::f64::consts::LN_2
    } else {
        h.ln()
    };
    C(re, y.atan2(x))
}

/// The result; ValueError at a pole, OverflowError where a finite argument gives too much.
fn finish(vm: &Vm, z: C, result: C, pole: bool) -> NativeResult {
    if z.is_finite() && !result.is_finite() {
        if pole || result.0.is_nan() || result.1.is_nan() {
            raise!(vm, ValueError, "math domain error");
        }
        raise!(vm, OverflowError, "math range error");
    }
    Ok(vm.ret(vm.complex(result.0, result.1)))
}

macro_rules! functions {
    ($($py:ident $f:ident $pole:literal),* $(,)?) => { $(
        fn $py(vm: &mut Vm, args: Args) -> NativeResult {
            let z = argument(vm, args, 0)?;
            finish(vm, z, $f(z), $pole)
        }
    )* };
}
functions!(
    py_acos acos false, py_acosh acosh false, py_asin asin false, py_asinh asinh false,
    py_atan atan true, py_atanh atanh true, py_cos cos false, py_cosh cosh false,
    py_exp exp false, py_sin sin false, py_sinh sinh false, py_sqrt sqrt false,
    py_tan tan false, py_tanh tanh false,
);

fn py_log(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    if z.0 == 0.0 && z.1 == 0.0 {
        raise!(vm, ValueError, "math domain error");
    }
    let a = log(z);
    if args.opt(vm, 1).is_none() {
        return finish(vm, z, a, true);
    }
    let base = argument(vm, args, 1)?;
    if base.0 == 0.0 && base.1 == 0.0 {
        raise!(vm, ValueError, "math domain error");
    }
    let C(c, d) = log(base);
    match quotient((a.0, a.1), (c, d)) {
        Some((re, im)) => finish(vm, z, C(re, im), true),
        None => raise!(vm, ZeroDivisionError, "division by zero"),
    }
}

fn py_log10(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    if z.0 == 0.0 && z.1 == 0.0 {
        raise!(vm, ValueError, "math domain error");
    }
    let C(re, im) = log(z);
    let ten = std::f64::consts::LN_10;
    finish(vm, z, C(re / ten, im / ten), true)
}

fn phase(vm: &mut Vm, args: Args) -> NativeResult {
    let C(x, y) = argument(vm, args, 0)?;
    Ok(vm.ret(vm.float(y.atan2(x))))
}

fn polar(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    let r = z.0.hypot(z.1);
    if z.is_finite() && r.is_infinite() {
        raise!(vm, OverflowError, "math range error");
    }
    let vm = &*vm;
    Ok(vm.ret(vm.tuple(&[vm.float(r), vm.float(z.1.atan2(z.0))]).value()))
}

fn rect(vm: &mut Vm, args: Args) -> NativeResult {
    let (r, phi) = (vm.float_of(args.local(0))?, vm.float_of(args.local(1))?);
    if phi.is_infinite() && r != 0.0 && !r.is_nan() {
        raise!(vm, ValueError, "math domain error");
    }
    let (re, im) = if phi == 0.0 { (r, r * phi) } else { (r * phi.cos(), r * phi.sin()) };
    Ok(vm.ret(vm.complex(re, im)))
}

fn isfinite(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    Ok(vm.ret(Value::from_bool(z.is_finite())))
}

fn isinf(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    Ok(vm.ret(Value::from_bool(z.0.is_infinite() || z.1.is_infinite())))
}

fn isnan(vm: &mut Vm, args: Args) -> NativeResult {
    let z = argument(vm, args, 0)?;
    Ok(vm.ret(Value::from_bool(z.0.is_nan() || z.1.is_nan())))
}

fn isclose(vm: &mut Vm, args: Args) -> NativeResult {
    let (a, b) = (argument(vm, args, 0)?, argument(vm, args, 1)?);
    let relative = if args.opt(vm, 2).is_some() { vm.float_of(args.local(2))? } else { 1e-9 };
    let absolute = if args.opt(vm, 3).is_some() { vm.float_of(args.local(3))? } else { 0.0 };
    if relative < 0.0 || absolute < 0.0 {
        raise!(vm, ValueError, "tolerances must be non-negative");
    }
    if a.0 == b.0 && a.1 == b.1 {
        return Ok(vm.ret(Value::TRUE));
    }
    let size = |z: C| z.0.hypot(z.1);
    let infinite = [a.0, a.1, b.0, b.1].iter().any(|part| part.is_infinite());
    let difference = size(C(a.0 - b.0, a.1 - b.1));
    let close = !infinite
        && (difference <= relative * size(a)
            || difference <= relative * size(b)
            || difference <= absolute);
    Ok(vm.ret(Value::from_bool(close)))
}
