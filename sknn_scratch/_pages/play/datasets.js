// -- data sets for the training in the page -----------------------------------------------
//
// Each has `make(random, draw, noise)`, which returns X (rows of two numbers) and y; the
// usual noise and the most; and `python`, lines that make the like with NumPy.

const POINTS = 400;
const range = (many) => Array.from({ length: many }, (_, i) => i);
const halves = range(POINTS).map((k) => Math.floor((2 * k) / POINTS));
const along = (low, high) => range(POINTS / 2).map((k) => low + ((high - low) * k) / (POINTS / 2 - 1));

// Clouds around centres of one width; points take turns.
const clouds = (centres, draw, spread) => range(POINTS).map((k) => centres[k % centres.length].map((c) => c + spread * draw()));
const moved = (X, draw, noise) => X.map((x) => x.map((v) => v + noise * draw()));

const BLOBS = [[-5.56, 7.41], [-5.87, 8.37], [-0.23, 2.23], [5.32, 0.37], [-4.06, -6.25], [-8.39, 4.77]];
const THREE = [[0.98, 4.3], [2.06, 0.9], [-1.53, 2.92]];
const CORNERS = [[-1, -1], [-1, 1], [1, 1], [1, -1]];
const quoted = (centres) => `[\n${centres.map(([a, b]) => `    [${a}, ${b}],\n`).join("")}]`;
const blobs = (centres, noise, seed) => `from sklearn.datasets import make_blobs
centers = ${quoted(centres)}
X, y = make_blobs(
    ${POINTS}, centers=centers, cluster_std=${noise}, random_state=${seed}
)`;

const SETS = {
  moons: {
    noise: 0.2, most: 0.6,
    make(random, draw, noise) {
      const t = along(0, Math.PI);
      const X = [...t.map((u) => [Math.cos(u), Math.sin(u)]), ...t.map((u) => [1 - Math.cos(u), 0.5 - Math.sin(u)])];
      return { X: moved(X, draw, noise), y: halves };
    },
    python: (noise, seed) => `from sklearn.datasets import make_moons
X, y = make_moons(${POINTS}, noise=${noise}, random_state=${seed})`,
  },
  circles: {
    noise: 0.3, most: 0.6,
    make(random, draw, noise) {
      const t = range(POINTS / 2).map((k) => (4 * Math.PI * k) / POINTS);
      const X = [1, 0.5].flatMap((r) => t.map((u) => [r * Math.cos(u), r * Math.sin(u)]));
      return { X: moved(X, draw, noise), y: halves };
    },
    python: (noise, seed) => `from sklearn.datasets import make_circles
X, y = make_circles(${POINTS}, factor=0.5, noise=${noise}, random_state=${seed})`,
  },
  flower: {
    noise: 0.2, most: 0.6,
    make(random, draw, noise) {
      const X = [0, 1].flatMap((j) => along(3.12 * j, 3.12 * (j + 1)).map((u) => {
        const t = u + noise * draw(), r = 4 * Math.sin(4 * t) + noise * draw();
        return [r * Math.sin(t), r * Math.cos(t)];
      }));
      return { X, y: halves };
    },
    python: (noise, seed) => `from sknn_scratch.datasets import make_flower
X, y = make_flower(${POINTS}, noise=${noise}, random_state=${seed})`,
  },
  blobs: {
    noise: 1, most: 3,
    make: (random, draw, noise) => ({ X: clouds(BLOBS, draw, noise), y: range(POINTS).map((k) => (k % 6) % 2) }),
    python: (noise, seed) => `${blobs(BLOBS, noise, seed)}
y = y % 2`,
  },
  quantiles: {
    noise: 0, most: 1,
    make(random, draw, noise) {
      const X = range(POINTS).map(() => [draw() * Math.SQRT1_2, draw() * Math.SQRT1_2]);
      X.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
      return { X: moved(X, draw, noise), y: halves };
    },
    python: (noise, seed) => `import numpy as np
from sklearn.datasets import make_gaussian_quantiles
X, y = make_gaussian_quantiles(
    cov=0.5, n_samples=${POINTS}, n_classes=2, random_state=${seed}
)
X += ${noise} * np.random.RandomState(${seed}).randn(*X.shape)`,
  },
  xor: {
    noise: 0.4, most: 1,
    make: (random, draw, noise) => ({ X: clouds(CORNERS, draw, noise), y: range(POINTS).map((k) => k % 2) }),
    python: (noise, seed) => `${blobs(CORNERS, noise, seed)}
y = y % 2`,
  },
  three: {
    noise: 2, most: 3,
    make: (random, draw, noise) => ({ X: clouds(THREE, draw, noise / 2), y: range(POINTS).map((k) => k % 3) }),
    python: (noise, seed) => blobs(THREE, noise / 2, seed),
  },
  spiral: {
    noise: 0.35, most: 1,
    make(random, draw, noise) {
      const y = range(POINTS).map((k) => k % 2);
      const X = y.map((c) => {
        const t = 3 * Math.PI * Math.sqrt(0.02 + 0.98 * random());
        return [t * Math.cos(t + Math.PI * c), t * Math.sin(t + Math.PI * c)];
      });
      return { X: moved(X, draw, noise), y };
    },
    python: (noise, seed) => `import numpy as np
rng, y = np.random.RandomState(${seed}), np.arange(${POINTS}) % 2
t = 3 * np.pi * rng.uniform(0.02, 1, ${POINTS}) ** 0.5
X = (t * [np.cos(t + np.pi * y), np.sin(t + np.pi * y)]).T
X += ${noise} * rng.randn(${POINTS}, 2)`,
  },
  plane: {
    noise: 0.1, most: 1, numbers: true,
    make: (random, draw, noise) => surfaceOf((a, b) => (a + b) / 6, random, draw, noise),
    python: (noise, seed) => surfacePython("(X[:, 0] + X[:, 1]) / 6", noise, seed),
  },
  bump: {
    noise: 0.1, most: 1, numbers: true,
    make: (random, draw, noise) => surfaceOf((a, b) => 2 * Math.exp(-(a * a + b * b) / 6) - 1, random, draw, noise),
    python: (noise, seed) => surfacePython("2 * np.exp(-(X**2).sum(axis=1) / 6) - 1", noise, seed),
  },
};

