class build_ext:
    pass
