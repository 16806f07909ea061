"""Until the library has `types`."""

import sys

SimpleNamespace = type(sys.implementation)
