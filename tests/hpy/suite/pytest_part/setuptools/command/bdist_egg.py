class bdist_egg:
    pass
