"""Comma separated values: the reader, the writer and dialects of the module `csv`."""

__version__ = "1.0"
QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE, QUOTE_STRINGS, QUOTE_NOTNULL = range(6)
_QUOTINGS = range(6)

_dialects = {}
_field_limit = 128 * 1024


class Error(Exception):
    """What is wrong with the data."""


Error.__module__ = "_csv"


def _character(name, value, may_be_none=True):
    if value is None and may_be_none:
        return None
    wanted = "a unicode character or None" if may_be_none else "a unicode character"
    if not isinstance(value, str):
        raise TypeError(f'"{name}" must be {wanted}, not {type(value).__name__}')
    if len(value) != 1:
        raise TypeError(f'"{name}" must be {wanted}, not a string of length {len(value)}')
    return value


class Dialect:
    """CSV dialect: how fields are separated and quoted."""

    __slots__ = (
        "delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict",
    )

    def __new__(cls, dialect=None, **options):
        if isinstance(dialect, str):
            dialect = get_dialect(dialect)
        if type(dialect) is cls and not options:
            return dialect
        unknown = options.keys() - set(cls.__slots__)
        if unknown:
            raise TypeError(f"this function got an unexpected keyword argument {min(unknown)!r}")
        self = object.__new__(cls)

        def option(name, default):
            return options[name] if name in options else getattr(dialect, name, default)

        set_ = lambda name, value: object.__setattr__(self, name, value)
        set_("delimiter", _character("delimiter", option("delimiter", ","), False))
        set_("escapechar", _character("escapechar", option("escapechar", None)))
        set_("quotechar", _character("quotechar", option("quotechar", '"')))
        for name, default in ("doublequote", True), ("skipinitialspace", False), ("strict", False):
            set_(name, bool(option(name, default)))
        terminator = option("lineterminator", "\r\n")
        if not isinstance(terminator, str):
            raise TypeError(f'"lineterminator" must be a string, not {type(terminator).__name__}')
        set_("lineterminator", terminator)
        quoting = option("quoting", QUOTE_MINIMAL if self.quotechar is not None else QUOTE_NONE)
        if not isinstance(quoting, int):
            raise TypeError(f'"quoting" must be an integer, not {type(quoting).__name__}')
        if quoting not in _QUOTINGS:
            raise TypeError('bad "quoting" value')
        set_("quoting", quoting)
        self._check()
        return self

    def _check(self):
        if self.quoting != QUOTE_NONE and self.quotechar is None:
            raise TypeError("quotechar must be set if quoting enabled")
        for name in "delimiter", "escapechar", "quotechar":
            value = getattr(self, name)
            if value in ("\r", "\n") or (value == " " and self.skipinitialspace):
                if name != "delimiter" or value != " " or self.skipinitialspace:
                    raise ValueError(f"bad {name} value")
            if value is not None and name != "delimiter" and value == self.delimiter:
                raise ValueError(f"bad delimiter or {name} value")
            if value is not None and value in self.lineterminator and value in "\r\n":
                raise ValueError(f"bad {name} or lineterminator value")
        if self.escapechar is not None and self.escapechar == self.quotechar:
            raise ValueError("bad escapechar or quotechar value")

    def __setattr__(self, name, value):
        if name not in self.__slots__:
            raise AttributeError(f"'_csv.Dialect' object has no attribute '{name}'")
        raise AttributeError(f"attribute '{name}' of '_csv.Dialect' objects is not writable")

    def __delattr__(self, name):
        self.__setattr__(name, None)

    def __reduce_ex__(self, protocol):
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")


Dialect.__module__ = "_csv"


def register_dialect(name, dialect=None, /, **options):
    """Give a dialect a name."""
    if not isinstance(name, str):
        raise TypeError("dialect name must be a string")
    _dialects[name] = Dialect(dialect, **options)


def unregister_dialect(name):
    """Forget the dialect of that name."""
    if _dialects.pop(name, None) is None:
        raise Error("unknown dialect")


