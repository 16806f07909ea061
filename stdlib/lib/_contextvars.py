class ContextVar:
    def __init__(self, name, *, default=None):
        self.name = name
        self._d = default
    def get(self, *default):
        try:
            return self._v
        except AttributeError:
            if default:
                return default[0]
            raise LookupError(self)
    def set(self, v):
        old = getattr(self, '_v', None)
        self._v = v
        return old
    def reset(self, t):
        self._v = t
class Token: pass
class Context: pass
def copy_context(): raise NotImplementedError
