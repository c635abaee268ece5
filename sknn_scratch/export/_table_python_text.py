"""The parts of a file of Python for models that take tables."""

MODULE = '''\
"""$title, exported by $made_by. Needs $needs.

A row is a dict, {column: value}, or a list of the values of all COLUMNS in their order.
Functions take a row, or a list of rows. None and NaN are missing values. Numbers may
be durations or times of the day, which count in days. Dates are date, datetime, or text
of the form "2024-05-31" or "2024-05-31T18:30"; a time zone does not count.
"""

${imports}from datetime import date, datetime, timedelta
from datetime import time as clock
${numpy_import}$head

def is_missing(value):
    nothing = value is None or type(value).__name__ in ("NAType", "NaTType")
    return nothing or value != value

$readers$operations

COLUMNS = $columns
INPUTS = [  # number of the column, how it is read
$inputs]
BLOCKS = [  # operation, places of its numbers x in what is known so far, constants c
$blocks]
# places of what the networks take
FEATURES = $features

'''
READERS = {
    "number": '''
def number(value, column, origin):
    """The value less the origin; NaN where it is missing."""
    if is_missing(value):
        return math.nan
    if isinstance(value, clock):
        value = datetime.combine(date(1970, 1, 1), value) - datetime(1970, 1, 1)
    if isinstance(value, timedelta):
        return value / timedelta(1) - origin
$duration    if isinstance(value, str):
        raise TypeError(f"{column!r} must be a number, got {value!r:.60}")
    return float(value - origin)

''',
    "level": '''
def level(value, column, levels, refused):
    """The number of a level; -1 where it is missing, -2 where it is another."""
    i = -1 if is_missing(value) else levels.get(value, -2)
    if i in refused:
        known = ", ".join(map(repr, levels))
        raise ValueError(f"{column!r} must be one of {known:.200}, got {value!r:.60}")
    return i

''',
    "date": '''
def day(value, column):
    """Days since 1970-01-01; NaN where it is missing."""
    if is_missing(value):
        return math.nan
$date    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, date):
        raise TypeError(f"{column!r} must be a date, got {value!r:.60}")
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    gone = value.replace(tzinfo=None) - datetime(1970, 1, 1)
    return gone.days + (gone.seconds + gone.microseconds / 1e6) / 86400

''',
}
DURATION = """\
    if isinstance(value, np.timedelta64):
        return value / np.timedelta64(1, "D") - origin
"""
DATE = """\
    if isinstance(value, np.datetime64):
        return float((value - np.datetime64(0, "D")) / np.timedelta64(1, "D"))
"""
# bodies of the operations on x, which has a row for each number, and c, a column
WITH_NUMPY = {
    "add": "return x + c",
    "subtract": "return x - c",
    "multiply": "return x * c",
    "divide": "return x / c",
    "clip": "return np.clip(x, *np.split(c, 2))",
    "fill": "what, by = np.split(c, 2)\n"
    "return np.where((x == what) | (np.isnan(x) & np.isnan(what)), by, x)",
    "missing": "return np.isnan(x)",
    "smooth_clip": "z = np.clip((x - c[0]) / c[1], -1e8, 1e8)\n"
    "return z / np.sqrt(1 + (z / 3) ** 2)",
    "position": "c = c[:, 0]\n"
    'i = np.searchsorted(c[1:-1], x, side="right")\n'
    "return i + np.clip((x - c[i]) / (c[i + 1] - c[i]), 0, 1)",
    "bins": "return np.clip(x - c, 0, 1)",
    "one_hot": "return np.where(np.isnan(x), x, x == c)",
    "find": "places = np.where(x == c, np.arange(len(c))[:, None], -2)\n"
    "return np.where(np.isnan(x), -1, places.max(axis=0))",
    "table": "return c[x.astype(int), 0]",
    "month": "days = np.floor(np.nan_to_num(x)).astype(int)\n"
    'month = days.astype("M8[D]").astype("M8[M]").astype(int) % 12\n'
    "return waves(x, month / 12)",
    "weekday": "return waves(x, (np.floor(x) + 3) % 7 / 7)",
    "time": "return waves(x, x - np.floor(x))",
    "float32": 'return x.astype("f4")',
    "sort": "return np.sort(x, axis=0)",
}
WAVES_NUMPY = '''
def waves(x, phase):
    """Sine and cosine; 0 where x is missing."""
    both = np.vstack([np.sin(2 * np.pi * phase), np.cos(2 * np.pi * phase)])
    return np.where(np.isnan(x), 0, both)
'''
# bodies of the operations on lists x and c
WITHOUT = {
    "add": "return [v + k for v, k in zip(x, c)]",
    "subtract": "return [v - k for v, k in zip(x, c)]",
    "multiply": "return [v * k for v, k in zip(x, c)]",
    "divide": "return [v / k for v, k in zip(x, c)]",
    "clip": "return [min(max(v, a), b) for v, a, b in zip(x, c, c[len(x) :])]",
    "fill": "pairs = zip(x, c, c[len(x) :])\n"
    "return [by if v == k or (v != v and k != k) else v for v, k, by in pairs]",
    "missing": "return [float(v != v) for v in x]",
    "smooth_clip": "z = min(max((x[0] - c[0]) / c[1], -1e8), 1e8)\n"
    "return [z / math.sqrt(1 + (z / 3) ** 2)]",
    "position": "i = bisect.bisect_right(c, x[0], 1, len(c) - 1) - 1\n"
    "return [i + min(max((x[0] - c[i]) / (c[i + 1] - c[i]), 0), 1)]",
    "bins": "return [min(max(x[0] - k, 0), 1) for k in c]",
    "one_hot": "return [float(x[0] == k) if x[0] == x[0] else x[0] for k in c]",
    "find": "if x[0] in c:\n    return [c.index(x[0])]\n"
    "return [-2 if x[0] == x[0] else -1]",
    "table": "return [c[x[0]]]",
    "month": "return waves(x[0], lambda day: (day.month - 1) / 12)",
    "weekday": "return waves(x[0], lambda day: day.weekday() / 7)",
    "time": "return waves(x[0], lambda day: x[0] % 1)",
    "float32": "return [ctypes.c_float(v).value for v in x]",
    "sort": "return sorted(x)",
}
WAVES_PLAIN = '''
def waves(x, phase):
    """Sine and cosine of the phase of a day; 0 where x is missing."""
    if x != x:
        return [0.0, 0.0]
    angle = 2 * math.pi * phase(date(1970, 1, 1) + timedelta(math.floor(x)))
    return [math.sin(angle), math.cos(angle)]
'''
RUN_NUMPY = '''\

def decoded(text, *shape):
    return np.frombuffer(base64.b64decode(text), "$dtype").reshape(shape).astype(float)


MEMBERS = [  # W and b of the layers
$members]
$scalars

def outputs_of_networks(rows):
    """The outputs of each network, a column for a row."""
    if hasattr(rows, "to_dict"):  # a DataFrame of pandas
        rows = rows.to_dict("records")
    V = []
    for j, read, *how in INPUTS:
        values = [read(value_of(row, j), COLUMNS[j], *how) for row in rows]
        V.append(np.array(values, float))
    for operation, places, c in BLOCKS:
        x = np.array([V[i] for i in places], float).reshape(len(places), len(rows))
        V.extend(operation(x, np.array(c)[:, None]))
    X = np.array([V[i] for i in FEATURES], float)
    for k in np.flatnonzero(~np.isfinite(X).all(axis=0)):
        refuse(rows[k])
    return np.array([network(W, b, X) for W, b in MEMBERS])


def outputs(rows):
    """The outputs, a row each."""
    if isinstance(rows, dict):
        return outputs([rows])[0]
    A = outputs_of_networks(rows).mean(axis=0)
$after_mean    return A.T


def network(W, b, A):
    """The outputs of one network, a column each."""
$layers$before_link$link$after_link    return A

'''
RUN_PLAIN = '''\

def decoded(text, rows):
    data = base64.b64decode(text)
    values = struct.unpack(f"<{len(data) // $bytes}$letter", data)
    length = len(values) // rows
    return [values[i : i + length] for i in range(0, len(values), length)]


MEMBERS = [  # W and b of the layers
$members]
$scalars

def outputs(rows):
    """The outputs, a list each."""
    return outputs_of(rows) if isinstance(rows, dict) else [*map(outputs_of, rows)]


def outputs_of_networks(row):
    """The outputs of each network for a row."""
    v = [read(value_of(row, j), COLUMNS[j], *how) for j, read, *how in INPUTS]
    for operation, places, c in BLOCKS:
        v += operation([v[i] for i in places], c)
    x = [v[i] for i in FEATURES]
    if not all(map(math.isfinite, x)):
        refuse(row)
    return [network(W, b, x) for W, b in MEMBERS]


def outputs_of(row):
    a = [sum(each) / len(MEMBERS) for each in zip(*outputs_of_networks(row))]
$after_mean    return a


def layer(W, b, x):
    """W x + b"""
    return [sum(map(operator.mul, w, x)) + b_i for w, b_i in zip(W, b[0])]


def network(W, b, a):
    """The outputs of one network."""
$layers$before_link$link$after_link    return a

'''
VALUE_OF = '''
def value_of(row, j):
    """The value of a column."""
    if isinstance(row, dict):
        if COLUMNS[j] not in row:
            raise KeyError(f"{COLUMNS[j]!r} is not in the row; None is a missing value")
        return row[COLUMNS[j]]
    if len(row) != len(COLUMNS):
        raise ValueError(f"a row must have {len(COLUMNS)} values, got {len(row)}")
    return row[j]


def refuse(row):
    """Raise the error of a row whose missing values the model has no rule for."""
    missing = [COLUMNS[j] for j, *_ in INPUTS if is_missing(value_of(row, j))]
    raise ValueError(f"a row must hold numbers, got NaN or inf; missing: {missing}")

'''
SOFTMAX = {
    True: """\
    A = np.exp(A - A.max(axis=0))
    A = A / A.sum(axis=0)
""",
    False: """\
    top = max(a)
    e = [math.exp(z - top) for z in a]
    total = sum(e)
    a = [v / total for v in e]
""",
}
CLASSIFIER = '''
def predict_proba(rows):
    """The probability of each $of."""
    return outputs(rows)


def predict(rows):
    """$meaning"""
    P = outputs(rows)
    if isinstance(rows, dict):
        return $one
    return $all
'''
REGRESSOR = '''
def predict(rows):
    """The prediction of each row."""
    Y = outputs(rows)
    if isinstance(rows, dict):
        return $one
    return $all
'''
CHOICES = {  # {(numpy, what is predicted): expressions for one row and for all}
    (True, "class"): (
        "CLASSES[P.argmax()]",
        "np.array(CLASSES$class_dtype)[P.argmax(axis=1)]",
    ),
    (False, "class"): (
        "CLASSES[P.index(max(P))]",
        "[CLASSES[p.index(max(p))] for p in P]",
    ),
    (True, "label"): ("(P > 0.5).astype(int)",) * 2,
    (False, "label"): (
        "[int(v > 0.5) for v in P]",
        "[[int(v > 0.5) for v in p] for p in P]",
    ),
    (True, "number"): ("Y[0]", "Y[:, 0]"),
    (False, "number"): ("Y[0]", "[y for (y,) in Y]"),
    (True, "numbers"): ("Y", "Y"),
    (False, "numbers"): ("Y", "Y"),
}
IMPORTS = {
    True: {"base64", "math"},
    False: {"base64", "bisect", "ctypes", "math", "operator", "struct"},
}
INTERVALS = '''


def floats(text):
    data = base64.b64decode(text)
    return struct.unpack(f"<{len(data) // 8}d", data)


INTERVALS = [  # of each target: the outputs it is around, residuals and weights, sums
$intervals]


def predict_interval(rows, coverage=0.9):
    """The lower and the upper end of intervals that hold y with this probability."""
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must be between 0 and 1, got {coverage!r}")
    if isinstance(rows, dict):
        return predict_interval([rows], coverage)[0]
$each


def interval_of(P, coverage):
    """The ends for the outputs P of the networks for a row."""
    ends = []
    for low, high, members, total, one in INTERVALS:
        wanted = coverage * (total + one) * (1 - 1e-12)
        if wanted > total:
            ends.append([-math.inf, math.inf])
        else:
            below = upper([-p[low] for p in P], members, wanted)
            ends.append(sorted([-below, upper([p[high] for p in P], members, wanted)]))
    return $ends


def upper(centres, members, wanted):
    """The least u that predictions plus residuals of this weight are at most."""
    low = min(centres) + min(r[0] for r, w in members if r)
    high = max(centres) + max(r[-1] for r, w in members if r)
    low -= math.ulp(low) + 1e-300
    for _ in range(60):
        middle = low + (high - low) / 2
        pairs = zip(members, centres)
        if sum(w[bisect.bisect_right(r, middle - c)] for (r, w), c in pairs) >= wanted:
            high = middle
        else:
            low = middle
    return high
'''
EACH_INTERVAL = {
    True: """\
    P = np.moveaxis(outputs_of_networks(rows), 2, 0).tolist()
    return np.array([interval_of(p, coverage) for p in P])""",
    False: """\
    P = map(outputs_of_networks, rows)
    return [interval_of(p, coverage) for p in P]""",
}
