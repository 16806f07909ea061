print(int(1e400))
