import attr
import attrs


@attrs.define
class Point:
    x: int
    y: int = attrs.field(default=3, validator=attrs.validators.instance_of(int))


@attrs.frozen(order=True)
class Version:
    major: int = attrs.field(converter=int)
    minor: int = 0
    tags: list = attrs.field(factory=list, eq=False, repr=False)


print(Point(1), Point(1) == Point(1, 3), attrs.asdict(Point(2)), attrs.evolve(Point(1), y=9))
try:
    Point(1, "s")
except TypeError as e:
    print(type(e).__name__)
print(sorted([Version("2"), Version(1, 5), Version(1)]), hash(Version(1)) == hash(Version("1")))
try:
    Version(1).major = 2
except attrs.exceptions.FrozenInstanceError as e:
    print(repr(e))
print([f.name for f in attr.fields(Version)], Point.__slots__)
