// -- inside the network: a picture of what each unit sees, and the weights as lines -------

// units of a layer that are shown before a click
const MOST = 48;
let tiles = [], edges = [], columns, step, side;

function buildNet() {
  const { n } = source, L = n.length - 1, net = $("net");
  columns = n.slice(1).every((units) => units <= 10) && L <= 7;
  step = columns ? 2 : 3;
  side = Math.ceil(N / step);
  tiles = [];
  edges = [];
  net.replaceChildren();
  net.className = `net ${columns ? "columns" : "rows"}`;
  if (columns) net.append(edgesElement());
  for (let l = columns ? 0 : 1; l <= L; l++) net.append(layerElement(l));
  const word = columns ? "Lines are weights: thick ones count most, dashed ones are negative. " : "";
  text("inside", L === 1
    ? "This network has no hidden units: its output is a sum of the inputs. " + word
    : "Each picture is the plane as one unit sees it: green where its value is above 0, violet where it is below, the stronger the further. Choose one to enlarge it. " + word);
}

function edgesElement() {
  const { n } = source, svg = svgElement("svg", { class: "edges", "aria-hidden": "true" });
  for (let l = 1; l < n.length; l++) {
    for (let i = 0; i < n[l]; i++) {
      for (let j = 0; j < n[l - 1]; j++) {
        const line = svgElement("line", {});
        svg.append(line);
        edges.push({ l, i, j, line });
      }
    }
  }
  return svg;
}

// What the units of a layer compute, in one word.
function kindOf(l) {
  if (!l) return "";
  if (l < source.n.length - 1) return source.kinds[l - 1];
  return source.classes ? (source.n[l] === 1 ? "sigmoid" : "softmax") : "identity";
}

function layerElement(l) {
  const out = l === source.n.length - 1, units = source.n[l], list = element("div", { className: "tiles" });
  const head = element("h3", {}, l ? (out ? "Output" : `Layer ${l}`) : "Input", element("span", { textContent: kindOf(l) }));
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
  if (l < source.n.length - 1) return `Layer ${l}, unit ${i + 1}`;
  return source.n[l] === 1 ? "Output of the network" : `Output: P(${source.classes[i]})`;
}

function tileElement(l, i) {
  const canvas = element("canvas", { width: side, height: side });
  const all = l === source.n.length - 1 && source.n[l] === 1;
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
  const largest = W.map((w) => (w ? w.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-12) : 0));
  for (const { l, i, j, line } of edges) {
    const w = W[l][i * source.n[l - 1] + j], part = Math.abs(w) / largest[l];
    const own = state.unit && (state.unit[0] === l && state.unit[1] === i);
    line.setAttribute("class", w < 0 ? "minus" : "plus");
    line.setAttribute("stroke-width", (0.4 + 3.6 * part).toFixed(2));
    line.setAttribute("stroke-opacity", (own ? 1 : (0.15 + 0.65 * part) * (state.unit ? 0.3 : 1)).toFixed(2));
  }
}

// Set the sizes of the tiles and the ends of the edges, once the page has its width.
function layOut() {
  const net = $("net"), width = net.clientWidth, tile_side = Math.min(54, (width / source.n.length) * 0.62);
  net.style.setProperty("--tile", `${columns ? Math.max(26, tile_side) : 48}px`);
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
  const [l, i] = state.unit, width = source.n[l - 1];
  text("what", nameOf(l, i));
  if (!l) {
    text("weights", `Input ${i + 1} standardised: x less the mean ${nice(source.mean[i])}, divided by ${nice(source.scale[i])}.`);
    return;
  }
  const row = [...W[l].subarray(i * width, (i + 1) * width)], shown = row.slice(0, 12).map(nice);
  const rest = row.length > shown.length ? `, … (${row.length} weights)` : "";
  const scale = largest === null ? "" : ` The strongest colour stands for ${nice(largest)}.`;
  text("weights", `${nameOf(l, i)}: w = [${shown.join(", ")}${rest}], b = ${nice(b[l][i])}.${scale}`);
}
