#!/usr/bin/env python3
"""Time one operation of a builtin type or library module at a time.

    python3 benches/compare.py --micro                # all, side by side
    python3 benches/compare.py --micro iter re:
    python3 benches/micro.py WORD ...                 # this Python alone: NAME: nanoseconds

A case is a name, the statement, and what makes its names. Each is run in a
loop for some milliseconds, several times; the best counts.
"""

import sys
import time

SLICE = 0.004
TRIES = 5

# What many cases use. The cases of a group are separated by `;;`.
COMMON = """
import itertools as it
ints = list(range(1000)); floats = [i * 0.5 for i in ints]; strs = [str(i) for i in ints]
pairs = list(zip(strs, ints)); d = dict(pairs); s = set(ints)
text = 'The quick brown fox jumps over the lazy dog. ' * 20
data = text.encode()
big = 7 ** 2000; wide = text.replace('fox', 'f\\u00f6x \\u20ac')
def consume(iterator):
    for _ in iterator: pass
def try_raise():
    try: raise ValueError
    except ValueError: pass
class Null:
    def write(self, s): pass
null = Null()
"""

# Iterators of 1000 items: each in a loop, then in native consumers.
ITERATORS = {
    "list": "ints",
    "tuple": "tuple_",
    "range": "range(1000)",
    "str": "text",
    "bytes": "data",
    "set": "s",
    "dict": "d",
    "dict.values": "d.values()",
    "dict.items": "d.items()",
    "reversed(list)": "reversed(ints)",
    "reversed(range)": "reversed(range(1000))",
    "reversed(dict)": "reversed(d)",
    "enumerate": "enumerate(strs)",
    "zip": "zip(ints, strs)",
    "zip of 3": "zip(ints, strs, floats)",
    "map(str)": "map(str, ints)",
    "map(python)": "map(inc, ints)",
    "filter(None)": "filter(None, ints)",
    "filter(python)": "filter(inc, ints)",
    "generator": "(x for x in ints)",
    "iter(f, end)": "iter(iter(ints).__next__, 999)",
    "deque": "dq",
    "reversed(deque)": "reversed(dq)",
    "OrderedDict": "od",
    "Counter.items": "counter.items()",
    "array": "arr",
    "chain": "it.chain(ints, strs)",
    "chain.from_iterable": "it.chain.from_iterable([strs] * 2)",
    "count": "zip(ints, it.count())",
    "cycle": "zip(ints, it.cycle(strs))",
    "repeat": "it.repeat(None, 1000)",
    "accumulate": "it.accumulate(ints)",
    "accumulate(max)": "it.accumulate(ints, max)",
    "batched": "batched(ints, 3)",
    "combinations": "it.combinations(range(19), 3)",
    "combinations_wr": "it.combinations_with_replacement(range(17), 3)",
    "permutations": "it.permutations(range(11), 3)",
    "product": "it.product(range(10), repeat=3)",
    "compress": "it.compress(ints, ints)",
    "dropwhile": "it.dropwhile(bool.__invert__, ints)",
    "filterfalse": "it.filterfalse(None, zeros)",
    "takewhile": "it.takewhile(str, ints)",
    "starmap": "it.starmap(max, pairs2)",
    "islice": "it.islice(ints, 1000)",
    "pairwise": "it.pairwise(ints)",
    "tee": "it.tee(ints)[0]",
    "groupby": "it.groupby(ints)",
    "zip_longest": "it.zip_longest(ints, strs)",
    "re.finditer": "pattern.finditer(text)",
    "csv.reader": "csv.reader(lines)",
    "StringIO": "io.StringIO(rows)",
    "BytesIO": "io.BytesIO(rows.encode())",
    "struct.iter_unpack": "struct.iter_unpack('<i', bytes(4000))",
}
ITERATOR_SETUP = """
import collections, re, csv, io, struct, array
tuple_ = tuple(ints); dq = collections.deque(ints); od = collections.OrderedDict(pairs)
counter = collections.Counter(strs); arr = array.array('i', ints); zeros = [0] * 1000
pairs2 = [(i, 5) for i in ints]; pattern = re.compile(r'\\w+')
lines = ['a,b,c\\n'] * 100; rows = 'a line of text\\n' * 1000
batched = getattr(it, 'batched', lambda i, n: zip(*[iter(i)] * n))
def inc(x): return x + 1
"""

