"""Until the library has `functools`: imported by hpy.devel, not used."""
