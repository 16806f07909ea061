class _Spec:
    def __init__(self, name, origin):
        self.name, self.origin, self.loader = name, origin, None


def spec_from_file_location(name, location):
    return _Spec(name, location)
