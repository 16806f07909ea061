class DistutilsError(Exception):
    pass


class CompileError(DistutilsError):
    pass
