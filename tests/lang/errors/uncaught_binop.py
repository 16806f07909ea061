a = 1
b = "x"
c = [(a + a) * (a + b)
     for _ in range(1)]
