# ExceptionGroup and except*.
eg = ExceptionGroup("group", [ValueError("v"), TypeError("t"), ExceptionGroup("inner", [KeyError("k"), ValueError("v2")])])
print(eg, repr(eg), eg.message, eg.exceptions)
print(eg.subgroup(ValueError), eg.split(KeyError), eg.subgroup(OSError), eg.subgroup(lambda e: "2" in str(e)))
try:
    raise eg
except* ValueError as e:
    print("values", e.exceptions)
except* KeyError as e:
    print("keys", e.exceptions)
except* TypeError as e:
    print("types", e.exceptions)
else:
    print("no else")
finally:
    print("finally")
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), OSError(2)])
    except* ValueError as e:
        print("handled", e.exceptions)
except ExceptionGroup as rest:
    print("rest", rest.exceptions)
try:
    raise ValueError("naked")
except* ValueError as e:
    print(type(e).__name__, e.exceptions)
try:
    pass
except* ValueError:
    print("never")
else:
    print("else")
try:
    try:
        raise ExceptionGroup("g", [ValueError(1)])
    except* ValueError:
        raise KeyError("new")
except KeyError as e:
    print(repr(e), repr(e.__context__))
for bad in [lambda: ExceptionGroup("x", []), lambda: ExceptionGroup("x", [5]), lambda: ExceptionGroup("x"), lambda: ExceptionGroup("x", [KeyboardInterrupt()]), lambda: ExceptionGroup(5, [ValueError()])]:
    try:
        bad()
    except (TypeError, ValueError) as e:
        print(type(e).__name__, e)
print(type(BaseExceptionGroup("b", [ValueError()])).__name__, type(BaseExceptionGroup("b", [KeyboardInterrupt()])).__name__)
