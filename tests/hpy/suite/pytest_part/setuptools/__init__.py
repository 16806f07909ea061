"""Enough for importing hpy.devel, which HPy's suite takes names from; suite.py does the building."""

import distutils as _distutils

__version__ = "80"
