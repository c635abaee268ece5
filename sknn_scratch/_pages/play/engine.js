// -- the engine: a training in the page, as the Python engine does it ------------------
// Layers are n[l] rows of m numbers. theta holds all W[l], row by row, then all b[l].

const sigmoid = (z) => 0.5 + 0.5 * Math.tanh(0.5 * z);
const STEEP = Math.sqrt(8 / Math.PI);
const gelu_v = (z) => STEEP * z * (1 + 0.044715 * z * z);

// g(z) and its slope g'(z), where a = g(z).
const ACTIVATIONS = {
  identity: { g: (z) => z, slope: () => 1 },
  logistic: { g: sigmoid, slope: (z, a) => a * (1 - a) },
  sigmoid: { g: sigmoid, slope: (z, a) => a * (1 - a) },
  tanh: { g: Math.tanh, slope: (z, a) => 1 - a * a },
  relu: { g: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0), rectifies: true },
  leaky_relu: { g: (z) => Math.max(0.01 * z, z), slope: (z) => (z > 0 ? 1 : 0.01), rectifies: true },
  elu: { g: (z) => Math.max(z, Math.expm1(Math.min(z, 0))), slope: (z, a) => Math.min(a, 0) + 1, rectifies: true },
  gelu: {
    g: (z) => z * sigmoid(gelu_v(z)),
    slope: (z) => {
      const v = gelu_v(z), s = sigmoid(v);
      return s * (1 + (1 - s) * (3 * v - 2 * STEEP * z));
    },
    rectifies: true,
  },
  softplus: { g: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: (z, a) => -Math.expm1(-a), rectifies: true },
  swish: { g: (z) => z * sigmoid(z), slope: (z, a) => { const s = sigmoid(z); return a + s * (1 - a); }, rectifies: true },
};

// What one output costs, L, and dL/dz; `link` is a = what the output means.
const OVER_UNITS = {
  binary: {
    cost: (z, y) => Math.max(z, 0) - y * z + Math.log1p(Math.exp(-Math.abs(z))),
    slope: (z, y) => sigmoid(z) - y,
    link: sigmoid,
  },
  squared_error: { cost: (z, y) => 0.5 * (z - y) ** 2, slope: (z, y) => z - y },
  absolute_error: { cost: (z, y) => Math.abs(z - y), slope: (z, y) => Math.sign(z - y) },
  huber: {
    cost: (z, y) => { const r = z - y, c = Math.max(-1, Math.min(1, r)); return c * (r - c / 2); },
    slope: (z, y) => Math.max(-1, Math.min(1, z - y)),
  },
  quantile: { cost: (z, y) => 0.5 * Math.abs(z - y), slope: (z, y) => 0.5 * Math.sign(z - y) },
  poisson: {
    cost: (z, y) => {
      const c = Math.min(z, CEILING);
      return y * (Math.log(Math.max(y, TINIEST)) - z - 1) + Math.exp(c) * (1 + z - c);
    },
    slope: (z, y) => Math.exp(Math.min(z, CEILING)) - y,
    link: (z) => Math.exp(Math.min(z, CEILING)),
  },
};
OVER_UNITS.multilabel = OVER_UNITS.binary;
const TINIEST = 2.2250738585072014e-308, CEILING = 0.49 * Math.log(Number.MAX_VALUE);

// J, the mean cost of m columns; dZ becomes dJ/dZ[L].
function cost(loss, units, Z, Y, m, dZ) {
  if (loss === "multiclass") return softmaxCost(units, Z, Y, m, dZ);
  const { cost: L, slope } = OVER_UNITS[loss];
  let J = 0;
  for (let k = 0; k < units * m; k++) {
    J += L(Z[k], Y[k]);
    dZ[k] = slope(Z[k], Y[k]) / m;
  }
  return J / m;
}

function softmaxCost(units, Z, Y, m, dZ) {
  let J = 0;
  for (let k = 0; k < m; k++) {
    let top = -Infinity, total = 0, right = 0;
    for (let c = 0; c < units; c++) top = Math.max(top, Z[c * m + k]);
    for (let c = 0; c < units; c++) {
      right += Y[c * m + k] * (Z[c * m + k] - top);
      total += dZ[c * m + k] = Math.exp(Z[c * m + k] - top);
    }
    for (let c = 0; c < units; c++) dZ[c * m + k] = (dZ[c * m + k] / total - Y[c * m + k]) / m;
    J += Math.log(total) - right;
  }
  return J / m;
}

