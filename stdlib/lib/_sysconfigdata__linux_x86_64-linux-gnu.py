"""How this Python was built, for sysconfig. There is no C in it."""

import sys

build_time_vars = {
    'ABIFLAGS': '',
    'AR': 'ar',
    'CC': 'cc',
    'CFLAGS': '',
    'CXX': 'c++',
    'EXE': '',
    'EXT_SUFFIX': '.hpy0.so',
    'HOST_GNU_TYPE': 'x86_64-pc-linux-gnu',
    'LDSHARED': 'cc -shared',
    'LDVERSION': '3.14',
    'MULTIARCH': 'x86_64-linux-gnu',
    'PLATLIBDIR': 'lib',
    'Py_DEBUG': 0,
    'Py_ENABLE_SHARED': 0,
    'Py_GIL_DISABLED': 0,
    'SHLIB_SUFFIX': '.so',
    'SIZEOF_SIZE_T': 8,
    'SIZEOF_VOID_P': 8,
    'SOABI': 'sidewinder-314',
    'VERSION': '3.14',
    'WITH_DOC_STRINGS': 1,
    'WITH_PYMALLOC': 0,
    'exec_prefix': sys.exec_prefix,
    'prefix': sys.prefix,
}
