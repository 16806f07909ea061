# Classes: attributes, methods, inheritance, class body scope.
class Animal:
    """An animal."""

    kind = "animal"
    count = 0

    def __init__(self, name):
        self.name = name
        Animal.count += 1

    def speak(self):
        return "..."

    def introduce(self):
        return f"{self.name} says {self.speak()}"


class Dog(Animal):
    kind = "dog"

    def speak(self):
        return "Woof"


class Puppy(Dog):
    def __init__(self, name, age):
        super().__init__(name)
        self.age = age

    def speak(self):
        return super().speak() + "!"


a, d, p = Animal("A"), Dog("D"), Puppy("P", 1)
for x in (a, d, p):
    print(x.introduce(), x.kind, type(x).__name__, isinstance(x, Dog), isinstance(x, (int, Animal)))
print(Animal.count, d.count, Animal.__doc__, Dog.__doc__, Dog.__name__, Dog.__bases__, Puppy.__mro__, Dog.__module__)
print(issubclass(Puppy, Animal), issubclass(Animal, Puppy), issubclass(Dog, (int, Dog)), issubclass(bool, int))
d.kind = "special"
print(d.kind, Dog.kind, d.__dict__, vars(a), "name" in vars(d))
del d.kind
print(d.kind, hasattr(d, "age"), getattr(d, "age", "none"), getattr(p, "age"))
setattr(d, "age", 7)
print(d.age)
delattr(d, "age")
for bad in [lambda: d.age, lambda: Dog.nothing, lambda: delattr(d, "nope"), lambda: a.speak(1), lambda: (5).foo, lambda: None.bar, lambda: setattr(5, "x", 1), lambda: setattr(d, 5, 1), lambda: getattr(d, 5)]:
    try:
        bad()
    except (AttributeError, TypeError) as e:
        print(type(e).__name__, e)
bound = d.speak
print(bound(), bound.__self__ is d, bound.__func__ is Dog.speak, Dog.speak(d), bound == d.speak, bound.__name__, Animal.speak(d))
Dog.speak = lambda self: "patched"
print(d.introduce(), p.introduce(), bound())
Dog.new_method = lambda self, x: (self.name, x)
print(p.new_method(3))
d.own = lambda: "instance function"
print(d.own())


class Body:
    x = 1
    y = x + 1
    z = [x for x in range(3)]
    if y == 2:
        flag = True
    for i in range(2):
        pass
    print("in body", x, i, __name__, __qualname__)
    del i

    def f(self):
        return self.x, Body.y

    g = f


print(Body().f(), Body().g(), Body.z, Body.flag, hasattr(Body, "i"), sorted(k for k in vars(Body) if not k.startswith("__")))


class Empty: ...


e = Empty()
e.a = e.b = 1
print(sorted(e.__dict__), e.__class__ is Empty, type(e) is Empty, Empty.__base__, object.__bases__)
e.__class__ = Body
print(e.x, isinstance(e, Body), e.f())
print(repr(Empty), str(Empty), type(Empty), type(type), repr(Empty()).startswith("<__main__.Empty object at 0x"))


class _Private:
    __secret = 5

    def __init__(self):
        self.__hidden = 6

    def get(self):
        return self.__secret, self.__hidden


v = _Private()
print(v.get(), v._Private__hidden, sorted(k for k in dir(v) if "_Private" in k))
try:
    v.__hidden
except AttributeError as err:
    print(err)
many = Empty()
for i in range(100):
    setattr(many, "attr%d" % i, i)
for i in range(0, 100, 2):
    delattr(many, "attr%d" % i)
print(len(vars(many)), many.attr51, sum(vars(many).values()))
many.__dict__ = {"fresh": 1}
print(many.fresh, vars(many))
many.__dict__["direct"] = 2
print(many.direct)
