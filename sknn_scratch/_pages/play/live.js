// -- the training in the page -------------------------------------------------------------

// epochs that the axis of the costs has before they are trained
const CURVE_AT_FIRST = 50;

// Columns as the engine takes them: X standardised, Y one row for each output.
function columnsOf({ x, y }, { mean, scale, classes, outputs: K }) {
  const m = x.length, X = new Float64Array(2 * m), Y = new Float64Array(K * m);
  for (let k = 0; k < m; k++) {
    for (let j = 0; j < 2; j++) X[j * m + k] = (x[k][j] - mean[j]) / scale[j];
    if (classes && K > 1) Y[y[k] * m + k] = 1;
    else Y[k] = y[k];
  }
  return { X, Y, m };
}

function moments(x) {
  const mean = [0, 1].map((j) => x.reduce((sum, row) => sum + row[j], 0) / x.length);
  const scale = [0, 1].map((j) => Math.sqrt(x.reduce((sum, row) => sum + (row[j] - mean[j]) ** 2, 0) / x.length) || 1);
  return { mean, scale };
}

// The share of right answers, or R squared, of Z[L].
function scoreOf(Z, { Y, m }, classes, K) {
  if (!classes) {
    const mean = Y.reduce((sum, y) => sum + y, 0) / m;
    let left = 0, all = 0;
    for (let k = 0; k < m; k++) { left += (Y[k] - Z[k]) ** 2; all += (Y[k] - mean) ** 2; }
    return 1 - left / (all || 1);
  }
  let right = 0;
  for (let k = 0; k < m; k++) {
    if (K === 1) { right += Z[k] > 0 === Y[k] > 0; continue; }
    let best = 0;
    for (let c = 1; c < K; c++) if (Z[c * m + k] > Z[best * m + k]) best = c;
    right += Y[best * m + k];
  }
  return right / m;
}

const LIVE_LINKS = {
  binary: [(z) => 1 - sigmoid(z), sigmoid],
  multiclass: null,
  number: [(z) => z],
};

// A network in training, by the settings of the knobs (see knobs.js).
class Training {
  constructor(settings, set) {
    this.settings = settings;
    Object.assign(this, pointsOf(set, settings.noise, settings.seed));
    Object.assign(this, moments(this.points.train.x));
    const K = this.classes && this.classes.length > 2 ? this.classes.length : 1;
    this.outputs = K;
    this.rows = columnsOf(this.points.train, this);
    this.held = columnsOf(this.points.validation, this);
    this.loss = this.classes ? (K > 1 ? "multiclass" : "binary") : settings.loss;
    const { layers, activation, solver, init, seed } = settings;
    this.net = new LiveNetwork({
      n: [2, ...layers, K], activations: layers.map(() => activation), loss: this.loss,
      solver, rate: settings.rate, alpha: settings.alpha / this.points.train.of,
    });
    this.random = uniform(seed + 1);
    this.net.initialise(init, this.random);
    this.epoch = 0;
    this.curve = { epochs: [], train: [], validation: [], last: CURVE_AT_FIRST };
    this.measure();
  }

  // The costs and scores at the end of an epoch; false where they are not finite.
  measure() {
    const { net, rows, held, classes, outputs: K } = this;
    const costs = [], scores = [];
    for (const part of [rows, held]) {
      costs.push(net.costOf(part.X, part.Y, part.m));
      scores.push(scoreOf(net.Z[net.L], part, classes, K));
    }
    if (!costs.every(Number.isFinite)) return false;
    Object.assign(this, { costs, scores });
    this.curve.epochs.push(this.epoch);
    this.curve.train.push(costs[0]);
    this.curve.validation.push(costs[1]);
    this.curve.last = Math.max(CURVE_AT_FIRST, this.epoch);
    return true;
  }

  // One pass over the shuffled rows in batches; false where it has diverged.
  trainEpoch() {
    const { X, Y, m } = this.rows, K = this.outputs, order = shuffled(m, this.random);
    const size = Math.min(m, this.settings.batch || m), before = this.net.theta.slice();
    for (let from = 0; from < m; from += size) {
      const b = Math.min(size, m - from), x = new Float64Array(2 * b), y = new Float64Array(K * b);
      for (let k = 0; k < b; k++) {
        const row = order[from + k];
        for (let j = 0; j < 2; j++) x[j * b + k] = X[j * m + row];
        for (let c = 0; c < K; c++) y[c * b + k] = Y[c * m + row];
      }
      this.net.train(x, y, b);
    }
    this.epoch += 1;
    if (this.measure()) return true;
    this.epoch -= 1;
    this.net.theta.set(before);
    return false;
  }

  // What the stage draws.
  source() {
    const { net, settings } = this;
    return {
      n: net.n, g: [null, ...net.g.slice(1).map((one) => one.g)], kinds: settings.layers.map(() => settings.activation),
      links: LIVE_LINKS[this.classes ? this.loss : "number"], fluent: 3e6,
      classes: this.classes, points: this.points, mean: this.mean, scale: this.scale, projected: this.projected,
      parameters: () => net.views(net.theta),
      now: () => ({ epoch: this.epoch, costs: this.costs, scores: this.scores }),
      curve: () => this.curve,
    };
  }
}

// A mode of the page: its source of frames, and what its buttons do.
function liveMode(run, knobs) {
  const mode = { name: "live", pause: 50, lead: "The network is trained by this page, in your browser. Turn a knob and see what it changes." };
  let training, diverged = false;

  function show() {
    state.frame = training.epoch;
    draw();
    text("diverged", diverged ? `The cost is no longer finite after epoch ${training.epoch}: the learning rate is too high for this network. Lower it.` : "");
    $("diverged").hidden = !diverged;
  }

  mode.first = () => {
    const settings = knobs.settings();
    diverged = false;
    training = new Training(settings, knobs.set());
    state.probe = null;
    mode.source = training.source();
    setStage(mode.source);
    tellEquations(training);
    mode.describe();
    show();
  };
  mode.next = () => {
    if (!diverged) diverged = !training.trainEpoch();
    show();
  };
  // as many epochs as fit into the time, then a drawing
  mode.many = (milliseconds) => {
    const end = performance.now() + milliseconds;
    do diverged = !training.trainEpoch(); while (!diverged && performance.now() < end);
    show();
  };
  mode.open = () => { if (training) { setStage(mode.source); show(); } else mode.first(); };
  mode.start = () => {};
  mode.ended = () => diverged;
  mode.describe = () => text("live-python", pythonOf(training.settings, knobs.set(), training.epoch));
  // knobs that a training can go on with
  mode.adjust = () => {
    if (diverged) return mode.first();
    const { rate, batch, alpha } = knobs.settings();
    Object.assign(training.settings, { rate, batch, alpha });
    training.net.rate = rate;
    if (training.settings.solver !== "adamw") training.net.l2 = alpha / training.points.train.of;
    mode.describe();
  };
  return mode;
}
