"""sympy: algebra, calculus, equations, matrices, numbers, output, and code made from expressions."""

from sympy import (
    E, Eq, Integral, Matrix, N, cos, diff, exp, expand, factor, factorint, integrate, lambdify, latex, limit, oo, pi,
    prime, series, simplify, sin, solve, sqrt, summation, symbols, sympify,
)

x, y, n = symbols("x y n")
print(expand((x + y) ** 5), factor(x**4 - 1), simplify(sin(x) ** 2 + cos(x) ** 2))
print(diff(sin(x) * exp(x), x), integrate(x * exp(x), x), integrate(1 / (1 + x**2), (x, -oo, oo)))
print(solve(x**2 - 2 * x - 3, x), solve([x + y - 3, x - y - 1], [x, y]), Eq(x, 2).subs(x, 2))
print(series(cos(x), x, 0, 8), limit(sin(x) / x, x, 0), summation(1 / n**2, (n, 1, oo)))
print(Matrix([[1, 2], [3, 4]]).inv(), Matrix([[2, 1], [1, 2]]).eigenvals())
print(prime(100), factorint(2**64 - 1), pi.evalf(50), N(sqrt(2), 30), N(E, 40))
print(latex(Integral(sqrt(1 / x), x)), sympify("2*x + sin(y)").free_symbols == {x, y})
print(lambdify(x, x**2 + sin(x))(2.0))
