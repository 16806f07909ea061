class A:
    pass


class B(A):
    def go(self):
        super().go()


B().go()
