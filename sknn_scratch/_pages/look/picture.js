// -- a picture: drawn, read from a file or taken from the data ------------------------------

const PENS = [["thin", 0.025], ["medium", 0.05], ["thick", 0.09]]; // radius as a share of the side
// cursor: the frame of the keys; last: where the pointer was; rubber: whether it rubs out
let pixels, board = { cursor: null, last: null, rubber: false };

const sizeOf = () => { const [height, width, channels] = look.picture.shape; return { height, width, channels }; };
const shareOf = (value) => (value - look.picture.low) / (look.picture.high - look.picture.low);

// A value of a pixel, rounded where the model has learned from integers.
function valueOf(share) {
  const { low, high, whole } = look.picture, value = low + share * (high - low);
  return whole ? Math.round(value) : value;
}

function buildPicture() {
  const { height, width, channels } = sizeOf();
  $("picture").hidden = $("occlusion").hidden = false;
  $("board").style.aspectRatio = $("heat").style.aspectRatio = `${width} / ${height}`;
  text("asked", `A picture of ${width} × ${height} pixels${channels > 1 ? " in colour" : ""}`);
  text("board-keys", "Draw with the pointer, drop a picture file, or use the keys: arrows move the frame, space draws, Delete rubs out, and with Shift the arrows draw.");
  $("pen").append(...PENS.map(([name, share], i) => element("option", { value: share, textContent: name, selected: i === 1 })));
  $("ink").value = look.picture.paper === look.picture.low ? "#ffffff" : "#000000";
  $("board").setAttribute("aria-label", `Picture of ${width} by ${height} pixels to draw on`);
  $("rub").onclick = () => {
    board.rubber = !board.rubber;
    $("rub").setAttribute("aria-pressed", board.rubber);
  };
  $("clear").onclick = () => { clearBoard(); changed(); };
  $("negative").onclick = () => {
    const colour = (k) => channels < 4 || k % 4 < 3;
    pixels = pixels.map((v, k) => (colour(k) ? look.picture.low + look.picture.high - v : v));
    changed();
  };
  $("file").onchange = () => { if ($("file").files[0]) readFile($("file").files[0]); };
  const section = $("picture");
  section.ondragover = (event) => { event.preventDefault(); section.classList.add("over"); };
  section.ondragleave = () => section.classList.remove("over");
  section.ondrop = (event) => {
    event.preventDefault();
    section.classList.remove("over");
    if (event.dataTransfer.files[0]) readFile(event.dataTransfer.files[0]);
  };
  listenToPen();
  clearBoard();
}

function clearBoard() {
  const { height, width, channels } = sizeOf();
  pixels = new Float64Array(height * width * channels).fill(look.picture.paper);
  if (channels === 4) for (let k = 3; k < pixels.length; k += 4) pixels[k] = look.picture.high;
  state.row = null;
}

function changed() {
  state.changed = true;
  ask();
}

// -- the pen ---------------------------------------------------------------------------------

function inkOf(rubbing) {
  const { channels } = sizeOf();
  if (rubbing) return new Array(channels).fill(look.picture.paper).map((v, k) => (k === 3 ? look.picture.high : v));
  return asChannels(rgb($("ink").value), 255).map(valueOf);
}

// Red, green, blue and opacity of 0 to 255 as the model's channels, from 0 to 1.
function asChannels([r, g, b], a) {
  const { channels } = sizeOf();
  if (channels === 1) return [(0.299 * r + 0.587 * g + 0.114 * b) / 255];
  return [r, g, b, a].slice(0, channels).map((v) => v / 255);
}

// Draw a line from one place to another, in pixels, or rub it out.
function stroke([x0, y0], [x1, y1], rubbing = board.rubber) {
  const { height, width, channels } = sizeOf(), ink = inkOf(rubbing);
  const radius = Math.max(0.6, Number($("pen").value) * Math.max(height, width));
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const px = x + 0.5 - x0, py = y + 0.5 - y0;
      const t = length ? Math.max(0, Math.min(1, (px * (x1 - x0) + py * (y1 - y0)) / length)) : 0;
      const far = Math.hypot(px - t * (x1 - x0), py - t * (y1 - y0));
      const cover = Math.max(0, Math.min(1, radius + 0.5 - far));
      if (!cover) continue;
      for (let k = 0; k < channels; k++) {
        const i = (y * width + x) * channels + k, value = pixels[i] + cover * (ink[k] - pixels[i]);
        pixels[i] = look.picture.whole ? Math.round(value) : value;
      }
    }
  }
  changed();
}

