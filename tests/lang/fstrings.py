# f-strings: expressions, conversions, nested specs, debug form, quotes.
name = "Ann"
n = 42
pi = 3.14159265
items = [1, 2, 3]
d = {"key": "value", 'k"2': 2}
print(f"hello {name}", f"{n}", f"{n + 1} {n * 2}", f"{name!r} {name!s} {name!a}", f"{{literal}} {{{n}}}", f"")
print(f"{n:5}|{n:<5}|{n:>5}|{n:^5}|{n:05}|{n:x}|{n:#b}|{pi:.2f}|{pi:10.3f}|{name:>6}|{name:*^9}|{name!r:>8}")
width, precision, fill = 10, 3, "-"
print(f"{pi:{width}.{precision}f}|{name:{fill}^{width}}|{pi:{width}.{precision + 1}}|{n:{'0'}>{width - 2}}")
print(f"{n=} {n = } {n+1=} {name=} {name=!s} {pi=:.2f} {items[0]=} { n =}")
print(f"{d["key"]} {d['key']} {d['k"2']}", f'{d["key"]}', f"{', '.join(str(i) for i in items)}")
print(f"{'nested ' + f'{name + f"{n}"}'}", f"{f'{f"{1 + 1}"}'}")
print(f"{items} {items[1:]} {items[-1]} {[i * i for i in items]} { {1: 2}[1] } {(lambda x: x * 2)(4)} {n if n > 5 else 0}")
print(f"{n!r:>5} {n == 42} {n != 1} {n >= 1} {(y := 5)} {y}")
print(f"""multi
{name}
line {n
}""")
print(f"{
    n  # a comment
    + 1
}")
print(rf"\d{n}\n", fr"{name}\t", f"\x41{n}\u00e9\n", f"{'\n'.join(['a', 'b'])}", f"{'\\'}")
print("a" f"{n}" "b" f"{name}" 'c{not}')
print(f"{1,} {1, 2} {*items, 4} {items, }")
print(f"{True} {None} {...} {1.0} {1e100} {b'x'}")


class F:
    def __format__(self, spec):
        return f"<{spec}>"

    def __repr__(self):
        return "F!"

    def __str__(self):
        return "str F"


f = F()
print(f"{f} {f:abc} {f:{n}} {f!r} {f!s} {f:%Y-%m-%d} {f=} {f=:x} {f:a{name}b{{}}}" if False else f"{f} {f:abc} {f:{n}} {f!r} {f!s} {f:%Y-%m-%d} {f=} {f=:x}")


def order(x):
    print("eval", x)
    return x


print(f"{order(1)}{order(2):{order(3)}}{order(4)!r}")
for bad in [lambda: f"{undefined}", lambda: f"{n:q}", lambda: f"{name:d}", lambda: f"{items:5}", lambda: f"{None:>5}"]:
    try:
        bad()
    except (NameError, ValueError, TypeError) as e:
        print(type(e).__name__, e)
big = "x" * 10
print(f"{big:.3}|{big:12}|{big[:2]!r:>6}|{len(big):03d}|{10 ** 30:,}|{255:#06x}|{0.5:.0%}|{-5: d}|{5:+}")
