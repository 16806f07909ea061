"""Escape sequences with names that are none."""
for s in [r"'\N'", r"f'\N'", r"f'\N '", r"f'\N{'", r"f'\N{GREEK CAPITAL LETTER DELTA'", r"'\N{}'", r"f'\N{foo}'", r"'\N{foo}'",
          r"'\N{GREEK CAP'", r"'\N{BULLET} \N{'", r"f'  \N'", r"f'\NGREEK'", r"t'\N'", r"f'a\xz'", r"'a\xz'"]:
    try: print(s, eval(s))
    except SyntaxError as e: print(s, e.msg)