function listenToPen() {
  const canvas = $("board"), { height, width } = sizeOf();
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  canvas.onpointerdown = (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    board.last = at(event);
    stroke(board.last, board.last);
  };
  canvas.onpointermove = (event) => {
    if (!board.last) return;
    const next = at(event);
    stroke(board.last, next);
    board.last = next;
  };
  canvas.onpointerup = canvas.onpointercancel = () => { board.last = null; };
  canvas.onblur = () => { board.cursor = null; drawBoard(); };
  canvas.onkeydown = penKey;
}

function penKey(event) {
  const { height, width } = sizeOf();
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const draws = event.key === " " || event.key === "Enter", rubs = ["Delete", "Backspace"].includes(event.key);
  if (!move && !draws && !rubs) return;
  event.preventDefault();
  const from = board.cursor || [Math.floor(width / 2), Math.floor(height / 2)];
  const inside = (v, size) => Math.max(0, Math.min(size - 1, v));
  board.cursor = move ? [inside(from[0] + move[0], width), inside(from[1] + move[1], height)] : from;
  const centre = ([x, y]) => [x + 0.5, y + 0.5];
  if (draws || rubs || (move && event.shiftKey)) {
    stroke(centre(from), centre(board.cursor), rubs || board.rubber);
  } else {
    drawBoard();
  }
  const [x, y] = board.cursor, { channels } = sizeOf();
  const values = Array.from(pixels.subarray((y * width + x) * channels, (y * width + x + 1) * channels), figure);
  text("board-told", `Row ${y + 1}, column ${x + 1}: ${values.join(", ")}`);
}

// -- files and rows ----------------------------------------------------------------------------

// Read a picture file, stretched to the model's size; transparent parts become white.
async function readFile(file) {
  const { height, width, channels } = sizeOf();
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    text("board-told", `${file.name} is no picture that this browser can read.`);
    return;
  }
  const canvas = element("canvas", { width, height }), pen = canvas.getContext("2d");
  if (channels < 4) {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
  }
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  for (let i = 0; i < height * width; i++) {
    const [r, g, b, a] = data.subarray(4 * i, 4 * i + 4);
    asChannels([r, g, b], a).forEach((share, k) => { pixels[i * channels + k] = valueOf(share); });
  }
  state.row = null;
  text("board-told", `${file.name}: ${bitmap.width} × ${bitmap.height} pixels, read as ${width} × ${height}.`);
  changed();
}

let storedPixels;

function pictureOfRow(row) {
  if (!storedPixels) {
    const bytes = Uint8Array.from(atob(look.rows.pixels), (c) => c.charCodeAt(0));
    storedPixels = look.rows.bytes ? bytes : new Float32Array(bytes.buffer);
  }
  const size = pixels.length;
  pixels = Float64Array.from(storedPixels.subarray(row * size, (row + 1) * size));
}

// -- drawing of pixels -------------------------------------------------------------------------

// The picture as a canvas of its own size; paler where `strength` is below 1.
function asCanvas(strength = 1) {
  const { height, width, channels } = sizeOf(), canvas = element("canvas", { width, height });
  const image = new ImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    for (let k = 0; k < 3; k++) {
      const share = shareOf(pixels[i * channels + (channels > 1 ? k : 0)]);
      image.data[4 * i + k] = 255 * (0.5 + strength * (Math.max(0, Math.min(1, share)) - 0.5));
    }
    image.data[4 * i + 3] = channels === 4 ? 255 * shareOf(pixels[4 * i + 3]) : 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

function drawBoard() {
  const { pen, width, height } = sharp($("board")), cell = width / sizeOf().width;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(asCanvas(), 0, 0, width, height);
  if (!board.cursor) return;
  const [x, y] = board.cursor;
  for (const [colour, line] of [[colours.surface, 4], [colours.accent, 2]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = line;
    pen.strokeRect(x * cell, y * cell, cell, cell);
  }
}
