import os, sys, tempfile, importlib, importlib.util, types

here = tempfile.mkdtemp()
sys.path.insert(0, here)
sys.dont_write_bytecode = True

def write(name, text):
    path = os.path.join(here, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    sys.path_importer_cache.clear()

def tried(code, scope=None):
    try:
        exec(code, {"__name__": "tried"} if scope is None else scope)
    except Exception as e:
        text = str(e).replace(here, "HERE")
        print(type(e).__name__, text, getattr(e, "name", None))
    else:
        print("ok")

write("pack/__init__.py", "from . import one\nfrom .one import value as v\n__all__ = ['two', 'v']\n")
write("pack/one.py", "value = 1\nfrom . import __name__ as parent\n")
write("pack/two.py", "from . import one\nfrom .one import value\n")
write("pack/deep/__init__.py", "")
write("pack/deep/er.py", "from ..one import value\n")
write("spaced/part.py", "x = 5\n")
write("circle_a.py", "import circle_b\nname = 1\n")
write("circle_b.py", "from circle_a import name\n")
write("fails.py", "1 / 0\n")
write("wrong.py", "x = = 1\n")
write("dynamic.py", "def __getattr__(name):\n    if name == 'magic': return 42\n    raise AttributeError(name)\ndef __dir__(): return ['b', 'a']\n")
write("beyond.py", "from ... import x\n")

import pack.two
print(pack.one.value, pack.v, pack.one.parent, pack.two.value)
import pack.deep.er as er
print(er.value, er.__name__, er.__package__, er.__spec__.name, er.__spec__.parent)
print(pack.__path__ == [os.path.join(here, "pack")], pack.__spec__.submodule_search_locations == pack.__path__)
print(pack.__file__ == os.path.join(here, "pack", "__init__.py"), type(pack.__loader__).__name__)
ns = {}
exec("from pack import *", ns)
print(sorted(k for k in ns if not k.startswith("__")))
import spaced.part
print(spaced.part.x, type(spaced.__path__).__name__, spaced.__spec__.origin, getattr(spaced, "__file__", "no file"))
tried("import nothing")
tried("import pack.nothing")
tried("import pack.one.nothing")
tried("from pack import nothing")
tried("from pack.one import valeu")
tried("import circle_a")
print("circle_a" in sys.modules, "circle_b" in sys.modules)
tried("import fails")
print("fails" in sys.modules)
tried("import wrong")
tried("import beyond")
tried("from . import x")
tried("from .. import x", {"__name__": "a.b", "__package__": "a"})
sys.modules["blocked"] = None
tried("import blocked")
import dynamic
print(dynamic.magic, dir(dynamic))
tried("from dynamic import magic, nope")
from dynamic import magic
print(magic)
write("pack/one.py", "value = 'changed, and longer'\n")
importlib.reload(pack.one)
print(pack.one.value)
spec = importlib.util.spec_from_file_location("elsewhere", os.path.join(here, "spaced", "part.py"))
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.x, module.__name__, "elsewhere" in sys.modules)
print(importlib.util.find_spec("pack.two").name, importlib.util.find_spec("nothing"))
print(importlib.import_module(".two", "pack") is pack.two)

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "virtual":
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.answer = 42

sys.meta_path.insert(0, Finder())
import virtual
print(virtual.answer, virtual.__spec__.origin)
print([f.__name__ if isinstance(f, type) else type(f).__name__ for f in sys.meta_path[:3]])
print(__import__("pack.deep.er").__name__, __import__("pack.deep.er", fromlist=["x"]).__name__)
tried("__import__('')")
tried("__import__('pack', level=-1)")
calls = []
import builtins
original = builtins.__import__
builtins.__import__ = lambda name, *rest: (calls.append(name), original(name, *rest))[1]
try:
    import pack.two
finally:
    builtins.__import__ = original
print(calls)
print(importlib.util.cache_from_source("/a/b.py").endswith(".pyc"), sys.modules["pack"] is pack)