CONSUMERS = {
    "list(chain)": "list(it.chain(ints, ints))",
    "tuple(islice)": "tuple(it.islice(ints, 1000))",
    "sum(chain)": "sum(it.chain(ints, ints))",
    "sum(map)": "sum(map(len, strs))",
    "sum(generator)": "sum(x for x in ints)",
    "max(deque)": "max(dq)",
    "min(list)": "min(ints)",
    "min(list, key)": "min(strs, key=len)",
    "any(map)": "any(map(str.isalpha, strs))",
    "all(map)": "all(map(str.isdigit, strs))",
    "dict(zip)": "dict(zip(strs, ints))",
    "set(deque)": "set(dq)",
    "set(list)": "set(ints)",
    "sorted(deque)": "sorted(dq)",
    "join(map(str))": "''.join(map(str, ints))",
    "deque(maxlen=0)": "collections.deque(it.chain(ints, ints), 0)",
    "list.extend(zip)": "[].extend(zip(ints, strs))",
    "list(range)": "list(range(1000))",
    "list(dict.items())": "list(d.items())",
    "list comprehension": "[x for x in ints]",
    "dict comprehension": "{k: v for k, v in pairs}",
    "set comprehension": "{x for x in ints}",
    "a, *b = deque": "a, *b = dq",
    "x in chain": "-1 in it.chain(ints, ints)",
    "list(zip(*rows))": "list(zip(*pairs))",
    "list(map(itemgetter))": "list(map(operator.itemgetter(1), pairs))",
    "list(map(lambda))": "list(map(lambda x: x, ints))",
    "Counter(list)": "collections.Counter(strs)",
    "Counter(str)": "collections.Counter(text)",
    "functools.reduce": "functools.reduce(operator.add, ints)",
    "math.fsum": "math.fsum(floats)",
    "math.prod": "math.prod(floats)",
    "math.sumprod like": "sum(map(operator.mul, ints, ints))",
}

