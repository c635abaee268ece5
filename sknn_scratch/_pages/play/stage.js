// -- the stage: draws any source of frames, recorded or live -----------------------------
//
// A source has
//   n, g, links        units of the layers, activation functions, functions of outputs
//   kinds              names of the activations of the hidden layers
//   classes            names of the classes; null for a source that predicts numbers
//   points             {train, validation}: {x, y, of}, y as class index or number
//   projected          a sentence on the projection of the points, or ""
//   mean, scale        what standardises the two inputs
//   fluent             how much work a drawing may be: cells x parameters
//   parameters()       {W, b} of the current frame
//   now()              {epoch, of, costs, scores} of the current frame
//   curve()            {epochs, train, validation, last}: the costs to draw

const state = { frame: 0, unit: null, probe: null, playing: false, validation: true };
const small = document.createElement("canvas");
let source, plane, N, M, grid, surface, strongest;

function setStage(next) {
  const same = source && next.classes === source.classes;
  source = next;
  state.unit = null;
  if (!same) readColours(source.classes ? source.classes.length : 2);
  plane = [extent(0), extent(1)];
  const size = count(source.n);
  // cells on a side: fewer for large networks, so that they are drawn fluently
  N = Math.max(40, Math.min(100, Math.floor(Math.sqrt(source.fluent / size))));
  M = N * N;
  small.width = small.height = N;
  grid = room(source.n, M);
  surface = new Float64Array((source.classes ? source.classes.length : 1) * M);
  strongest = source.classes ? null : source.points.train.y.reduce((a, y) => Math.max(a, Math.abs(y)), 1e-12);
  for (let r = 0; r < N; r++) {
    for (let c = 0; c < N; c++) {
      grid[0][r * N + c] = standardised(at((c + 0.5) / N, 0), 0);
      grid[0][M + r * N + c] = standardised(at(1 - (r + 0.5) / N, 1), 1);
    }
  }
  text("projected", source.projected);
  $("projected").hidden = !source.projected;
  legend();
  buildNet();
  layOut();
}

const count = (n) => n.slice(1).reduce((sum, units, l) => sum + units * (n[l] + 1), 0);
const standardised = (value, feature) => (value - source.mean[feature]) / source.scale[feature];

function extent(feature) {
  const all = [...source.points.train.x, ...source.points.validation.x].map((x) => x[feature]);
  const low = all.reduce((a, x) => Math.min(a, x)), high = all.reduce((a, x) => Math.max(a, x));
  const rim = 0.08 * (high - low) || 1;
  return [low - rim, high + rim];
}

const at = (share, feature) => plane[feature][0] + share * (plane[feature][1] - plane[feature][0]);
const share = (value, feature) => (value - plane[feature][0]) / (plane[feature][1] - plane[feature][0]);

// A[0..L] of some points, by the current parameters.
function activate(points) {
  const { n, g: functions } = source, m = points.length, A = room(n, m);
  points.forEach((point, k) => point.forEach((x, j) => { A[0][j * m + k] = standardised(x, j); }));
  forward(n, functions, source.parameters(), A, m);
  return A;
}

// What the network says of points: probabilities of the classes, or one number.
function answers(points) {
  const { n, links, classes } = source, m = points.length, K = classes ? classes.length : 1;
  const P = new Float64Array(K * m);
  outputs(links, n[n.length - 1], activate(points)[n.length - 1], m, P);
  return points.map((_, k) => Array.from({ length: K }, (_, c) => P[c * m + k]));
}

function draw() {
  const params = source.parameters(), { n, g: functions, links } = source, L = n.length - 1;
  forward(n, functions, params, grid, M);
  outputs(links, n[L], grid[L], M, surface);
  const largest = drawMap();
  drawCost();
  drawTiles();
  drawEdges(params);
  tellWeights(params, largest);
  $("back").hidden = !state.unit;
  tell();
  tellFigures();
}

// -- the picture of the plane ------------------------------------------------------------