// -- how theta moves -------------------------------------------------------------------

// Each returns step(theta, grad, rate); `weights` of theta are W, which a decay shrinks.
const OPTIMIZERS = {
  gd: () => (theta, grad, rate) => { for (let i = 0; i < theta.length; i++) theta[i] -= rate * grad[i]; },
  sgd: (size, { momentum = 0.9 } = {}) => {
    // Nesterov's look-ahead
    const v = new Float64Array(size);
    return (theta, grad, rate) => {
      for (let i = 0; i < size; i++) {
        const move = rate * grad[i];
        v[i] = momentum * v[i] - move;
        theta[i] += momentum * v[i] - move;
      }
    };
  },
  rmsprop: (size, { beta_2 = 0.999, epsilon = 1e-8 } = {}) => {
    const v = new Float64Array(size);
    return (theta, grad, rate) => {
      for (let i = 0; i < size; i++) {
        v[i] = beta_2 * v[i] + (1 - beta_2) * grad[i] ** 2;
        theta[i] -= (rate * grad[i]) / (Math.sqrt(v[i]) + epsilon);
      }
    };
  },
  adam: (size, { beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-8 } = {}) => {
    const mean = new Float64Array(size), v = new Float64Array(size);
    let t = 0;
    return (theta, grad, rate) => {
      t += 1;
      const rate_t = (rate * Math.sqrt(1 - beta_2 ** t)) / (1 - beta_1 ** t);
      for (let i = 0; i < size; i++) {
        mean[i] = beta_1 * mean[i] + (1 - beta_1) * grad[i];
        v[i] = beta_2 * v[i] + (1 - beta_2) * grad[i] ** 2;
        theta[i] -= (rate_t * mean[i]) / (Math.sqrt(v[i]) + epsilon);
      }
    };
  },
  adamw: (size, { decay = 0, weights = size, ...moments } = {}) => {
    const adam = OPTIMIZERS.adam(size, moments);
    return (theta, grad, rate) => {
      for (let i = 0; i < weights; i++) theta[i] *= 1 - rate * decay;
      adam(theta, grad, rate);
    };
  },
};

// -- random numbers, and the first weights ---------------------------------------------

// Uniform numbers from 0 to 1 of a seed (splitmix32); not those that NumPy draws.
function uniform(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return ((t ^ (t >>> 15)) >>> 0) / 4294967296;
  };
}

// Standard normal numbers (Box and Muller 1958).
const normal = (random) => () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

function shuffled(count, random) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

// The standard deviation of W[l] for n_out units of n_in inputs.
const INITIALIZERS = {
  zeros: () => 0,
  small_random: () => 0.01,
  scaled: (n_out, n_in) => 1 / Math.sqrt(n_in),
  xavier: (n_out, n_in) => Math.sqrt(2 / (n_in + n_out)),
  he: (n_out, n_in) => Math.sqrt(2 / n_in),
};

// -- a network that is being trained ---------------------------------------------------

class LiveNetwork {
  // n: units of the layers 0 to L; activations: names for the layers 1 to L - 1.
  constructor({ n, activations, loss, solver, rate, alpha = 0, options = {} }) {
    Object.assign(this, { n, activations, loss, rate, alpha });
    this.L = n.length - 1;
    this.g = [null, ...activations.map((name) => ACTIVATIONS[name])];
    this.weights = 0;
    for (let l = 1; l <= this.L; l++) this.weights += n[l] * n[l - 1];
    this.theta = new Float64Array(this.weights + n.slice(1).reduce((sum, units) => sum + units, 0));
    this.grad = new Float64Array(this.theta.length);
    // its decay does not pass through the gradient
    const apart = solver === "adamw";
    this.l2 = apart ? 0 : alpha;
    const all = { weights: this.weights, decay: apart ? alpha : 0, ...options };
    this.step = OPTIMIZERS[solver](this.theta.length, all);
    this.A = this.Z = this.dZ = null;
  }

