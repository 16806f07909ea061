"""_typing and generic aliases: type parameters, type statements, substitution."""
from _typing import TypeVar, ParamSpec, TypeVarTuple, TypeAliasType, Generic, NoDefault, Union, ParamSpecArgs


def fails(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


T = TypeVar("T")
S = TypeVar("S", covariant=True)
print(T, S, T.__name__, T.__bound__, T.__constraints__, T.__default__, T.has_default(), T.__module__, S.__covariant__)
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")
print(P, P.args, P.kwargs, Ts, P.args == P.args, P.args == P.kwargs, P.args.__origin__ is P, NoDefault, type(NoDefault)() is NoDefault)
print(T.evaluate_bound, T.evaluate_constraints, T.evaluate_default)
fails(TypeVar, "T", covariant=True, contravariant=True)


def f[A: int, B: (str, bytes), *D, **E, C = list[int]](x: A) -> B: ...


a, b, d, e, c = f.__type_params__
print(a, b, c, d, e, a.__bound__, b.__constraints__, c.__default__, a.__infer_variance__, d.__default__, b.__bound__)
print(a.evaluate_bound(1), c.has_default(), a.__default__ is NoDefault)


class Box[Q]:
    def get(self) -> Q: ...


print(Box.__type_params__, Box.__name__, Generic in Box.__mro__)
type Alias = list[int] | None
type Pair[X, Y = str] = tuple[X, Y]
type Rec = list[Rec]
print(Alias, Alias.__value__, Alias.__type_params__, Alias.__name__, Pair[int, str], Pair[int].__args__, Pair.__parameters__)
print(Rec.__value__, Pair.__value__, Pair[int].__origin__ is Pair)
fails(lambda: Alias[int])
fails(lambda: Alias(1))
print(TypeAliasType("Name", int).__value__, Alias.evaluate_value(1), Alias | int, int | Alias)
L = list[T]
print(L.__parameters__, L[int], L[int] == list[int], dict[T, S].__parameters__, dict[T, S][int, str], list[list[T]][int])
fails(lambda: list[int][str])
fails(lambda: L[int, str])
fails(lambda: dict[T, S][int])
print(int | T, T | None, (int | T).__parameters__, (int | T)[str], (T | None)[int], Union[int, str], Union[int], Union[int, None, int])
print(Union[int, str] == int | str, isinstance(5, Union[int, str]), type(int | str) is Union, (int | str).__origin__ is Union)
t = tuple[int, ...]
u, = t
print(u, u.__unpacked__, t.__unpacked__, u == t, u.__typing_unpacked_tuple_args__, list[int]() == [], hash(L) == hash(list[T]))
print(list[int].__reduce__(), tuple[()], tuple[int, (str)], dict[str, [int]], list[int].__class__, list[int].__origin__)


class C[Z]:
    pass


x = C[int]
print(x.__origin__ is C, x.__args__, C[int] == C[int])
fails(lambda: Union[()])
fails(type, "X", (T,), {})


class G(list[int]):
    pass


print(G.__orig_bases__, G.__bases__)
