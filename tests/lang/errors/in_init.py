class Base:
    def __init__(self, value):
        self.value = int(value)


class Derived(Base):
    def __init__(self, value):
        super().__init__(value)


Derived("12x")
