print("init", __name__, __package__)
from .. import first
from ..first import VALUE
from . import sibling


def where():
    return __name__, first.VALUE, VALUE, sibling.NAME
