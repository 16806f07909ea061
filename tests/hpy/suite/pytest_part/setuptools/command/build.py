class build:
    pass
