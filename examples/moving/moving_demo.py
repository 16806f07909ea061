"""C holds objects by handles while a collection puts them elsewhere.

    sidewinder examples/moving/moving_demo.py DIRECTORY_OF_moving.hpy0.so

`gc.address(obj)`, the current address of an object, is Sidewinder's own: no
other Python has it, and no program needs it. Without it, the script only checks
that every handle still names the same object.
"""

import gc
import sys

sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else ".")

import moving  # noqa: E402

address = getattr(gc, "address", None)


class Thing:
    def __init__(self, name):
        self.name = name


def where(obj):
    return address(obj) if address else 0


def show(how, before, obj, expected):
    """One line of the table: where the object was, where it is, whether it is still itself."""
    after = where(obj)
    verdict = "same object" if obj is expected and id(obj) == ids[expected.name] else "another object!"
    if address:
        moved = "moved" if before != after else "stayed"
        print(f"{how:<22} {before:#x} -> {after:#x}  {moved:<6}  {verdict}")
    else:
        print(f"{how:<22} {verdict}")


on_stack = Thing("on_stack")
in_global = Thing("in_global")
in_field = Thing("in_field")
ids = {thing.name: id(thing) for thing in (on_stack, in_global, in_field)}

moving.keep(in_global)
box = moving.Box(in_field)
struct = box.struct_address()

if not address:
    print("no gc.address here: this Python's objects do not move")
for turn in range(3):
    print(f"collection {turn + 1}")
    before = [where(on_stack), where(in_global), where(in_field)]
    returned = moving.across(on_stack, gc.collect)
    show("handle on the C stack", before[0], returned, on_stack)
    show("HPyGlobal", before[1], moving.kept(), in_global)
    show("HPyField in a Box", before[2], box.open(), in_field)
    if box.struct_address() != struct:
        print("the C struct moved, which it must never do: another object!")
print("the Box's C struct stayed in its place and was opened", box.opened, "times")
