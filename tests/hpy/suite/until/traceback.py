"""Until the library has `traceback`: imported, not used."""