METHODS = {
    "str": (
        "st = 'hello world'; ws = '  ' + text + '  '; table = str.maketrans('aeiou', '12345'); names = {'a': 1, 'b': 'x'}",
        """st.upper() ;; st.lower() ;; st.title() ;; st.capitalize() ;; st.swapcase() ;; st.casefold() ;; text.upper() ;; wide.lower()
        ws.strip() ;; st.strip() ;; st.strip('hd') ;; ws.lstrip() ;; ws.rstrip() ;; 'xxabcxx'.strip('x')
        text.find('dog') ;; text.find('zebra') ;; text.rfind('quick') ;; text.index('lazy') ;; text.count('o') ;; text.count('the')
        'zebra' in text ;; wide.find('dog') ;; text.replace('quick', 'slow') ;; text.replace('e', 'EE') ;; text.replace(' ', '')
        st.startswith('hello') ;; st.endswith('world') ;; st.startswith(('a', 'b', 'hello'))
        text.split() ;; text.split(' ') ;; text.split('fox') ;; text.rsplit(None, 3) ;; st.split() ;; 'a,b,c,d'.split(',') ;; text.splitlines()
        st.partition(' ') ;; st.rpartition(' ') ;; ' '.join(strs) ;; ','.join(['a', 'b', 'c'])
        text.translate(table) ;; wide.translate(table) ;; text.translate({ord('a'): None}) ;; str.maketrans('abc', 'xyz') ;; text.encode() ;; wide.encode() ;; text.encode('latin-1')
        st.center(30) ;; st.ljust(30) ;; st.rjust(30) ;; '42'.zfill(8) ;; 'a\\tb'.expandtabs()
        st.isalpha() ;; st.isdigit() ;; st.isalnum() ;; st.isspace() ;; st.islower() ;; text.isascii() ;; st.isidentifier() ;; st.isprintable()
        st[3] ;; st[2:8] ;; text[::2] ;; text[::-1] ;; st + text ;; st * 10 ;; len(st) ;; st == 'hello worle' ;; st < 'hello worle'
        hash(st + 'x') ;; repr(st) ;; repr(wide) ;; ord('a') ;; chr(8364) ;; list(text) ;; st.removeprefix('hello') ;; ascii(wide)
        '{} {}'.format(1, 'a') ;; '{a} {b!r:>10}'.format_map(names) ;; '{0:>10.3f}'.format(3.14159) ;; format(3.14159, '.2f') ;; format(255, 'x') ;; format(1234567, ',')
        f'{st} and {st}' ;; f'{3.14159:.2f} {42:5d} {st!r}' ;; '%s and %s' % (st, st) ;; '%d %5.2f %x' % (42, 3.14, 255) ;; '%s' % 42 ;; '%(a)s %(b)s' % names
        str(42) ;; str(3.14) ;; str(None) ;; str(ints) ;; str(d)""",
    ),
    "bytes": (
        "b = b'hello world'; ba = bytearray(data); tb = bytes(range(256)); mv = memoryview(data)",
        """b.upper() ;; data.find(b'dog') ;; data.count(b'o') ;; data.replace(b'quick', b'slow') ;; data.split() ;; data.split(b' ') ;; b.strip() ;; b', '.join([b, b, b])
        data.decode() ;; data.decode('latin-1') ;; b.hex() ;; bytes.fromhex('68656c6c6f') ;; data.translate(tb) ;; b[3] ;; b[2:5] ;; b + b ;; b.startswith(b'he')
        bytes(100) ;; bytes(ints[:256]) ;; bytearray(b) ;; ba.find(b'fox') ;; ba.copy() ;; mv[3:9] ;; mv[5] ;; bytes(mv) ;; int.from_bytes(b, 'big') ;; (12345678).to_bytes(8, 'little')""",
    ),
    "list": (
        "l = ints[:]; small = [1, 2, 3]; mixed = [3, 1, 2] * 30; rnd = [(i * 7919) % 1009 for i in ints]; objs = [(i % 7, i) for i in ints]",
        """small.copy() ;; l[:] ;; l[10:20] ;; l[::2] ;; l + small ;; small * 100 ;; l.index(500) ;; l.count(5) ;; 999 in l ;; -1 in l ;; l.reverse() ;; small == [1, 2, 3] ;; l == ints
        small.append(4); small.pop() ;; small.insert(0, 9); small.pop(0) ;; l.append(1); l.pop() ;; x = [1, 2, 3]; x.extend(small) ;; sorted(ints) ;; sorted(rnd) ;; sorted(strs) ;; sorted(floats) ;; sorted(rnd, reverse=True)
        sorted(strs, key=int) ;; sorted(strs, key=len) ;; sorted(rnd, key=lambda x: -x) ;; sorted(objs) ;; sorted(objs, key=lambda p: p[1]) ;; repr(mixed) ;; list(tuple(small)) ;; [0] * 1000 ;; len(l) ;; l[5] ;; l[-1] ;; l[3] = 4 ;; del l[:0]
        list(reversed(l)) ;; min(l) ;; max(l) ;; sum(l) ;; sum(floats) ;; tuple(l) ;; [] ;; [1, 2, 3] ;; (1, l) ;; a, b, c = small ;; a, *b = small""",
    ),
    "dict": (
        "e = dict.fromkeys('abcdef', 1); f = dict(x=1, y=2)",
        """d['5'] ;; d.get('5') ;; d.get('zz') ;; d.get('zz', 0) ;; '5' in d ;; 'zz' in d ;; d.copy() ;; dict(d) ;; dict(pairs) ;; e.copy() ;; list(d) ;; list(d.values()) ;; d.keys() ;; d.items() ;; len(d)
        d.setdefault('5', 1) ;; e['g'] = 1; del e['g'] ;; e['g'] = 1; e.pop('g') ;; e.update(f) ;; {**e, **f} ;; e | f ;; e == e.copy() ;; dict(a=1, b=2) ;; {'a': 1, 'b': 2} ;; dict.fromkeys(strs) ;; repr(e) ;; sorted(d.items())
        e.keys() & f.keys() ;; d.keys() - e.keys() ;; {} ;; dict() ;; e.popitem(); e['f'] = 1 ;; {(1, 2): 3}[1, 2] ;; sorted(d, key=d.get) ;; max(d, key=d.get)""",
    ),
    "set": (
        "t = set(range(500, 1500)); tiny = {1, 2, 3}; fs = frozenset(tiny)",
        """5 in s ;; -1 in s ;; s | t ;; s & t ;; s - t ;; s ^ t ;; tiny | fs ;; tiny & fs ;; tiny <= s ;; s.copy() ;; set() ;; {1, 2, 3} ;; frozenset(ints) ;; tiny.add(9); tiny.discard(9) ;; s.isdisjoint(t) ;; s.union(ints) ;; set(strs) ;; sorted(s) ;; s == t ;; tiny.update((1, 2)) ;; hash(frozenset((1, 2, 3)))""",
    ),
    "int": (
        "a = 12345; b = 678; x = 10 ** 40; y = 10 ** 20 + 7",
        """a + b ;; a * b ;; a // b ;; a % b ;; a ** 3 ;; a << 5 ;; a & b ;; -a ;; abs(-a) ;; divmod(a, b) ;; pow(3, 1000, 1007) ;; a.bit_length() ;; a.bit_count() ;; a == b ;; a < b ;; int('12345') ;; int('ff', 16) ;; int(3.7) ;; str(a) ;; hex(a) ;; bin(a) ;; bool(a) ;; float(a) ;; round(a, -2) ;; a / b ;; hash(a) ;; format(a, 'd') ;; repr(a)
        x + y ;; x * y ;; x // y ;; x % y ;; divmod(x, y) ;; x ** 5 ;; x >> 7 ;; str(x) ;; str(big) ;; int(str(x)) ;; big * big ;; big + big ;; big // x ;; big == big + 1 ;; hash(x) ;; 3 ** 500 ;; int.from_bytes(data[:64], 'big') ;; pow(3, x, y) ;; 2 ** 100 ;; x.bit_length() ;; -x""",
    ),
    "float": (
        "a = 3.14159; b = 2.71828; big_float = 1e300",
        """a + b ;; a * b ;; a / b ;; a // b ;; a % b ;; a ** b ;; a ** 2 ;; -a ;; abs(a) ;; a < b ;; str(a) ;; repr(a) ;; float('3.14159') ;; float('1e10') ;; int(a) ;; round(a) ;; round(a, 2) ;; a.is_integer() ;; a.hex() ;; float.fromhex('0x1.8p1') ;; divmod(a, b) ;; hash(a) ;; a.as_integer_ratio() ;; format(a, '.3e') ;; format(a, 'g') ;; '%.3f' % a ;; '%r' % a ;; str(big_float) ;; complex(a, b) * complex(b, a)""",
    ),
    "builtin": (
        "class A:\n    x = 1\n    def __init__(self): self.y = 2\n    def m(self): return 1\n    def __len__(self): return 3\n    def __eq__(self, o): return True\n    def __hash__(self): return 5\n    def __call__(self): return 1\na = A(); name = 'y'",
        """isinstance(a, A) ;; isinstance(5, int) ;; isinstance(5, (str, int)) ;; isinstance(5, str) ;; issubclass(bool, int) ;; getattr(a, 'y') ;; getattr(a, 'zz', None) ;; hasattr(a, 'y') ;; hasattr(a, 'zz') ;; setattr(a, 'y', 3) ;; len(a) ;; a() ;; hash(a) ;; a == 1 ;; type(a) ;; id(a) ;; callable(a) ;; repr(a)
        A() ;; object() ;; min(1, 2) ;; max(1, 2, 3) ;; min(floats) ;; max(strs) ;; sum(ints) ;; abs(-5) ;; round(3.5) ;; divmod(7, 2) ;; range(10) ;; len(range(10)) ;; 5 in range(10) ;; slice(1, 2) ;; enumerate(ints) ;; zip(ints, ints) ;; map(str, ints) ;; iter(ints) ;; next(iter(ints)) ;; any(ints) ;; all(ints) ;; chr(65) ;; bool([]) ;; int() ;; str() ;; vars(a) ;; dir(a) ;; print(end='', file=null) ;; eval('1 + 2') ;; compile('x = 1', 'f', 'exec') ;; super(A, a).__repr__ ;; property(len) ;; try_raise() ;; iter(strs).__length_hint__() ;; sorted((3, 1, 2)) ;; tuple([1, 2]) ;; (1, 2, 3) == (1, 2, 4) ;; hash((1, 2, 3)) ;; (1, 2) < (1, 3) ;; pow(2, 10)""",
    ),
}