  // First weights by the name of a rule; "auto" is He's where a layer rectifies.
  initialise(init, random) {
    const draw = normal(random), { W } = this.views(this.theta);
    this.theta.fill(0);
    for (let l = 1; l <= this.L; l++) {
      const auto = l < this.L && this.g[l].rectifies ? "he" : "xavier";
      const spread = INITIALIZERS[init === "auto" ? auto : init](this.n[l], this.n[l - 1]);
      for (let i = 0; i < W[l].length; i++) W[l][i] = spread && spread * draw();
    }
  }

  // W[1..L] and b[1..L] as views of a vector like theta.
  views(theta) {
    const { n, L } = this, W = [null], b = [null];
    let at = 0;
    const take = (count) => theta.subarray(at, (at += count));
    for (let l = 1; l <= L; l++) W.push(take(n[l] * n[l - 1]));
    for (let l = 1; l <= L; l++) b.push(take(n[l]));
    return { W, b };
  }

  makeRoom(m) {
    if (this.A && this.m === m) return;
    this.m = m;
    this.A = room(this.n, m);
    this.Z = room(this.n, m);
    this.dZ = room(this.n, m);
  }

  // Z[l] = W[l] A[l-1] + b[l], A[l] = g[l](Z[l]); the last layer stays at Z[L].
  forward(X, m) {
    this.makeRoom(m);
    const { n, L, A, Z, g } = this, { W, b } = this.views(this.theta);
    A[0] = X;
    for (let l = 1; l <= L; l++) {
      for (let i = 0; i < n[l]; i++) {
        const z = Z[l].subarray(i * m, (i + 1) * m).fill(b[l][i]);
        for (let j = 0; j < n[l - 1]; j++) {
          const w = W[l][i * n[l - 1] + j], start = j * m;
          for (let k = 0; k < m; k++) z[k] += w * A[l - 1][start + k];
        }
      }
      if (l < L) for (let k = 0; k < n[l] * m; k++) A[l][k] = g[l].g(Z[l][k]);
    }
    return Z[L];
  }

  // dW[l] = dZ[l] A[l-1]^T, db[l] = dZ[l] 1, dZ[l-1] = W[l]^T dZ[l] * g'(Z[l-1]).
  backward(m) {
    const { n, L, A, Z, dZ, g } = this, { W } = this.views(this.theta);
    const { W: dW, b: db } = this.views(this.grad);
    for (let l = L; l >= 1; l--) {
      if (l > 1) dZ[l - 1].fill(0);
      for (let i = 0; i < n[l]; i++) {
        let sum = 0;
        for (let k = 0; k < m; k++) sum += dZ[l][i * m + k];
        db[l][i] = sum;
        for (let j = 0; j < n[l - 1]; j++) {
          let dw = 0;
          const w = W[l][i * n[l - 1] + j];
          for (let k = 0; k < m; k++) {
            const slope = dZ[l][i * m + k];
            dw += slope * A[l - 1][j * m + k];
            if (l > 1) dZ[l - 1][j * m + k] += w * slope;
          }
          dW[l][i * n[l - 1] + j] = dw;
        }
      }
      if (l > 1) for (let k = 0; k < n[l - 1] * m; k++) dZ[l - 1][k] *= g[l - 1].slope(Z[l - 1][k], A[l - 1][k]);
    }
  }

  // J = mean cost + l2 / 2 ||W||^2, and its gradient in this.grad.
  gradient(X, Y, m) {
    const Z = this.forward(X, m);
    let J = cost(this.loss, this.n[this.L], Z, Y, m, this.dZ[this.L]);
    this.backward(m);
    if (this.l2) {
      for (let i = 0; i < this.weights; i++) {
        J += 0.5 * this.l2 * this.theta[i] ** 2;
        this.grad[i] += this.l2 * this.theta[i];
      }
    }
    return J;
  }

  // One step; returns J before it.
  train(X, Y, m) {
    const J = this.gradient(X, Y, m);
    this.step(this.theta, this.grad, this.rate);
    return J;
  }

  // The mean cost of rows, without a step and without the penalty.
  costOf(X, Y, m) {
    const Z = this.forward(X, m);
    return cost(this.loss, this.n[this.L], Z, Y, m, this.dZ[this.L]);
  }
}
