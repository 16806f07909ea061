class F:
    def __format__(self, spec):
        raise ValueError(f"bad spec {spec}")


print(f"a {F():>10} b")