LIBRARY = {
    "json": (
        "import json; doc = {'name': 'x', 'list': ints[:50], 'nested': {'a': [1.5, None, True, 'text'], 'b': 'line\\n'}}; js = json.dumps(doc); strings = json.dumps(strs); js2 = json.dumps([doc] * 10, indent=1)",
        "json.dumps(doc) ;; json.loads(js) ;; json.dumps(strs) ;; json.loads(strings) ;; json.dumps(floats) ;; json.dumps(doc, indent=2) ;; json.dumps(doc, sort_keys=True) ;; json.loads('1') ;; json.dumps('a') ;; json.loads(js2) ;; json.dumps(d)",
    ),
    "re": (
        """import re
word = re.compile(r'\\w+'); digits = re.compile(r'\\d+'); email = re.compile(r'([\\w.]+)@([\\w.]+)\\.com'); date = re.compile(r'(\\d{4})-(\\d\\d)-(\\d\\d)')
log = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
logp = re.compile(r'(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] "(\\w+) (\\S+) ([^"]*)" (\\d+) (\\d+)')
alt = re.compile('cat|dog|bird'); lazy = re.compile('<(.*?)>'); html = '<b>bold</b> and <i>it</i> ' * 20; nocase = re.compile('LAZY', re.I)
ident = re.compile('[A-Za-z_][A-Za-z0-9_]*'); space = re.compile(r'\\s+'); back = re.compile(r'(\\w)\\1'); look = re.compile(r'\\w+(?=\\.)'); mail = text * 3 + ' joe.user@example.com ' + text
token = re.compile(r'(?P<num>\\d+)|(?P<name>[a-z]+)|(?P<op>[-+*/=])|(?P<ws>\\s+)'); code = 'x = 10 + y * 234 - foo / 7 ' * 10; literal = re.compile('lazy dog'); floatp = re.compile(r'[-+]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?'); nums = ' '.join(map(str, floats)); anch = re.compile(r'^(\\w+)', re.M); lns = 'key = value\\n' * 50; bword = re.compile(rb'\\w+'); nested = re.compile(r'(a+)+b'); quoted = re.compile(r'"((?:[^"\\\\]|\\\\.)*)"'); qs = 'say "hello \\\\"you\\\\" there" ' * 10""",
        """word.findall(text) ;; word.sub('x', text) ;; digits.search(text) ;; email.search(mail) ;; date.match('2024-05-06') ;; date.match('2024-05-06').groups() ;; logp.match(log) ;; alt.search(text) ;; alt.findall(text) ;; lazy.findall(html) ;; nocase.search(text) ;; ident.fullmatch('some_identifier')
        space.split(text) ;; back.findall(text) ;; look.findall(text) ;; list(token.finditer(code)) ;; literal.search(text) ;; literal.findall(text) ;; floatp.findall(nums) ;; anch.findall(lns) ;; bword.findall(data) ;; nested.match('a' * 12 + 'c') ;; quoted.findall(qs) ;; word.sub(lambda m: m[0], text) ;; re.match('a', 'b') ;; re.sub('fox', 'cat', text) ;; re.escape(text) ;; word.findall(wide) ;; space.sub(' ', text) ;; re.split(',', 'a,b,c') ;; re.compile('a+b') ;; word.match(text).group() ;; word.match(text).span()""",
    ),
    "lib": (
        """import struct, random, copy, collections, enum, dataclasses, pickle, io, functools, operator, string, textwrap, datetime, decimal, fractions, heapq, bisect, math, time, os, statistics, hashlib, base64, zlib, binascii, uuid, contextlib, types, itertools, weakref, queue, shlex, html, urllib.parse, pathlib, csv, string, threading, tempfile, abc, inspect, fnmatch, difflib, colorsys, calendar, configparser, ast, typing, numbers
@dataclasses.dataclass
class P:
    x: int
    y: int = 0
@dataclasses.dataclass(frozen=True)
class F:
    x: int
    y: int = 0
class Color(enum.Enum):
    RED = 1
    BLUE = 2
class Fl(enum.Flag):
    A = 1
    B = 2
NT = collections.namedtuple('NT', 'a b c'); nt = NT(1, 2, 3); p = P(1, 2); rng = random.Random(5); st3 = struct.Struct('<ihd'); packed = st3.pack(1, 2, 3.0)
doc = {'a': [1, 2, {'b': (3, 4)}], 'c': 'text'}; pk = pickle.dumps(doc); pl = pickle.dumps(ints); dd = collections.defaultdict(list); dq = collections.deque(ints); rows = 'a line of text\\n' * 1000
open(os.path.join(tempfile.gettempdir(), 'micro-lines.txt'), 'w').write(rows); fname = os.path.join(tempfile.gettempdir(), 'micro-lines.txt')
@functools.lru_cache
def cached(x): return x
def lines():
    with open(fname) as f:
        for line in f: pass
def blines():
    with open(fname, 'rb') as f:
        for line in f: pass
def build():
    b = io.StringIO()
    for x in strs: b.write(x)
    return b.getvalue()
@contextlib.contextmanager
def cm(): yield
def use_cm():
    with cm(): pass
cm2key = functools.cmp_to_key(lambda a, b: a - b); part = functools.partial(max, 1); wr = weakref.ref(p); lock = threading.Lock()
def use_lock():
    with lock: pass
def heap():
    h = []
    for x in ints: heapq.heappush(h, -x)
    while h: heapq.heappop(h)
class L(list): pass
ll = L(ints); D1 = decimal.Decimal('1.1'); D2 = decimal.Decimal('2.2'); fr = fractions.Fraction(1, 3); fields = list(csv.reader(['a,b,c'] * 50)); d1 = datetime.date(2024, 5, 6); dt = datetime.datetime(2024, 5, 6, 7, 8, 9); Pth = pathlib.PurePosixPath('/usr/lib'); chain_map = collections.ChainMap({'a': 1}, {'b': 2}); od = collections.OrderedDict(pairs); tmpl = string.Template('$a and $b'); ns = types.SimpleNamespace(a=1); srcs = 'x = 1\\nfor i in range(10):\\n    print(i)\\n'""",
        """P(1, 2) ;; F(1, 2) ;; p.x ;; p == P(1, 2) ;; repr(p) ;; dataclasses.replace(p, x=3) ;; dataclasses.asdict(p) ;; Color.RED ;; Color.RED.value ;; Color(1) ;; Color['RED'] ;; list(Color) ;; Color.RED == Color.BLUE ;; Fl.A | Fl.B ;; NT(1, 2, 3) ;; nt.b ;; nt._replace(a=5) ;; nt._asdict() ;; repr(nt)
        struct.pack('<ihd', 1, 2, 3.0) ;; struct.unpack('<ihd', packed) ;; st3.pack(1, 2, 3.0) ;; st3.unpack(packed) ;; struct.pack('>10I', *range(10)) ;; rng.random() ;; rng.randint(1, 100) ;; rng.choice(ints) ;; rng.shuffle(ints[:50]) ;; rng.sample(ints, 10) ;; rng.gauss(0, 1) ;; rng.getrandbits(64) ;; rng.uniform(1, 2) ;; rng.choices(ints, k=10)
        copy.copy(doc) ;; copy.deepcopy(doc) ;; copy.deepcopy(p) ;; copy.copy(p) ;; pickle.dumps(doc) ;; pickle.loads(pk) ;; pickle.dumps(ints) ;; pickle.loads(pl) ;; pickle.dumps(p) ;; pickle.loads(pickle.dumps(p)) ;; lines() ;; blines() ;; build() ;; io.StringIO(text).read() ;; io.BytesIO(data).read() ;; io.StringIO(text).readlines()
        dd['x'].append(1); dd.clear() ;; dq.append(1); dq.pop() ;; dq.appendleft(1); dq.popleft() ;; dq[500] ;; dq.rotate(5) ;; collections.Counter(text).most_common(3) ;; collections.OrderedDict(pairs) ;; od.move_to_end('5') ;; chain_map['b'] ;; cached(5) ;; part(3) ;; sorted(ints, key=cm2key) ;; operator.attrgetter('x')(p) ;; operator.itemgetter(1)(nt) ;; operator.methodcaller('lower')('A') ;; functools.partial(max, 1)
        use_cm() ;; use_lock() ;; heap() ;; heapq.heapify(ints[:]) ;; heapq.nlargest(5, ints) ;; heapq.nsmallest(5, ints) ;; list(heapq.merge(ints, ints)) ;; bisect.bisect(ints, 500) ;; bisect.insort(ints[:10], 5) ;; statistics.mean(ints) ;; statistics.fmean(floats) ;; math.sqrt(2.0) ;; math.gcd(12345, 678) ;; math.factorial(50) ;; math.comb(50, 20) ;; math.isqrt(big) ;; math.hypot(3.0, 4.0) ;; math.floor(2.5) ;; math.log(5.0) ;; math.sin(0.5) ;; math.isclose(1.0, 1.1)
        D1 + D2 ;; D1 * D2 ;; D1 / D2 ;; str(D1) ;; decimal.Decimal('1.5') ;; fr + fr ;; fr * 3 ;; d1 + datetime.timedelta(1) ;; dt.isoformat() ;; datetime.datetime.fromisoformat('2024-05-06T07:08:09') ;; dt.strftime('%Y-%m-%d') ;; datetime.datetime.strptime('2024-05-06', '%Y-%m-%d') ;; datetime.datetime.now() ;; dt - dt ;; dt == dt ;; d1 < d1 ;; hash(dt)
        hashlib.md5(data).digest() ;; hashlib.sha256(data).hexdigest() ;; base64.b64encode(data) ;; base64.b64decode(base64.b64encode(data)) ;; binascii.hexlify(data) ;; zlib.compress(data) ;; zlib.decompress(zlib.compress(data)) ;; zlib.crc32(data) ;; uuid.UUID(int=5) ;; str(uuid.UUID(int=5)) ;; os.path.join('a', 'b', 'c') ;; os.path.split('/usr/lib/x.py') ;; os.path.splitext('x.py') ;; os.path.basename('/usr/lib') ;; os.stat('/') ;; os.getcwd() ;; os.listdir('/') ;; os.path.exists('/usr') ;; Pth / 'x' ;; Pth.parent ;; Pth.name ;; str(Pth / 'y')
        textwrap.fill(text) ;; textwrap.dedent('  a\\n  b') ;; tmpl.substitute(a=1, b=2) ;; shlex.split('a "b c" d') ;; html.escape(text) ;; html.unescape('a &amp; b') ;; urllib.parse.urlparse('http://x.org/a?b=c') ;; urllib.parse.quote('a b/c') ;; urllib.parse.urlencode({'a': 1}) ;; list(csv.reader(['a,b,c'] * 50)) ;; csv.writer(io.StringIO()).writerows(fields) ;; fnmatch.fnmatch('a.py', '*.py') ;; difflib.SequenceMatcher(None, 'abcde', 'abxde').ratio() ;; ast.parse(srcs) ;; compile(srcs, 'f', 'exec') ;; inspect.signature(build) ;; ns.a ;; wr() ;; time.time() ;; time.perf_counter() ;; ll[5] ;; len(ll) ;; sum(ll) ;; collections.namedtuple('X', 'a b') ;; string.capwords('a b c') ;; isinstance(ll, collections.abc.Sequence) ;; isinstance(5, numbers.Number) ;; typing.List[int] ;; queue.Queue().qsize() ;; threading.Lock() ;; calendar.monthrange(2024, 5)""",
    ),
}