function surfaceOf(height, random, draw, noise) {
  const X = range(POINTS).map(() => [8 * random() - 4, 8 * random() - 4]);
  return { X, y: X.map(([a, b]) => height(a, b) + noise * draw()) };
}

const surfacePython = (height, noise, seed) => `import numpy as np
rng = np.random.RandomState(${seed})
X = rng.uniform(-4, 4, (${POINTS}, 2))
y = ${height}
y += ${noise} * rng.randn(${POINTS})`;

const HOLD_OUT = (seed) => `from sklearn.model_selection import train_test_split
X, X_val, y, y_val = train_test_split(
    X, y, test_size=0.25, random_state=${seed}
)`;

// The user's data with the noise: a shift of each standardised feature.
function ownSet(run) {
  const all = run.points;
  return {
    noise: 0, most: 1, classes: run.classes, projected: run.projected,
    make(random, draw, noise) {
      const shifted = ({ x, y, of }) => ({ x: x.map((row) => row.map((v, j) => v + noise * run.scale[j] * draw())), y, of });
      return { train: shifted(all.train), validation: shifted(all.validation) };
    },
    python: (noise, seed) => run.data_python.trimEnd() + (noise ? `
import numpy as np
rng = np.random.RandomState(${seed})
scale = X.std(axis=0)
X = X + ${noise} * scale * rng.randn(*X.shape)
X_val = X_val + ${noise} * scale * rng.randn(*X_val.shape)` : ""),
  };
}

// Training and validation points of a set, and the names of its classes.
function pointsOf(set, noise, seed) {
  const random = uniform(seed), made = set.make(random, normal(random), noise);
  if (made.train) return { classes: set.classes, projected: set.projected, points: made };
  const order = [...shuffled(POINTS, random)], held = POINTS / 4;
  const part = (rows) => ({ x: rows.map((k) => made.X[k]), y: rows.map((k) => made.y[k]), of: rows.length });
  const classes = set.numbers ? null : range(Math.max(...made.y) + 1).map(String);
  return { classes, projected: "", points: { train: part(order.slice(held)), validation: part(order.slice(0, held)) } };
}
