"""HPy's debug mode, where the package hpy of PyPI is not installed: the same names."""

from hpy.debug.leakdetector import HPyDebugError, HPyLeakError, LeakDetector


def set_handle_stack_trace_limit(limit):
    """Remember where handles are opened: so many frames of the C stack."""
    from hpy.universal import _debug
    _debug.set_handle_stack_trace_limit(limit)


def disable_handle_stack_traces():
    """Do not remember where handles are opened any more."""
    set_handle_stack_trace_limit(None)