// The colour of the most probable class, paler where it is less certain.
function classColour(k) {
  const K = source.classes.length, mix = [0, 0, 0];
  let best = 0;
  for (let d = 0; d < K; d++) {
    const p = surface[d * M + k];
    best = Math.max(best, p);
    for (let i = 0; i < 3; i++) mix[i] += p * colours.classes[d][i];
  }
  return mixed(mix, 0.08 + 0.5 * (best - 1 / K) / (1 - 1 / K));
}

// Paint a tile: all outputs, one class, or one unit (returns its largest value).
function paint(pixels, l, i, all, step) {
  if (l === source.n.length - 1) {
    const one = (k) => mixed(colours.classes[i], 0.8 * surface[i * M + k]);
    const number = (k) => signed(0.7 * Math.max(-1, Math.min(1, surface[k] / strongest)));
    fillPixels(pixels, N, step, source.classes ? (all ? classColour : one) : number);
    return null;
  }
  const values = grid[l].subarray(i * M, (i + 1) * M);
  let largest = 1e-12;
  for (let k = 0; k < M; k++) largest = Math.max(largest, Math.abs(values[k]));
  fillPixels(pixels, N, step, (k) => mixed(values[k] < 0 ? colours.minus : colours.plus, Math.abs(values[k]) / largest));
  return largest;
}

const RIM = { left: 46, right: 8, top: 6, bottom: 40 };

function frameOf(width, height) {
  const w = width - RIM.left - RIM.right, h = height - RIM.top - RIM.bottom;
  return {
    w, h,
    x: (value) => RIM.left + share(value, 0) * w,
    y: (value) => RIM.top + (1 - share(value, 1)) * h,
  };
}

function drawMap() {
  const { pen, width, height } = sharp($("map")), box = frameOf(width, height);
  const image = new ImageData(N, N);
  const largest = paint(image.data, ...(state.unit || [source.n.length - 1, 0]), !state.unit, 1);
  small.getContext("2d").putImageData(image, 0, 0);
  pen.save();
  pen.beginPath();
  pen.rect(RIM.left, RIM.top, box.w, box.h);
  pen.clip();
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(small, RIM.left, RIM.top, box.w, box.h);
  drawBoundaries(pen, box);
  drawPoints(pen, box, "train", width);
  if (state.validation) drawPoints(pen, box, "validation", width);
  if (state.probe) drawProbe(pen, box);
  pen.restore();
  drawAxes(pen, box);
  return largest;
}

// The lines where the two most probable classes are equally probable, or a number is 0.
function drawBoundaries(pen, box) {
  pen.beginPath();
  const dx = box.w / N, dy = box.h / N, lead = new Float64Array(M);
  const K = source.classes ? source.classes.length : 1;
  for (let d = K === 2 ? 1 : 0; d < K; d++) {
    for (let k = 0; k < M; k++) {
      let rival = K === 1 ? 0 : -Infinity;
      for (let e = 0; e < K; e++) if (e !== d) rival = Math.max(rival, surface[e * M + k]);
      lead[k] = surface[d * M + k] - rival;
    }
    for (let r = 0; r + 1 < N; r++) for (let c = 0; c + 1 < N; c++) cross(pen, lead, r, c, dx, dy);
  }
  pen.strokeStyle = colours.text;
  pen.lineWidth = 1.5;
  pen.stroke();
}

// The line of lead = 0 in the square between four cells (marching squares).
function cross(pen, lead, r, c, dx, dy) {
  const k = r * N + c, first = lead[k] > 0;
  if (lead[k + 1] > 0 === first && lead[k + N] > 0 === first && lead[k + N + 1] > 0 === first) return;
  const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]];
  const met = [];
  for (let e = 0; e < 4; e++) {
    const [r0, c0] = corners[e], [r1, c1] = corners[(e + 1) % 4];
    const a = lead[r0 * N + c0], b = lead[r1 * N + c1];
    if (a > 0 === b > 0) continue;
    const t = a / (a - b);
    met.push([RIM.left + (c0 + t * (c1 - c0) + 0.5) * dx, RIM.top + (r0 + t * (r1 - r0) + 0.5) * dy]);
  }
  for (let e = 0; e + 1 < met.length; e += 2) {
    pen.moveTo(...met[e]);
    pen.lineTo(...met[e + 1]);
  }
}

