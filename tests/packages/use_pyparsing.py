import pyparsing as pp

integer = pp.Word(pp.nums).set_parse_action(lambda t: int(t[0]))
arithmetic = pp.infix_notation(
    integer,
    [(pp.one_of("* /"), 2, pp.OpAssoc.LEFT), (pp.one_of("+ -"), 2, pp.OpAssoc.LEFT)],
)
print(arithmetic.parse_string("1+2*(3-4)/5").as_list())
try:
    arithmetic.parse_string("1+*", parse_all=True)
except pp.ParseException as e:
    print(e)

value = pp.Forward()
pair = pp.Group(pp.QuotedString('"') + pp.Suppress(":") + value)
value <<= pp.QuotedString('"') | pp.common.number | pp.Group(pp.Suppress("{") + pp.DelimitedList(pair) + pp.Suppress("}"))
print(value.parse_string('{"a": 1, "b": {"c": 2.5, "d": "x"}}').as_list())
date = pp.Regex(r"(?P<year>\d{4})-(?P<month>\d\d)")
print([t.as_dict() for t, _, _ in date.scan_string("from 2024-01 to 2025-12")])
