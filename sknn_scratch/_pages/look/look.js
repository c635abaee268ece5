// -- the page: one question to the model, and all that is shown of it -----------------------

const look = JSON.parse(document.getElementById("look").textContent);
const model = window.model;
const state = { row: null, changed: false, chosen: null, column: 0 };
let waiting = null, settle = null;

// Ask the model before the next drawing; changes in between are asked once.
function ask() {
  waiting ??= new Promise((done) => { settle = done; requestAnimationFrame(answerNow); });
}

async function answerNow() {
  const done = settle;
  waiting = null;
  const row = look.picture ? Array.from(pixels) : rowOf();
  const P = [model.outputs([row])[0]].flat(), c = examined(P);
  showAnswer(P, row);
  state.networks = model.activations([row])[0];
  drawLayers(state.networks[Number($("member").value) || 0]);
  state.P = P;
  if (look.picture) {
    drawBoard();
    await occlude(c, P[c]);
  } else {
    drawEffect(P, c);
  }
  done();
}

// -- rows of the data --------------------------------------------------------------------------

function buildRows() {
  if (!look.rows) return;
  const { numbers, of, truth } = look.rows;
  const label = (k) => `row ${numbers[k]} of ${of}${truth && truth[k] !== null ? `: ${truthInWords(truth[k])}` : ""}`;
  $("row").append(element("option", { value: "", textContent: "my own" }), ...numbers.map((_, k) => element("option", { value: k, textContent: label(k) })));
  $("row-bar").hidden = false;
  $("row").onchange = () => { if ($("row").value !== "") toRow(Number($("row").value)); };
  const step = (by) => () => toRow(((state.row ?? (by > 0 ? -1 : 0)) + by + numbers.length) % numbers.length);
  $("row-before").onclick = step(-1);
  $("row-next").onclick = step(1);
  $("row-wrong").hidden = look.kind === "numbers" || !truth;
  $("row-wrong").onclick = nextMistake;
}

function toRow(row) {
  if (look.picture) pictureOfRow(row);
  else setTableRow(row);
  Object.assign(state, { row, changed: false });
  $("row").value = row;
  ask();
}

function nextMistake() {
  const { numbers, truth } = look.rows, m = numbers.length, first = state.row ?? -1;
  for (let k = 1; k <= m; k++) {
    const row = (first + k) % m;
    if (truth[row] === null) continue;
    toRow(row);
    const P = model.outputs([look.picture ? Array.from(pixels) : rowOf()])[0];
    if (!isRight(P, truth[row])) return;
  }
  text("truth", "None of these rows is a mistake.");
}

// -- the whole ---------------------------------------------------------------------------------

function buildHead() {
  text("title", `Look into ${look.file}`);
  const what = look.target ? ` It predicts ${look.target}.` : "";
  text("lead", `${look.name}.${what} The model runs in this page: nothing is sent anywhere.`);
  $("notes").replaceChildren(...look.notes.map((note) => element("p", { textContent: note })));
}

function buildInside() {
  const networks = model.activations([look.picture ? Array.from(pixels) : rowOf()])[0];
  $("member-label").hidden = networks.length === 1;
  $("member").append(...networks.map((_, k) => element("option", { value: k, textContent: `${k + 1} of ${networks.length}` })));
  $("member").onchange = ask;
  text("inside", "Each number of a layer as a bar or as a cell: the stronger its colour, the farther it is from 0, compared with the others of the layer.");
  buildLayers({ ...look, layers: networks[0].map((a) => a.length), skipInput: look.picture });
}

function restyle() {
  readColours(2);
  ask();
}

readColours(2);
buildHead();
buildAnswer();
if (look.picture) {
  buildPicture();
  buildOcclusion();
} else {
  buildColumns();
}
buildRows();
buildInside();
if (look.rows) toRow(0);
dark.addEventListener("change", restyle);
new ResizeObserver(ask).observe(document.body);
ask();
window.look = { state, content: look, toRow, answered: () => waiting ?? Promise.resolve(), map: () => occlusion, pixels: () => Array.from(pixels), row: () => rowOf() };