// Training points are filled, validation points are rings.
function drawPoints(pen, box, part, width) {
  const { x, y } = source.points[part], radius = width < 420 ? 3 : x.length > 500 ? 3.2 : 4;
  const paths = (source.classes || [0]).map((_, c) => new Path2D(form(c, radius)));
  const number = (value) => `rgb(${signed(Math.sign(value) * (0.35 + 0.65 * Math.abs(value) / strongest)).map(Math.round).join()})`;
  x.forEach((point, k) => {
    pen.save();
    pen.translate(box.x(point[0]), box.y(point[1]));
    const path = paths[source.classes ? y[k] : 0];
    const hue = source.classes ? colours.hues[y[k]] : number(y[k]);
    pen.lineWidth = part === "train" ? 1 : 3.4;
    pen.strokeStyle = colours.surface;
    pen.stroke(path);
    if (part === "train") {
      pen.fillStyle = hue;
      pen.fill(path);
    } else {
      pen.lineWidth = 1.7;
      pen.strokeStyle = hue;
      pen.stroke(path);
    }
    pen.restore();
  });
}

function drawProbe(pen, box) {
  const x = box.x(state.probe[0]), y = box.y(state.probe[1]);
  pen.beginPath();
  for (const [from, to] of [[5, 15], [-5, -15]]) {
    pen.moveTo(x + from, y); pen.lineTo(x + to, y);
    pen.moveTo(x, y + from); pen.lineTo(x, y + to);
  }
  pen.strokeStyle = colours.surface; pen.lineWidth = 5; pen.stroke();
  pen.strokeStyle = colours.text; pen.lineWidth = 2; pen.stroke();
}

function drawAxes(pen, box) {
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(RIM.left + 0.5, RIM.top + 0.5, box.w - 1, box.h - 1);
  pen.fillStyle = colours.quiet;
  pen.textAlign = "center";
  const bottom = RIM.top + box.h;
  for (const [value, label] of ticks(...plane[0], 6)) pen.fillText(label, box.x(value), bottom + 16);
  pen.fillText(axis(0), RIM.left + box.w / 2, bottom + 34);
  pen.textAlign = "right";
  for (const [value, label] of ticks(...plane[1], 6)) pen.fillText(label, RIM.left - 6, box.y(value) + 4);
  pen.save();
  pen.translate(11, RIM.top + box.h / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(axis(1), 0, 0);
  pen.restore();
}

const axis = (feature) => (source.projected ? `direction ${feature + 1} (PCA)` : feature ? "x₂" : "x₁");

function probe(right, up) {
  const inside = (x) => Math.max(0, Math.min(1, x));
  state.probe = [at(inside(right), 0), at(inside(up), 1)];
  drawMap();
  tell();
}

function tell() {
  if (!state.probe) {
    text("readout", "Point at a place, tap it, or move there with the arrow keys: its values are read off here.");
    return;
  }
  const [x1, x2] = state.probe, P = answers([state.probe])[0], { classes, n } = source;
  const likely = P.map((p, c) => [p, c]).sort((a, b) => b[0] - a[0]).slice(0, 6);
  likely.sort((a, b) => a[1] - b[1]);
  let words = `x₁ = ${nice(x1)}, x₂ = ${nice(x2)}: `;
  words += classes ? likely.map(([p, c]) => `P(${classes[c]}) = ${percent(p)}`).join(", ") : `prediction = ${nice(P[0])}`;
  if (P.length > likely.length) words += ", …";
  if (state.unit && state.unit[0] < n.length - 1) {
    const [l, i] = state.unit;
    words += `; this unit: a = ${nice(activate([state.probe])[l][i])}`;
  }
  text("readout", words);
}

function legend() {
  const icon = (c, ring) => svgElement("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" },
    svgElement("path", { d: form(source.classes ? c : 0, 5), fill: ring ? "none" : colours.hues[c], stroke: colours.hues[c], "stroke-width": 1.8 }));
  const names = source.classes ? source.classes.map((name) => (/^\d+$/.test(name) ? `class ${name}` : name)) : ["below 0", "above 0"];
  const items = names.map((name, c) => element("li", {}, icon(c, false), name));
  const box = element("input", { type: "checkbox", id: "validation", checked: state.validation });
  box.onchange = () => { state.validation = box.checked; drawMap(); };
  items.push(element("li", {}, element("label", {}, box, icon(0, true), "validation points (rings)")));
  $("legend").replaceChildren(...items);
}

