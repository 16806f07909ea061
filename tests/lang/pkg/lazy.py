print("init", __name__)
from .first import VALUE
from pkg import first

OTHER = VALUE + 1
