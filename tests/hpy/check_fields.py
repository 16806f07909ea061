# Fields of objects that are young, old, large and dying; many globals.
import gc
import sys

sys.path.insert(0, sys.argv[1])

import fields

PLACES = 6000
words = []
fields.write_to(words)


def dying(make):
    """What the shelves that `make` drops write down while they die."""
    words.clear()
    make()
    for _ in range(3):
        gc.collect()
    found = list(words)
    words.clear()
    return found


# A large object, whose fields name young objects, then old ones, then young ones again.
shelf = fields.Shelf()
for i in range(0, PLACES, 10):
    shelf.put(i, [i])
print(all(shelf.look(i) == [i] for i in range(0, PLACES, 10)), shelf.look(1))
gc.collect()
print(all(shelf.look(i) == [i] for i in range(0, PLACES, 10)))
for turn in range(5):
    for i in range(turn, PLACES, 500):
        shelf.put(i, {"turn": turn})
        gc.collect(0)
print(sum(type(shelf.look(i)) is dict for i in range(PLACES)), shelf.look(500), shelf.look(504), shelf.look(510))
for i in range(PLACES):
    shelf.clear(i)
print([shelf.look(i) for i in range(PLACES)] == [None] * PLACES)
for place in [-1, PLACES]:
    try:
        shelf.put(place, 0)
    except IndexError as error:
        print(error)

# A field that names its own object, and two shelves that name each other.
shelf.put(0, shelf)
print(shelf.look(0) is shelf)


def circle():
    a, b = fields.Shelf(), fields.Shelf()
    a.put(3, b)
    b.put(PLACES - 1, a)
    a.put(4, "in a")
    b.put(4, "in b")


print(sorted(word for word in dying(circle) if isinstance(word, str)))


# A dying shelf's fields are whole: what only it held, young and old, lives on.
def young():
    shelf = fields.Shelf()
    shelf.put(7, ["only", "here"])


def old():
    shelf = fields.Shelf()
    shelf.put(7, ["long", "here"])
    gc.collect()
    gc.collect()


def small_and_large():
    for i in range(20):
        shelf = fields.Shelf()
        shelf.put(i, (i, [str(i)]))


print(dying(young), dying(old))
print(sorted(dying(small_and_large)) == [(i, [str(i)]) for i in range(20)])


def coming_back():
    shelf = fields.Shelf()
    shelf.put(1, "still there")
    shelf.resurrect = 1


text, again = dying(coming_back)
print(text, type(again).__name__, again.look(1))
again.put(2, [2])
gc.collect()
print(again.look(1), again.look(2))
# An object is finalized once.
print(dying(lambda: globals().pop("again")))

# Globals: all at once, stored again and again.
for turn in range(3):
    for i in range(64):
        fields.keep(i, [turn, i])
    gc.collect(turn)
    print(all(fields.kept_at(i) == [turn, i] for i in range(64)))
for i in range(64):
    fields.keep(i, None)
fields.write_to(None)
shelf.clear(0)
fields.write_to([])