def cases():
    """(name, statement, setup)"""
    for name, expression in ITERATORS.items():
        yield "iter " + name, "consume(%s)" % expression, ITERATOR_SETUP
    for name, statement in CONSUMERS.items():
        yield "use " + name, statement, ITERATOR_SETUP + "import functools, operator, math\n"
    for group, (setup, text) in (METHODS | LIBRARY).items():
        for line in text.splitlines():
            for statement in line.strip().split(" ;; "):
                yield "%s: %s" % (group, statement), statement, setup


def time_case(statement, setup):
    """The best nanoseconds of one execution."""
    # A module of its own, where pickle finds the classes.
    module = sys.modules["micro_case"] = type(sys)("micro_case")
    names = module.__dict__
    exec(COMMON + setup, names)
    source = "def run(times):\n    for _ in range(times):\n        %s\n" % statement
    exec(source, names)
    run = names["run"]
    times = 1
    while True:
        start = time.perf_counter()
        run(times)
        spent = time.perf_counter() - start
        if spent > SLICE / 2:
            break
        times *= 4 if spent < SLICE / 8 else 2
    best = spent / times
    for _ in range(TRIES):
        start = time.perf_counter()
        run(times)
        best = min(best, (time.perf_counter() - start) / times)
    return best * 1e9


def main():
    words = sys.argv[1:]
    for name, statement, setup in cases():
        if words and not any(word in name for word in words):
            continue
        try:
            spent = time_case(statement, setup)
        except Exception as error:
            print("%s: %s: %s" % (name, type(error).__name__, error), file=sys.stderr)
            continue
        print("%s\t%.1f" % (name, spent), flush=True)


if __name__ == "__main__":
    main()
