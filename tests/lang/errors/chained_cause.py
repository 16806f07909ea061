class AppError(Exception):
    """Has its own text."""

    def __str__(self):
        return "app failed: " + ", ".join(self.args)


try:
    try:
        int("x")
    except ValueError as e:
        raise AppError("one", "two") from e
except AppError as e:
    raise RuntimeError("last") from e
