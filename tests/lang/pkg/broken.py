print("broken starts")
DONE = 1
raise ValueError("broken module")
