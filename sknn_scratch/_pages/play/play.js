// Needs the forward pass (forward.js) and the network's g and OUTPUTS before it.
(() => {
const run = JSON.parse(document.getElementById("run").textContent);
const $ = (id) => document.getElementById(id);
const text = (id, words) => { $(id).textContent = words; };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

const n = run.units, L = n.length - 1, K = run.classes.length;

function numbers(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

const thetas = numbers(run.theta);
const frames = run.epochs.length, size = thetas.length / frames;

// The parameters of one epoch as views of theta: all W, row by row, then all b.
function parameters(frame) {
  let at = frame * size;
  const take = (count) => thetas.subarray(at, (at += count));
  const W = [null], b = [null];
  for (let l = 1; l <= L; l++) W.push(take(n[l] * n[l - 1]));
  for (let l = 1; l <= L; l++) b.push(take(n[l]));
  return { W, b };
}

const standardised = (value, feature) => (value - run.mean[feature]) / run.scale[feature];

function activate(frame, points) {
  const m = points.length, A = room(n, m);
  points.forEach((point, k) => point.forEach((x, j) => { A[0][j * m + k] = standardised(x, j); }));
  forward(n, g, parameters(frame), A, m);
  return A;
}

// The probabilities after that epoch, as predict_proba returns them.
function probabilities(frame, points) {
  const m = points.length, P = new Float64Array(K * m);
  outputs(OUTPUTS, n[L], activate(frame, points)[L], m, P);
  return points.map((_, k) => run.classes.map((_, c) => P[c * m + k]));
}

// -- the plane: a square grid of cells around the points -------------------------------

function extent(feature) {
  const all = [...run.points.train.x, ...run.points.validation.x].map((x) => x[feature]);
  const low = all.reduce((a, x) => Math.min(a, x)), high = all.reduce((a, x) => Math.max(a, x));
  const rim = 0.08 * (high - low) || 1;
  return [low - rim, high + rim];
}

const plane = [extent(0), extent(1)];
const at = (share, feature) => plane[feature][0] + share * (plane[feature][1] - plane[feature][0]);
const share = (value, feature) => (value - plane[feature][0]) / (plane[feature][1] - plane[feature][0]);

// Cells on a side: fewer for large networks, so that they are drawn fluently.
const N = Math.max(40, Math.min(100, Math.floor(Math.sqrt(3e7 / size))));
const M = N * N, grid = room(n, M), surface = new Float64Array(K * M);
for (let r = 0; r < N; r++) {
  for (let c = 0; c < N; c++) {
    grid[0][r * N + c] = standardised(at((c + 0.5) / N, 0), 0);
    grid[0][M + r * N + c] = standardised(at(1 - (r + 0.5) / N, 1), 1);
  }
}

// -- colours ---------------------------------------------------------------------------

// Okabe and Ito's colours, safe for colour-blind readers; a little lighter in dark mode.
const HUES = [
  ["#1f6fb4", "#6db3f2"], ["#d9760b", "#f5a04a"], ["#078a63", "#3fc99b"],
  ["#b5488c", "#e695c5"], ["#7d6b00", "#e3d34d"], ["#5b4bc4", "#a99cf5"],
  ["#b8321f", "#ff8b75"], ["#2a9bc0", "#8fdcf5"], ["#5d5d5d", "#bdbdbd"],
  ["#6f4a1f", "#d3a873"],
];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
let colours = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const name = (variable) => style.getPropertyValue(variable).trim();
  colours = {};
  for (const key of ["surface", "card", "line", "text", "quiet", "accent", "warm"]) {
    colours[key] = name(`--${key}`);
  }
  colours.minus = rgb(name("--minus"));
  colours.plus = rgb(name("--plus"));
  colours.ground = rgb(colours.surface);
  colours.hues = run.classes.map((_, c) => HUES[c % HUES.length][dark.matches ? 1 : 0]);
  colours.classes = colours.hues.map(rgb);
}

// The colour of the most probable class, paler where it is less certain.
function paintSurface(pixels, step) {
  const side = Math.ceil(N / step);
  for (let r = 0, q = 0; r < side; r++) {
    for (let c = 0; c < side; c++, q += 4) {
      const k = r * step * N + c * step;
      let best = 0;
      const mix = [0, 0, 0];
      for (let d = 0; d < K; d++) {
        const p = surface[d * M + k];
        best = Math.max(best, p);
        for (let i = 0; i < 3; i++) mix[i] += p * colours.classes[d][i];
      }
      const strength = 0.08 + 0.5 * (best - 1 / K) / (1 - 1 / K);
      for (let i = 0; i < 3; i++) pixels[q + i] = colours.ground[i] + strength * (mix[i] - colours.ground[i]);
      pixels[q + 3] = 255;
    }
  }
}

// The colour of one class, with its probability as the strength.
function paintClass(pixels, d, step) {
  const side = Math.ceil(N / step), end = colours.classes[d];
  for (let r = 0, q = 0; r < side; r++) {
    for (let c = 0; c < side; c++, q += 4) {
      const p = surface[d * M + r * step * N + c * step];
      for (let i = 0; i < 3; i++) pixels[q + i] = colours.ground[i] + 0.8 * p * (end[i] - colours.ground[i]);
      pixels[q + 3] = 255;
    }
  }
}

// One colour below 0 and another above, relative to the largest value of the unit.
function paintUnit(pixels, values, step) {
  let largest = 1e-12;
  for (let k = 0; k < M; k++) largest = Math.max(largest, Math.abs(values[k]));
  const side = Math.ceil(N / step);
  for (let r = 0, q = 0; r < side; r++) {
    for (let c = 0; c < side; c++, q += 4) {
      const a = values[r * step * N + c * step] / largest;
      const end = a < 0 ? colours.minus : colours.plus;
      for (let i = 0; i < 3; i++) pixels[q + i] = colours.ground[i] + Math.abs(a) * (end[i] - colours.ground[i]);
      pixels[q + 3] = 255;
    }
  }
  return largest;
}

// Paint a tile: all classes, one class, or one unit (returns its largest value).
function paint(pixels, l, i, all, step) {
  if (l < L) return paintUnit(pixels, grid[l].subarray(i * M, (i + 1) * M), step);
  if (all) paintSurface(pixels, step);
  else paintClass(pixels, i, step);
  return null;
}

// Give a canvas the resolution of the screen, with coordinates in CSS pixels.
function sharp(canvas) {
  const { width, height } = canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1;
  const wide = Math.round(width * ratio), high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  return { pen, width, height };
}

// Round numbers, about `count` of them, from low to high.
function ticks(low, high, count) {
  const rough = (high - low) / count || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), marks = [];
  for (let i = Math.ceil(low / step); i * step <= high + 1e-9 * step; i++) {
    marks.push([i * step, digits > 6 ? (i * step).toExponential(1) : (i * step).toFixed(digits).replace("-", "−")]);
  }
  return marks;
}

const nice = (x) => (Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : x.toPrecision(4).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")).replace("-", "−");
const percent = (p) => (p >= 0.9995 || p < 0.0005 ? p.toFixed(p >= 0.9995 || p === 0 ? 3 : 4) : p.toFixed(3));

// -- the picture of the plane ----------------------------------------------------------

const RIM = { left: 46, right: 8, top: 6, bottom: 40 };
const small = document.createElement("canvas");
small.width = small.height = N;
const state = { frame: 0, unit: null, probe: null, playing: false, validation: true };

// A marker for each class, so that classes differ by more than their colour.
const FORMS = [
  (r) => `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`,
  (r) => `M0 ${-1.2 * r}L${1.15 * r} ${0.85 * r}H${-1.15 * r}Z`,
  (r) => `M${-0.9 * r} ${-0.9 * r}H${0.9 * r}V${0.9 * r}H${-0.9 * r}Z`,
  (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z`,
  (r) => `M0 ${1.2 * r}L${1.15 * r} ${-0.85 * r}H${-1.15 * r}Z`,
  (r) => `M${-0.4 * r} ${-1.2 * r}H${0.4 * r}V${-0.4 * r}H${1.2 * r}V${0.4 * r}H${0.4 * r}V${1.2 * r}H${-0.4 * r}V${0.4 * r}H${-1.2 * r}V${-0.4 * r}H${-0.4 * r}Z`,
];
const form = (c, r) => FORMS[c % FORMS.length](r);

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
  const largest = paint(image.data, ...(state.unit || [L, 0]), !state.unit, 1);
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

// The lines where the two most probable classes are equally probable, cell by cell.
function drawBoundaries(pen, box) {
  pen.beginPath();
  const dx = box.w / N, dy = box.h / N, lead = new Float64Array(M);
  for (let d = K === 2 ? 1 : 0; d < K; d++) {
    for (let k = 0; k < M; k++) {
      let rival = 0;
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
  const { x, y } = run.points[part], radius = width < 420 ? 3 : x.length > 500 ? 3.2 : 4;
  const paths = run.classes.map((_, c) => new Path2D(form(c, radius)));
  x.forEach((point, k) => {
    pen.save();
    pen.translate(box.x(point[0]), box.y(point[1]));
    const hue = colours.hues[y[k]];
    pen.lineWidth = part === "train" ? 1 : 3.4;
    pen.strokeStyle = colours.surface;
    pen.stroke(paths[y[k]]);
    if (part === "train") {
      pen.fillStyle = hue;
      pen.fill(paths[y[k]]);
    } else {
      pen.lineWidth = 1.7;
      pen.strokeStyle = hue;
      pen.stroke(paths[y[k]]);
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

const axis = (feature) => (run.projected ? `direction ${feature + 1} (PCA)` : feature ? "x₂" : "x₁");

function tell() {
  if (!state.probe) {
    text("readout", "Point at a place, tap it, or move there with the arrow keys: its values are read off here.");
    return;
  }
  const [x1, x2] = state.probe, P = probabilities(state.frame, [state.probe])[0];
  const likely = P.map((p, c) => [p, c]).sort((a, b) => b[0] - a[0]).slice(0, 6);
  likely.sort((a, b) => a[1] - b[1]);
  let words = `x₁ = ${nice(x1)}, x₂ = ${nice(x2)}: ` + likely.map(([p, c]) => `P(${run.classes[c]}) = ${percent(p)}`).join(", ");
  if (P.length > likely.length) words += ", …";
  if (state.unit && state.unit[0] < L) {
    const [l, i] = state.unit;
    words += `; this unit: a = ${nice(activate(state.frame, [state.probe])[l][i])}`;
  }
  text("readout", words);
}

// -- the cost --------------------------------------------------------------------------

const curve = Object.fromEntries(Object.entries(run.curve).map(([key, value]) => [key, numbers(value)]));
const LEFT = 46, BOTTOM = 22;
const lastEpoch = run.epochs[frames - 1];
const highest = 1.05 * Math.max(...curve.train, ...curve.validation) || 1;

function drawCost() {
  const { pen, width, height } = sharp($("cost")), w = width - LEFT - 10, h = height - BOTTOM - 8;
  const x = (epoch) => LEFT + (epoch / (lastEpoch || 1)) * w, y = (J) => 8 + (1 - J / highest) * h;
  pen.fillStyle = colours.quiet;
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  for (const [J, label] of ticks(0, highest, 6)) {
    pen.fillText(label, LEFT - 6, y(J) + 4);
    pen.beginPath(); pen.moveTo(LEFT, y(J)); pen.lineTo(LEFT + w, y(J)); pen.stroke();
  }
  pen.textAlign = "center";
  for (const [epoch, label] of ticks(0, lastEpoch || 1, 6)) {
    if (Number.isInteger(epoch)) pen.fillText(label, x(epoch), height - 5);
  }
  const lines = [["train", colours.accent, []], ["validation", colours.warm, [6, 4]]];
  const epoch = run.epochs[state.frame];
  pen.beginPath(); pen.moveTo(x(epoch), 8); pen.lineTo(x(epoch), 8 + h);
  pen.strokeStyle = colours.quiet; pen.lineWidth = 1.5; pen.stroke();
  lines.forEach(([part, colour, dash], which) => {
    pen.beginPath();
    curve.epochs.forEach((e, k) => pen.lineTo(x(e), y(curve[part][k])));
    pen.setLineDash(dash); pen.strokeStyle = colour; pen.lineWidth = 2; pen.stroke();
    pen.setLineDash([]);
    pen.beginPath();
    pen.arc(x(epoch), y(run.costs[state.frame][which]), 5, 0, 7);
    pen.fillStyle = which ? colours.surface : colour;
    pen.fill(); pen.stroke();
  });
}

// -- the units -------------------------------------------------------------------------

// Units of a layer that are shown before a click.
const MOST = 48;
const columns = n.slice(1).every((units) => units <= 10) && L <= 6;
const step = columns ? 2 : 3, side = Math.ceil(N / step);
const tiles = [], edges = [];

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function buildNet() {
  const net = $("net");
  net.classList.add(columns ? "columns" : "rows");
  if (columns) net.append(edgesElement());
  for (let l = columns ? 0 : 1; l <= L; l++) net.append(layerElement(l));
  const word = columns ? "Lines are weights: thick ones count most, dashed ones are negative. " : "";
  text("inside", L === 1
    ? "This network has no hidden units: its output is a sum of the inputs. " + word
    : "Each picture is the plane as one unit sees it: green where its value is above 0, violet where it is below, the stronger the further. Choose one to enlarge it. " + word);
}

function edgesElement() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "edges");
  svg.setAttribute("aria-hidden", "true");
  for (let l = 1; l <= L; l++) {
    for (let i = 0; i < n[l]; i++) {
      for (let j = 0; j < n[l - 1]; j++) {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
        svg.append(line);
        edges.push({ l, i, j, line });
      }
    }
  }
  return svg;
}

function layerElement(l) {
  const out = l === L, units = n[l], list = element("div", { className: "tiles" });
  const kind = l ? (out ? (n[L] === 1 ? "sigmoid" : "softmax") : run.activations[l - 1][0]) : "";
  const head = element("h3", {}, l ? (out ? "Output" : `Layer ${l}`) : "Input", element("span", { textContent: kind }));
  const layer = element("div", { className: "layer" }, head, list);
  for (let i = 0; i < units; i++) list.append(tileElement(l, i));
  if (units > MOST) {
    const hidden = [...list.children].slice(MOST);
    hidden.forEach((tile) => { tile.hidden = true; });
    const more = element("button", { type: "button", className: "more", textContent: `Show all ${units} units` });
    more.onclick = () => { hidden.forEach((tile) => { tile.hidden = false; }); more.remove(); draw(); };
    list.append(more);
  }
  return layer;
}

function nameOf(l, i) {
  if (!l) return `Input ${i + 1}`;
  if (l < L) return `Layer ${l}, unit ${i + 1}`;
  return n[L] === 1 ? "Output of the network" : `Output: P(${run.classes[i]})`;
}

function tileElement(l, i) {
  const canvas = element("canvas", { width: side, height: side }), all = l === L && n[L] === 1;
  const tile = element("button", { type: "button", className: "tile", title: nameOf(l, i) }, canvas);
  tile.setAttribute("aria-label", nameOf(l, i));
  tile.onclick = () => choose(all ? null : [l, i]);
  tiles.push({ l, i, all, tile, pen: canvas.getContext("2d") });
  return tile;
}

function choose(unit) {
  const same = unit && state.unit && unit.join() === state.unit.join();
  state.unit = same ? null : unit;
  draw();
}

function chosen({ l, i, all }) {
  return state.unit ? !all && state.unit[0] === l && state.unit[1] === i : all;
}

function drawTiles() {
  const image = new ImageData(side, side);
  for (const part of tiles) {
    part.tile.setAttribute("aria-pressed", String(chosen(part)));
    if (part.tile.hidden) continue;
    paint(image.data, part.l, part.i, part.all, step);
    part.pen.putImageData(image, 0, 0);
  }
}

function drawEdges({ W }) {
  const largest = W.map((w) => (w ? w.reduce((top, x) => Math.max(top, Math.abs(x)), 1e-12) : 0));
  for (const { l, i, j, line } of edges) {
    const w = W[l][i * n[l - 1] + j], part = Math.abs(w) / largest[l];
    const own = state.unit && (state.unit[0] === l && state.unit[1] === i);
    line.setAttribute("class", w < 0 ? "minus" : "plus");
    line.setAttribute("stroke-width", (0.4 + 3.6 * part).toFixed(2));
    line.setAttribute("stroke-opacity", (own ? 1 : (0.15 + 0.65 * part) * (state.unit ? 0.3 : 1)).toFixed(2));
  }
}

// Set the sizes of the tiles and the ends of the edges, once the page has its width.
function layOut() {
  const net = $("net"), width = net.clientWidth;
  const side = columns ? Math.max(26, Math.min(54, (width / (L + 1)) * 0.62)) : 48;
  net.style.setProperty("--tile", `${side}px`);
  const origin = net.getBoundingClientRect(), middles = new Map();
  for (const { l, i, tile } of tiles) {
    const box = tile.getBoundingClientRect();
    middles.set(`${l},${i}`, [box.left - origin.left, box.right - origin.left, (box.top + box.bottom) / 2 - origin.top]);
  }
  for (const { l, i, j, line } of edges) {
    const [, from, y1] = middles.get(`${l - 1},${j}`), [to, , y2] = middles.get(`${l},${i}`);
    line.setAttribute("x1", from); line.setAttribute("y1", y1);
    line.setAttribute("x2", to); line.setAttribute("y2", y2);
  }
}

function tellWeights({ W, b }, largest) {
  if (!state.unit) {
    text("what", "What the network says");
    text("weights", "");
    return;
  }
  const [l, i] = state.unit;
  text("what", nameOf(l, i));
  if (!l) {
    text("weights", `Input ${i + 1} standardised: x less the mean ${nice(run.mean[i])}, divided by ${nice(run.scale[i])}.`);
    return;
  }
  const row = [...W[l].subarray(i * n[l - 1], (i + 1) * n[l - 1])], shown = row.slice(0, 12).map(nice);
  const rest = row.length > shown.length ? `, … (${row.length} weights)` : "";
  const scale = largest === null ? "" : ` The strongest colour stands for ${nice(largest)}.`;
  text("weights", `${nameOf(l, i)}: w = [${shown.join(", ")}${rest}], b = ${nice(b[l][i])}.${scale}`);
}

// -- playing ---------------------------------------------------------------------------

function draw() {
  const params = parameters(state.frame);
  forward(n, g, params, grid, M);
  outputs(OUTPUTS, n[L], grid[L], M, surface);
  const largest = drawMap();
  drawCost();
  drawTiles();
  drawEdges(params);
  tellWeights(params, largest);
  $("back").hidden = !state.unit;
  tell();
  tellFigures();
}

function tellFigures() {
  const epoch = run.epochs[state.frame], [J, J_val] = run.costs[state.frame];
  const [score, score_val] = run.scores[state.frame];
  $("epoch").replaceChildren(String(epoch), element("small", { textContent: ` of ${lastEpoch}` }));
  text("train-cost", J < 1e3 ? J.toFixed(4) : nice(J));
  text("validation-cost", J_val < 1e3 ? J_val.toFixed(4) : nice(J_val));
  text("train-score", `${(100 * score).toFixed(1)} %`);
  text("validation-score", `${(100 * score_val).toFixed(1)} %`);
  $("slider").value = state.frame;
  $("slider").setAttribute("aria-valuetext", `Epoch ${epoch} of ${lastEpoch}`);
  $("map").setAttribute("aria-label", `${$("what").textContent} after epoch ${epoch}`);
  $("cost").setAttribute("aria-label", `Cost after epoch ${epoch}: training ${nice(J)}, validation ${nice(J_val)}`);
}

function show(frame) {
  state.frame = Math.max(0, Math.min(frames - 1, frame));
  draw();
}

let due = 0;

function tick(now) {
  if (!state.playing) return;
  if (now >= due) {
    due = now + 110 / Number($("speed").value);
    show(state.frame + 1);
    if (state.frame === frames - 1) pause();
  }
  requestAnimationFrame(tick);
}

function play() {
  if (state.playing) return;
  if (state.frame === frames - 1) show(0);
  state.playing = true;
  due = 0;
  playing();
  requestAnimationFrame(tick);
}

function pause() {
  state.playing = false;
  playing();
}

function playing() {
  text("word", state.playing ? "Pause" : "Play");
  $("sign").setAttribute("d", state.playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M4 2l10 6-10 6z");
  // a screen reader could not keep up with a replay
  $("readout").setAttribute("aria-live", state.playing ? "off" : "polite");
  $("weights").setAttribute("aria-live", state.playing ? "off" : "polite");
}

const toggle = () => (state.playing ? pause() : play());
const go = (frame) => { pause(); show(frame); };

// -- keys, pointers, sizes -------------------------------------------------------------

function probeAt(event) {
  const box = $("map").getBoundingClientRect(), inner = frameOf(box.width, box.height);
  const right = (event.clientX - box.left - RIM.left) / inner.w;
  const up = 1 - (event.clientY - box.top - RIM.top) / inner.h;
  if (right < 0 || right > 1 || up < 0 || up > 1) return;
  probe(right, up);
}

function probe(right, up) {
  const inside = (x) => Math.max(0, Math.min(1, x));
  state.probe = [at(inside(right), 0), at(inside(up), 1)];
  drawMap();
  tell();
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEPS = {
  " ": toggle,
  ArrowLeft: () => go(state.frame - 1),
  ArrowRight: () => go(state.frame + 1),
  Home: () => go(0),
  End: () => go(frames - 1),
  Escape: () => choose(null),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tag = event.target.tagName, key = event.key;
  if (event.target === $("map") && MOVES[key]) {
    const [x, y] = state.probe || [at(0.5, 0), at(0.5, 1)], far = event.shiftKey ? 0.1 : 0.02;
    probe(share(x, 0) + far * MOVES[key][0], share(y, 1) + far * MOVES[key][1]);
    event.preventDefault();
    return;
  }
  // leave these elements the keys that they handle themselves
  if (tag === "SELECT" || (tag === "PRE" && key !== " ")) return;
  if (key === " " && (tag === "BUTTON" || event.target.type === "checkbox")) return;
  if (!STEPS[key]) return;
  event.preventDefault();
  STEPS[key]();
}

function legend() {
  const icon = (c, ring) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", 16); svg.setAttribute("height", 16); svg.setAttribute("viewBox", "-8 -8 16 16");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", form(c, 5));
    path.setAttribute("fill", ring ? "none" : colours.hues[c]);
    path.setAttribute("stroke", colours.hues[c]);
    path.setAttribute("stroke-width", 1.8);
    svg.append(path);
    return svg;
  };
  const items = run.classes.map((name, c) => element("li", {}, icon(c, false), /^\d+$/.test(name) ? `class ${name}` : name));
  const box = element("input", { type: "checkbox", id: "validation", checked: state.validation });
  box.onchange = () => { state.validation = box.checked; drawMap(); };
  items.push(element("li", {}, element("label", {}, box, icon(0, true), "validation points (rings)")));
  $("legend").replaceChildren(...items);
}

function drawn(part) {
  const { x, of } = run.points[part], name = part === "train" ? "training" : "validation";
  return x.length < of ? `${of} ${name} points (${x.length} drawn)` : `${of} ${name} points`;
}

function fill() {
  const title = `Watch a network learn: ${run.source}`;
  text("title", title);
  text("lead", `${run.model} with ${n.join("–")} units, trained on ${drawn("train")}, watched on ${drawn("validation")}. Inputs are standardised.`);
  text("projected", run.projected);
  $("projected").hidden = !run.projected;
  // a line break must not separate a flag from its value
  $("command").append(...run.command.split(/(?= --)/).map((part) => element("span", { textContent: part })));
  text("python", run.python);
  for (const [name, value] of run.settings) {
    $("settings").tBodies[0].append(element("tr", {}, element("td", { textContent: name }), element("td", { textContent: value })));
  }
  for (const note of run.notes) $("notes").append(element("p", { textContent: note }));
  $("slider").max = frames - 1;
}

function listen() {
  $("toggle").onclick = toggle;
  $("first").onclick = STEPS.Home;
  $("last").onclick = STEPS.End;
  $("before").onclick = STEPS.ArrowLeft;
  $("next").onclick = STEPS.ArrowRight;
  $("back").onclick = () => choose(null);
  $("slider").oninput = () => go(Number($("slider").value));
  $("map").onpointermove = (event) => { if (event.pointerType === "mouse") probeAt(event); };
  $("map").onpointerdown = probeAt;
  $("cost").onclick = (event) => {
    const box = $("cost").getBoundingClientRect();
    const epoch = ((event.clientX - box.left - LEFT) / (box.width - LEFT - 10)) * lastEpoch;
    const far = run.epochs.map((e) => Math.abs(e - epoch));
    go(far.indexOf(Math.min(...far)));
  };
  document.addEventListener("keydown", pressed);
  dark.addEventListener("change", () => { readColours(); legend(); draw(); });
  new ResizeObserver(() => { layOut(); draw(); }).observe(document.body);
}

readColours();
legend();
fill();
buildNet();
layOut();
listen();
show(0);
window.play = { run, frames, probabilities, show: go, play, pause, state };
if (!still.matches) play();
})();
