print("init", __name__, __package__, __file__.endswith("pkg/__init__.py"), len(__path__))
from . import first
from .first import VALUE as value
from .sub.deep import where

__all__ = ["first", "value", "lazy"]
version = "1.0"
_hidden = 1
