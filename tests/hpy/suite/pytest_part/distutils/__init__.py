"""The names that HPy's suite takes from setuptools' distutils; suite.py does the building."""

from . import core, errors, log, sysconfig