def get_dialect(name):
    """The dialect of that name."""
    try:
        return _dialects[name]
    except KeyError:
        raise Error("unknown dialect") from None


def list_dialects():
    """The names of all dialects."""
    return list(_dialects)


def field_size_limit(*new_limit):
    """How long a field may be; with an argument: from now on."""
    global _field_limit
    old = _field_limit
    if len(new_limit) > 1:
        raise TypeError(f"field_size_limit expected at most 1 argument, got {len(new_limit)}")
    if new_limit:
        if not isinstance(new_limit[0], int):
            raise TypeError("limit must be an integer")
        _field_limit = new_limit[0]
    return old


(_START_RECORD, _START_FIELD, _ESCAPED, _IN_FIELD, _IN_QUOTED, _ESCAPED_IN_QUOTED, _QUOTE_IN_QUOTED, _END_LINE,
 _AFTER_ESCAPED_END) = range(9)


class _Reader:
    """The rows of an iterable of lines."""

    def __init__(self, lines, dialect, options):
        self._lines, self.dialect, self.line_num = iter(lines), Dialect(dialect, **options), 0

    def __iter__(self):
        return self

    def _save(self):
        text = "".join(self._field)
        quoting, quoted = self.dialect.quoting, self._quoted
        if not quoted and quoting in (QUOTE_NOTNULL, QUOTE_STRINGS) and not text:
            value = None
        elif not quoted and quoting in (QUOTE_NONNUMERIC, QUOTE_STRINGS) and text:
            value = float(text)
        else:
            value = text
        self._row.append(value)
        self._field, self._quoted = [], False

    def _add(self, char):
        if len(self._field) >= _field_limit:
            raise Error(f"field larger than field limit ({_field_limit})")
        self._field.append(char)

    def __next__(self):
        self._row, self._field, self._quoted, state = [], [], False, _START_RECORD
        while True:
            try:
                line = next(self._lines)
            except StopIteration:
                if self._field or state == _IN_QUOTED:
                    if self.dialect.strict:
                        raise Error("unexpected end of data") from None
                    self._save()
                    return self._row
                raise
            if not isinstance(line, str):
                raise Error(f"iterator should return strings, not {type(line).__name__} "
                            "(the file should be opened in text mode)")
            self.line_num += 1
            for char in line:
                state = self._step(state, char)
            state = self._step(state, None)
            if state == _START_RECORD:
                return self._row

    def _end_field(self, char):
        """The state after a field that ends with `char`, the end of the line or a delimiter."""
        self._save()
        return _START_RECORD if char is None else _END_LINE if char in "\r\n" else _START_FIELD

    def _step(self, state, char):
        """The state after one more character; None is the end of a line."""
        d = self.dialect
        ends = char is None or char in "\r\n"
        if state == _START_RECORD:
            if char is None:
                return state
            if ends:
                return _END_LINE
            state = _START_FIELD
        if state == _START_FIELD:
            if ends:
                return self._end_field(char)
            if char == d.quotechar and d.quoting != QUOTE_NONE:
                self._quoted = True
                return _IN_QUOTED
            if char == d.escapechar:
                return _ESCAPED
            if char == " " and d.skipinitialspace:
                return state
            if char == d.delimiter:
                return self._end_field(char)
            self._add(char)
            return _IN_FIELD
        if state == _ESCAPED:
            if char is not None and char in "\r\n":
                self._add(char)
                return _AFTER_ESCAPED_END
            self._add("\n" if char is None else char)
            return _IN_FIELD
        if state == _AFTER_ESCAPED_END and char is None:
            return state
        if state in (_IN_FIELD, _AFTER_ESCAPED_END):
            if ends or char == d.delimiter:
                return self._end_field(char)
            if char == d.escapechar:
                return _ESCAPED
            self._add(char)
            return _IN_FIELD
        if state == _IN_QUOTED:
            if char is None:
                return state
            if char == d.escapechar:
                return _ESCAPED_IN_QUOTED
            if char == d.quotechar and d.quoting != QUOTE_NONE:
                return _QUOTE_IN_QUOTED if d.doublequote else _IN_FIELD
            self._add(char)
            return state
        if state == _ESCAPED_IN_QUOTED:
            self._add("\n" if char is None else char)
            return _IN_QUOTED
        if state == _QUOTE_IN_QUOTED:
            if char == d.quotechar and d.quoting != QUOTE_NONE:
                self._add(char)
                return _IN_QUOTED
            if ends or char == d.delimiter:
                return self._end_field(char)
            if d.strict:
                raise Error(f"'{d.delimiter}' expected after '{d.quotechar}'")
            self._add(char)
            return _IN_FIELD
        if char is None:
            return _START_RECORD
        if not ends:
            raise Error("new-line character seen in unquoted field - do you need to open the file with newline=''?")
        return state


