def good():
    return 1


print("this is never run")


class Fine:
    def method(self):
        return [1, 2, 3

print("here")
