f = lambda x: x.missing
sorted([3, 1, 2], key=f)