// -- the cost ----------------------------------------------------------------------------

const LEFT = 46, BOTTOM = 22, CURVE = 600;

function drawCost() {
  const { pen, width, height } = sharp($("cost")), w = width - LEFT - 10, h = height - BOTTOM - 8;
  const curve = source.curve(), { epoch, costs } = source.now();
  const highest = 1.05 * [...curve.train, ...curve.validation].reduce((a, J) => Math.max(a, J), 0) || 1;
  const x = (e) => LEFT + (e / curve.last) * w, y = (J) => 8 + (1 - J / highest) * h;
  pen.fillStyle = colours.quiet;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const [J, label] of ticks(0, highest, 6)) {
    pen.fillText(label, LEFT - 6, y(J) + 4);
    pen.beginPath(); pen.moveTo(LEFT, y(J)); pen.lineTo(LEFT + w, y(J)); pen.stroke();
  }
  pen.textAlign = "center";
  for (const [e, label] of ticks(0, curve.last, 6)) {
    if (Number.isInteger(e)) pen.fillText(label, x(e), height - 5);
  }
  pen.beginPath(); pen.moveTo(x(epoch), 8); pen.lineTo(x(epoch), 8 + h);
  pen.strokeStyle = colours.quiet; pen.lineWidth = 1.5; pen.stroke();
  const lines = [["train", colours.accent, []], ["validation", colours.warm, [6, 4]]];
  const stride = Math.ceil(curve.epochs.length / CURVE), end = curve.epochs.length - 1;
  lines.forEach(([part, colour, dash], which) => {
    pen.beginPath();
    curve.epochs.forEach((e, k) => { if (k % stride === 0 || k === end) pen.lineTo(x(e), y(curve[part][k])); });
    pen.setLineDash(dash); pen.strokeStyle = colour; pen.lineWidth = 2; pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    pen.arc(x(epoch), y(costs[which]), 5, 0, 7);
    pen.fillStyle = which ? colours.surface : colour;
    pen.fill(); pen.stroke();
  });
}

function tellFigures() {
  const { epoch, of, costs: [J, J_val], scores } = source.now();
  $("epoch").replaceChildren(String(epoch), ...(of ? [element("small", { textContent: ` of ${of}` })] : []));
  text("parameters", String(count(source.n)));
  text("train-cost", J < 1e3 ? J.toFixed(4) : nice(J));
  text("validation-cost", J_val < 1e3 ? J_val.toFixed(4) : nice(J_val));
  const shown = (score) => (source.classes ? `${(100 * score).toFixed(1)} %` : score.toFixed(3).replace("-", "−"));
  text("train-score", shown(scores[0]));
  text("validation-score", shown(scores[1]));
  text("train-measure", source.classes ? "Training accuracy" : "Training R²");
  text("validation-measure", source.classes ? "Validation accuracy" : "Validation R²");
  $("map").setAttribute("aria-label", `${$("what").textContent} after epoch ${epoch}`);
  $("cost").setAttribute("aria-label", `Cost after epoch ${epoch}: training ${nice(J)}, validation ${nice(J_val)}`);
}
