# Packages, relative imports, __all__, star imports, re-imports.
import sys

import pkg
import pkg.lazy as alias
import pkg as again
from pkg import first, version as v
from pkg.sub.deep import where
from pkg.sub import sibling
import pkg.sub.sibling

print(pkg is again, alias.OTHER, first.whoami(), v, where(), sibling is pkg.sub.sibling, pkg.value, pkg.lazy is alias)
print(pkg.__name__, pkg.__package__, pkg.first.__name__, pkg.first.__package__, pkg.sub.__name__, repr(pkg).startswith("<module 'pkg' from"))
print(sorted(n for n in sys.modules if n.split(".")[0] == "pkg"))
print(sys.modules["pkg.first"] is first, "pkg.empty" in sys.modules, hasattr(pkg, "empty"))


def inside():
    import pkg.empty
    from pkg import empty as e

    return pkg.empty is e, "local"


print(inside(), hasattr(pkg, "empty"), pkg.empty.__doc__, [n for n in dir(pkg.empty) if not n.startswith("__")])
from star_module import *

print(public, function(), Klass.__name__, "_private" in globals())
ns = {}
exec("from pkg import *", ns)
print(sorted(k for k in ns if not k.startswith("__")))
import star_module

star_module.public = 99
import star_module as s2

print(s2.public, public, s2 is star_module)
from star_module import public as renamed, function as fn

print(renamed, fn())
del sys.modules["star_module"]
import star_module as fresh

print(fresh is s2, fresh.public)
import module_attrs

print(module_attrs.computed, module_attrs.__doc__, dir(module_attrs), hasattr(module_attrs, "nope"))
from module_attrs import computed

print(computed)
import nspkg.inner.mod

print(nspkg.inner.mod.VALUE, hasattr(nspkg, "__file__") and nspkg.__file__, nspkg.__name__, len(list(nspkg.__path__)))
m = __import__("pkg.sub.deep")
print(m.__name__, __import__("pkg.sub.deep", fromlist=["where"]).__name__)
type_of_module = type(sys)
mod = type_of_module("handmade", "its doc")
mod.answer = 42
sys.modules["handmade"] = mod
import handmade
from handmade import answer

print(handmade.answer, answer, handmade.__name__, handmade.__doc__, handmade, type_of_module.__name__)
import cyc.a

print(cyc.a.A, cyc.b.B)
print(__name__, __package__, sys.modules["__main__"].__name__, sys.path[0].endswith("lang"))
