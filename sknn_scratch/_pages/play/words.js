// -- the training in the page, in equations and in Python ----------------------------------

const ADAM = ["v ← 0.9 v + 0.1 dθ", "s ← 0.999 s + 0.001 dθ²", "θ ← θ − α v̂ / (√ŝ + ε)"];
const NEXT = {
  gd: ["θ ← θ − α dθ"],
  sgd: ["v ← 0.9 v − α dθ", "θ ← θ + 0.9 v − α dθ"],
  rmsprop: ["s ← 0.999 s + 0.001 dθ²", "θ ← θ − α dθ / (√s + ε)"],
  adam: ADAM,
  adamw: ["W ← (1 − α λ/M) W", ...ADAM],
};
const LAST = {
  binary: ["A[L] = σ(Z[L])", "A[L] − Y"],
  multiclass: ["A[L] = softmax(Z[L])", "A[L] − Y"],
  squared_error: ["A[L] = Z[L]", "A[L] − Y"],
  absolute_error: ["A[L] = Z[L]", "sign(A[L] − Y)"],
  huber: ["A[L] = Z[L]", "A[L] − Y, at most 1 and at least −1"],
};

// A line of mathematics: [l] stands above.
function formula(line) {
  const parts = line.split(/(\[[^\]]+\]ᵀ?)/).map((part) => (part.startsWith("[") ? element("sup", { textContent: part.replace("ᵀ", " T") }) : part));
  return element("li", {}, ...parts);
}

// The equations of a step, and the shapes of what they compute.
function tellEquations({ net, settings, loss, rows, points }) {
  const { n, L } = net, deep = L > 1, [output, slope] = LAST[loss];
  const b = Math.min(rows.m, settings.batch || rows.m);
  const lines = [
    "A[0] = X, standardised",
    `Z[l] = W[l] A[l−1] + b[l]  for l = 1${deep ? ` to ${L}` : ""}`,
    deep ? `A[l] = ${settings.activation}(Z[l])  for l < L, ${output}` : output,
    `dZ[L] = 1/m (${slope})`,
    `dW[l] = dZ[l] A[l−1]ᵀ${net.l2 ? " + λ/M W[l]" : ""},  db[l] = dZ[l] 1`,
    ...(deep ? ["dZ[l−1] = W[l]ᵀ dZ[l] ∗ g′(Z[l−1])"] : []),
    ...NEXT[settings.solver],
  ];
  $("equations").replaceChildren(...lines.map(formula));
  const shapes = n.slice(1).map((units, l) => [
    l + 1, `${units} × ${n[l]}`, `${units} × 1`, `${units} × ${b}`, units * (n[l] + 1),
  ]);
  $("shapes").tBodies[0].replaceChildren(...shapes.map((row) => element("tr", {}, ...row.map((cell) => element("td", { textContent: cell })))));
  const { of } = points.train, drawn = of > rows.m ? ` (drawn from ${of})` : "";
  const decay = settings.alpha ? ` λ is alpha, M = ${of}.` : "";
  text("parameters-told", `θ is all W and b: ${count(n)} numbers. m = ${b} points of a batch, of ${rows.m}${drawn}; α is the learning rate.${decay}`);
}

// Python that trains as the page does: the same settings, other random numbers.
function pythonOf(settings, set, epoch) {
  const { layers, activation, solver, rate, batch, alpha, init, loss, seed, noise } = settings;
  const kind = set.numbers ? "DeepNetRegressor" : "DeepNetClassifier";
  const tuple = layers.length === 1 ? `(${layers[0]},)` : `(${layers.join(", ")})`;
  const lines = [
    `hidden_layer_sizes=${tuple}`,
    `activation="${activation}"`,
    ...(set.numbers ? [`loss="${loss}"`, "standardize_target=False"] : []),
    `solver="${solver}"`,
    `learning_rate_init=${rate}`,
    ...(solver === "gd" ? [] : [`batch_size=${batch ? `min(${batch}, len(X))` : "len(X)"}`]),
    `alpha=${alpha}`,
    `init="${init}"`,
    `max_iter=${epoch || 300}`,
    "tol=0",
    'n_iter_no_change=float("inf")',
    "standardize=True",
    `random_state=${seed}`,
  ];
  const split = set.classes ? "" : `${HOLD_OUT(seed)}\n`;
  return `${set.python(noise, seed)}
${split}
from sknn_scratch import ${kind}
network = ${kind}(
${lines.map((line) => `    ${line},\n`).join("")})
network.fit(X, y, X_val=X_val, y_val=y_val)
print(network.score(X, y), network.score(X_val, y_val))
`;
}
