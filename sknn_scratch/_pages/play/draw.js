// -- drawing: colours, markers, numbers as words, canvases ------------------------------

const $ = (id) => document.getElementById(id);
const text = (id, words) => { $(id).textContent = words; };
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function svgElement(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Okabe and Ito's colours, safe for colour-blind readers; a little lighter in dark mode.
const HUES = [
  ["#1f6fb4", "#6db3f2"], ["#d9760b", "#f5a04a"], ["#078a63", "#3fc99b"],
  ["#b5488c", "#e695c5"], ["#7d6b00", "#e3d34d"], ["#5b4bc4", "#a99cf5"],
  ["#b8321f", "#ff8b75"], ["#2a9bc0", "#8fdcf5"], ["#5d5d5d", "#bdbdbd"],
  ["#6f4a1f", "#d3a873"],
];
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
let colours = {};

function readColours(count) {
  const style = getComputedStyle(document.documentElement);
  const name = (variable) => style.getPropertyValue(variable).trim();
  colours = {};
  for (const key of ["surface", "card", "line", "text", "quiet", "accent", "warm"]) {
    colours[key] = name(`--${key}`);
  }
  colours.minus = rgb(name("--minus"));
  colours.plus = rgb(name("--plus"));
  colours.ground = rgb(colours.surface);
  colours.hues = Array.from({ length: Math.max(2, count) }, (_, c) => HUES[c % HUES.length][dark.matches ? 1 : 0]);
  colours.classes = colours.hues.map(rgb);
}

// The two colours of numbers: one below 0 and another above, stronger further away.
function signed(share) {
  const end = colours.classes[share < 0 ? 0 : 1], strength = Math.min(1, Math.abs(share));
  return colours.ground.map((from, i) => from + strength * (end[i] - from));
}

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

// Fill the pixels of every step-th cell of a grid of N x N cells.
function fillPixels(pixels, N, step, colour) {
  const side = Math.ceil(N / step);
  for (let r = 0, q = 0; r < side; r++) {
    for (let c = 0; c < side; c++, q += 4) {
      const found = colour(r * step * N + c * step);
      for (let i = 0; i < 3; i++) pixels[q + i] = found[i];
      pixels[q + 3] = 255;
    }
  }
}

const mixed = (end, strength) => colours.ground.map((from, i) => from + strength * (end[i] - from));

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
