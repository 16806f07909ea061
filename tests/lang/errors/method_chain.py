class Builder:
    def step(self):
        return self

    def end(self):
        return None


Builder().step().step().end().step()
