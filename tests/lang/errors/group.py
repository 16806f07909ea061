def part(n):
    raise ValueError(n)


errors = []
for i in range(2):
    try:
        part(i)
    except ValueError as e:
        errors.append(e)
raise ExceptionGroup("several", errors + [TypeError("plain")])
