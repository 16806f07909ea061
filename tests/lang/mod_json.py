"""json on _json: reading, writing, errors."""
import json
from json.decoder import scanstring


def fails(f, *args, **kwargs):
    try:
        print(ascii(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)), getattr(e, "__notes__", ""))


for text in ['{"a": [1, 2.5, -3e2, true, false, null, "x\\n\\u00e9\\ud83d\\ude00"], "b": {}}', "[]", ' [ 1 , 2 ] ', '"\\ud800"', "123456789012345678901234567890",
             "NaN", "[Infinity, -Infinity]", "-0", "-0.0", "1E5", "0.1e-3", '{"a":1,"a":2}', '"é😀"', '[[[]]]']:
    fails(json.loads, text)
for text in ["", "[", "[1", "[1,", "[1,]", "{", '{"a"', '{"a":', '{"a":1,', '{"a":1,}', "{a:1}", '"abc', '"a\nb"', '"\\q"', '"\\u12"', "tru", "01", "1 2",
             "-", "[1 2]", '{"a" 1}', "nul", '"\\', "+1", "\ufeff1", "1.", '{"a":1 "b"}']:
    fails(json.loads, text)
for o in [{"a": [1, 2.5, None, True], "b": "é\n\"\\\x7f😀\ud800"}, [], {}, (), [[]], "x", 10**30, 1e100, -0.0, {1: 2, None: 3, True: 4, 2.5: 5}]:
    fails(json.dumps, o)
    fails(json.dumps, o, ensure_ascii=False, separators=(",", ":"))
    fails(json.dumps, o, indent=2)
fails(json.dumps, {"b": 1, "a": 2}, sort_keys=True)
fails(json.dumps, {(1, 2): 3})
fails(json.dumps, {(1, 2): 3, "a": 1}, skipkeys=True)
fails(json.dumps, float("nan"), allow_nan=False)
fails(json.dumps, [float("inf"), float("nan")])
fails(json.dumps, object)
fails(json.dumps, {"a": [set()]})
a = []
a.append(a)
fails(json.dumps, a)
d = {}
d["d"] = d
fails(json.dumps, d)
fails(json.dumps, {1, 2}, default=sorted)
fails(json.loads, '{"a": [1.5, 2]}', parse_float=str, parse_int=lambda s: "i" + s)
fails(json.loads, '{"a": {"b": 1}}', object_hook=lambda d: sorted(d.items()))
fails(json.loads, '{"a": {"b": 1}}', object_pairs_hook=tuple)
fails(json.loads, "[NaN]", parse_constant=lambda c: c)
fails(json.loads, b'{"a": "\xc3\xa9"}')
fails(json.loads, '"a\nb"', strict=False)
fails(json.JSONDecoder().raw_decode, "[1] rest")
fails(scanstring, 'abc" x', 0)
fails(scanstring, "abc", 5)
fails(json.dumps, "é", indent="\t")
fails(json.dumps, [1, {"a": (2, 3)}], indent="\t")


class I(int):
    def __repr__(self):
        return "I!"


class F(float):
    def __repr__(self):
        return "F!"


class S(str):
    pass


fails(json.dumps, [I(5), F(2.5), S("x"), {I(1): 1, S("k"): 2}])
print(json.dumps(json.loads(json.dumps({str(i): [i, {"x": i / 7}] for i in range(300)}))) == json.dumps({str(i): [i, {"x": i / 7}] for i in range(300)}))
