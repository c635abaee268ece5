// -- from a row to what the networks take ---------------------------------------------

const isMissing = (value) => value === null || value === undefined || value !== value;

// How values are read, by the kind of the column.
const read = {
  number(value, column, origin) {
    if (isMissing(value)) return NaN;
    if (typeof value === "bigint") return Number(value - origin);
    if (typeof value !== "number" && typeof value !== "boolean") {
      throw new TypeError(`"${column}" must be a number, got ${JSON.stringify(value)}`);
    }
    return Number(value) - Number(origin);
  },
  level(value, column, levels, refused) { // -1 where it is missing, -2 if it is another
    const i = isMissing(value) ? -1 : levels.get(key(value)) ?? -2;
    if (refused.includes(i)) {
      const known = JSON.stringify([...levels.keys()]).slice(0, 200);
      throw new RangeError(`"${column}" must be one of ${known}, got ${value}`);
    }
    return i;
  },
  date(value, column) { // days since 1970-01-01
    if (isMissing(value)) return NaN;
    if (value instanceof Date) return value.getTime() / 864e5;
    const found = ISO.exec(value);
    if (found) {
      const [y, month, d, h, min, s] = found.slice(1).map((part) => Number(part ?? 0));
      const day = new Date(Date.UTC(y, month - 1, d));
      if (day.getUTCMonth() === month - 1 && day.getUTCDate() === d) {
        return day.getTime() / 864e5 + ((h * 60 + min) * 60 + s) / 86400;
      }
    }
    throw new TypeError(`"${column}" must be a date, got ${JSON.stringify(value)}`);
  },
};
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?(?:Z|[+-]\d\d:?\d\d)?$/;

// true is 1, as it is where the model was trained.
const key = (level) =>
  typeof level === "boolean" || typeof level === "bigint" ? Number(level) : level;
const levelNumbers = (levels) => new Map(levels.map((level, i) => [key(level), i]));

const between = (v, low, high) => Math.min(Math.max(v, low), high);
const waves = (x, phase) =>
  x !== x ? [0, 0] : [Math.sin(2 * Math.PI * phase), Math.cos(2 * Math.PI * phase)];
const month = (x) => new Date(Math.floor(x) * 864e5).getUTCMonth();

// Operations on numbers x with constants c.
const operations = {
  add: (x, c) => x.map((v, i) => v + c[i]),
  subtract: (x, c) => x.map((v, i) => v - c[i]),
  multiply: (x, c) => x.map((v, i) => v * c[i]),
  divide: (x, c) => x.map((v, i) => v / c[i]),
  clip: (x, c) => x.map((v, i) => between(v, c[i], c[x.length + i])),
  fill: (x, c) =>
    x.map((v, i) => (v === c[i] || (v !== v && c[i] !== c[i]) ? c[x.length + i] : v)),
  missing: (x) => x.map((v) => Number(v !== v)),
  smooth_clip([x], [median, scale]) {
    const z = between((x - median) / scale, -1e8, 1e8);
    return [z / Math.sqrt(1 + (z / 3) ** 2)];
  },
  position([x], c) {
    let i = 0;
    while (i < c.length - 2 && c[i + 1] <= x) i++;
    return [i + between((x - c[i]) / (c[i + 1] - c[i]), 0, 1)];
  },
  bins: ([x], c) => c.map((edge) => between(x - edge, 0, 1)),
  one_hot: ([x], c) => c.map((code) => (x !== x ? x : Number(x === code))),
  find: ([x], c) => [x !== x ? -1 : c.includes(x) ? c.indexOf(x) : -2],
  table: ([x], c) => [c.at(x)],
  month: ([x]) => waves(x, month(x) / 12),
  weekday: ([x]) => waves(x, ((((Math.floor(x) + 3) % 7) + 7) % 7) / 7),
  time: ([x]) => waves(x, x - Math.floor(x)),
  float32: (x) => x.map(Math.fround),
  sort: (x) => [...x].sort((a, b) => a - b),
};

// The value of column j: rows are objects, or arrays of the values of all columns.
function valueOf(row, j) {
  if (Array.isArray(row)) {
    if (row.length === columns.length) return row[j];
    throw new RangeError(`rows must have ${columns.length} values, got ${row.length}`);
  }
  if (columns[j] in row) return row[columns[j]];
  throw new RangeError(`"${columns[j]}" is not in the row; null is a missing value`);
}

function featuresOf(row) {
  const v = inputs.map(([j, kind, ...how]) =>
    read[kind](valueOf(row, j), columns[j], ...how));
  for (const [operation, places, c] of blocks) {
    v.push(...operations[operation](places.map((i) => v[i]), c));
  }
  const x = features.map((i) => v[i]);
  if (x.every(Number.isFinite)) return x;
  const missing = inputs.map(([j]) => j).filter((j) => isMissing(valueOf(row, j)));
  const names = JSON.stringify(missing.map((j) => columns[j]));
  throw new RangeError(`a row must hold numbers, got NaN or inf; missing: ${names}`);
}

// -- from there to the outputs --------------------------------------------------------

const inStages = (stages, a) => stages.reduce((x, [name, c]) => operations[name](x, c), a);

// A[0..L] of a network, of which A[L] are its outputs.
function layersOfNetwork(layers, x) {
  const A = room(n, 1), P = new Float64Array(nOutputs), last = n.length - 1;
  A[0].set(x);
  forward(n, g, layers, A, 1);
  outputs(OUTPUTS, n[last], inStages(beforeLink, A[last]), 1, P);
  return [...A.slice(0, -1).map((a) => Array.from(a)), inStages(afterLink, Array.from(P))];
}

function layersOf(row) {
  const x = featuresOf(row);
  return members.map((layers) => layersOfNetwork(layers, x));
}

const outputsOfNetworks = (row) => layersOf(row).map((A) => A.at(-1));

function outputsOf(row) {
  const sums = new Array(nOutputs).fill(0);
  for (const P of outputsOfNetworks(row)) P.forEach((p, k) => (sums[k] += p));
  return inStages(afterMean, sums.map((sum) => sum / members.length));
}

const ofEach = (of) => (rows) => (Array.isArray(rows) ? rows.map(of) : of(rows));