_Reader.__name__ = _Reader.__qualname__ = "reader"
_Reader.__module__ = "_csv"


def reader(iterable, /, dialect=None, **options):
    """An iterator over the rows of an iterable of lines."""
    return _Reader(iterable, dialect, options)


class _Writer:
    """Writes rows to a file."""

    def __init__(self, file, dialect, options):
        self.dialect = Dialect(dialect, **options)
        if not callable(getattr(file, "write", None)):
            raise TypeError('argument 1 must have a "write" method')
        self._write = file.write

    def writerow(self, row, /):
        """Write a row: an iterable of fields."""
        try:
            fields = list(row)
        except TypeError:
            if hasattr(type(row), "__iter__"):
                raise
            raise Error(f"iterable expected, not {type(row).__name__}") from None
        d = self.dialect
        texts = [self._text(field, len(fields) == 1) for field in fields]
        return self._write(d.delimiter.join(texts) + d.lineterminator)

    def writerows(self, rows, /):
        """Write all rows of an iterable."""
        for row in rows:
            self.writerow(row)

    def _text(self, field, alone):
        d = self.dialect
        is_number = isinstance(field, (int, float)) or hasattr(type(field), "__float__")
        quoted = (
            d.quoting == QUOTE_ALL
            or (d.quoting == QUOTE_NONNUMERIC and not is_number)
            or (d.quoting == QUOTE_STRINGS and isinstance(field, str))
            or (d.quoting == QUOTE_NOTNULL and field is not None)
        )
        text = "" if field is None else field if isinstance(field, str) else str(field)
        out = []
        special = {d.delimiter, d.escapechar, d.quotechar, "\r", "\n", *d.lineterminator} - {None}
        for char in text:
            if char in special:
                if d.quoting == QUOTE_NONE:
                    escape = True
                elif char == d.quotechar:
                    escape = not d.doublequote
                    if d.doublequote:
                        out.append(char)
                        quoted = True
                elif char == d.escapechar:
                    escape = True
                else:
                    escape, quoted = False, True
                if escape:
                    if d.escapechar is None:
                        raise Error("need to escape, but no escapechar set")
                    out.append(d.escapechar)
            out.append(char)
        may_quote = d.quoting != QUOTE_NONE
        if not text and not quoted and (alone or (d.delimiter == " " and d.skipinitialspace)):
            if not may_quote or (field is None and d.quoting in (QUOTE_STRINGS, QUOTE_NOTNULL)):
                if alone:
                    raise Error("single empty field record must be quoted")
                raise Error("empty field must be quoted if delimiter is a space and skipinitialspace is true")
            quoted = True
        if text.startswith(" ") and d.delimiter == " " and d.skipinitialspace and may_quote:
            quoted = True
        text = "".join(out)
        return f"{d.quotechar}{text}{d.quotechar}" if quoted else text


_Writer.__name__ = _Writer.__qualname__ = "writer"
_Writer.__module__ = "_csv"


def writer(file, /, dialect=None, **options):
    """An object that writes rows to a file."""
    return _Writer(file, dialect, options)
