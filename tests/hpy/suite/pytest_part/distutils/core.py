class Extension:
    def __init__(self, name, sources, **options):
        self.name, self.sources = name, sources
