class P:
    @property
    def value(self):
        return self._value


print(P().value)
