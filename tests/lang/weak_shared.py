# References without a callback are shared; hashes are kept, also when they are 0; the youngest callback comes first.
import gc
import weakref


class Thing:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return hash(self.number)

    def __eq__(self, other):
        return self.number == other.number


def main():
    thing = Thing(0)
    plain = weakref.ref(thing)
    print(weakref.ref(thing) is plain)
    print(weakref.getweakrefcount(thing), weakref.getweakrefs(thing)[0] is plain)
    table = weakref.WeakKeyDictionary({thing: 1})
    seen = []
    first = weakref.ref(thing, lambda ref: seen.append("first"))
    second = weakref.ref(thing, lambda ref: seen.append("second"))
    numbers = [id(t) for t in [thing]]
    del thing
    gc.collect()
    print(len(table), seen, first.__callback__, second() is None, len(numbers))


main()


class Base:
    pass


class Other:
    pass


class Meta(type):
    def mro(cls):
        if cls.__name__ == "Failing" and ready:
            raise RuntimeError("no order")
        return super().mro()


ready = False


class Middle(Base):
    pass


class Below(Middle):
    pass


class Failing(Middle, metaclass=Meta):
    pass


ready = True
try:
    Middle.__bases__ = (Other,)
except RuntimeError as e:
    print(e, Middle.__bases__, Below.__mro__, Base.__subclasses__(), Other.__subclasses__())
ready = False
Middle.__bases__ = (Other,)
print(Failing.__mro__, Base.__subclasses__(), Other.__subclasses__())
try:
    Middle.__bases__ = (bool,)
except TypeError as e:
    print(e)
