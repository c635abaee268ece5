// -- the layers: the activation of each unit as a bar, or as a cell of a grid ---------------

const AS_BARS = 24; // units of a layer, at most
const CELL = 18, GAP = 2; // pixels of a cell and between two

const OUTPUTS = "the outputs";
let layerViews = [];

// What is shown of each layer: all of them, but the input where it is a picture.
function buildLayers({ layers, activations, features, outputs, skipInput }) {
  layerViews = layers.map((units, l) => {
    const last = layers.length - 1;
    const what = l === 0 ? "what the first layer takes" : l === last ? OUTPUTS : activations[l - 1];
    const names = l === 0 ? features : l === last ? outputs : null;
    return layerView(l, units, what, names);
  });
  if (skipInput) layerViews[0] = null;
  $("layers").replaceChildren(...layerViews.filter(Boolean).map((view) => view.shown));
}

function layerView(l, units, what, names) {
  const name = (i) => (names ? names[i] : `unit ${i + 1}`);
  const head = element("h3", { textContent: `A[${l}]: ${units} ${units === 1 ? "number" : "numbers"}, ${what}` });
  const told = element("p", { className: "readout small", id: `layer-${l}` });
  const body = units <= AS_BARS ? barsOf(units, name) : gridOf(units, name, told, head.textContent);
  const shown = element("div", { className: "layer-view" }, head, body.shown, told);
  const draw = (values) => {
    body.draw(values);
    if (!body.chosen() && what !== OUTPUTS) told.textContent = summaryOf(values, name);
  };
  return { shown, draw };
}

function summaryOf(values, name) {
  let top = 0, above = 0;
  values.forEach((v, i) => { if (Math.abs(v) > Math.abs(values[top])) top = i; above += v > 0; });
  return `${above} of ${values.length} above 0; farthest from 0: ${name(top)}, ${figure(values[top])}`;
}

const largestOf = (values) => values.reduce((a, v) => Math.max(a, Math.abs(v)), 1e-12);

function barsOf(units, name) {
  const bars = Array.from({ length: units }, (_, i) => {
    const bar = element("i"), value = element("b");
    return { bar, value, line: element("li", {}, element("span", { textContent: name(i), title: name(i) }), element("em", {}, bar), value) };
  });
  const list = element("ol", { className: "units" }, ...bars.map(({ line }) => line));
  const draw = (values) => {
    const largest = largestOf(values), zero = values.some((v) => v < 0) ? 50 : 0;
    list.classList.toggle("signed", zero > 0);
    values.forEach((v, i) => {
      const { bar, value } = bars[i], width = ((100 - zero) * Math.abs(v)) / largest;
      bar.className = v < 0 ? "minus" : "plus";
      bar.style.width = `${width}%`;
      bar.style.left = `${v < 0 ? zero - width : zero}%`;
      value.textContent = figure(v);
    });
  };
  return { shown: list, draw, chosen: () => false };
}

function gridOf(units, name, told, label) {
  const canvas = element("canvas", { className: "grid", tabIndex: 0 });
  canvas.setAttribute("role", "img");
  let values = [], chosen = null, across = 1;
  const tell = () => {
    const words = chosen === null ? summaryOf(values, name) : `${name(chosen)}: ${figure(values[chosen])}`;
    told.textContent = words;
    canvas.setAttribute("aria-label", `${label}. ${words}. Arrow keys read off a unit.`);
  };
  const draw = (next) => {
    values = next;
    const width = canvas.parentElement ? canvas.parentElement.clientWidth : 600;
    across = Math.max(1, Math.min(units, 64, Math.floor((width + GAP) / CELL)));
    canvas.style.width = `${across * CELL}px`;
    canvas.style.height = `${Math.ceil(units / across) * CELL}px`;
    const { pen } = sharp(canvas), largest = largestOf(values);
    values.forEach((v, i) => {
      const at = [(i % across) * CELL, Math.floor(i / across) * CELL, CELL - GAP, CELL - GAP];
      pen.fillStyle = css(mixed(v < 0 ? colours.minus : colours.plus, 0.06 + (0.94 * Math.abs(v)) / largest));
      pen.fillRect(...at);
      if (i !== chosen) return;
      pen.strokeStyle = colours.text;
      pen.lineWidth = 2;
      pen.strokeRect(at[0] + 1, at[1] + 1, at[2] - 2, at[3] - 2);
    });
    tell();
  };
  const choose = (i) => { chosen = i === null ? null : Math.max(0, Math.min(units - 1, i)); draw(values); };
  canvas.onpointermove = canvas.onpointerdown = (event) => {
    const box = canvas.getBoundingClientRect();
    const i = Math.floor((event.clientY - box.top) / CELL) * across + Math.floor((event.clientX - box.left) / CELL);
    if (i >= 0 && i < units) choose(i);
  };
  canvas.onpointerleave = canvas.onblur = () => choose(null);
  canvas.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (!step) return;
    choose(chosen === null ? 0 : chosen + step);
    event.preventDefault();
  };
  return { shown: canvas, draw, chosen: () => chosen !== null };
}

// A number in words, with five digits.
function figure(x) {
  const plain = x === 0 || (Math.abs(x) >= 1e-3 && Math.abs(x) < 1e9);
  const words = plain ? x.toLocaleString("en", { maximumSignificantDigits: 5 }) : x.toExponential(2);
  return words.replace("-", "−");
}

const css = (colour) => `rgb(${colour.map(Math.round).join()})`;

function drawLayers(A) {
  layerViews.forEach((view, l) => { if (view) view.draw(A[l]); });
}
