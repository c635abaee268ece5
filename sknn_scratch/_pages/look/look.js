// -- the page: one question to the model, and all that is shown of it -----------------------

const look = JSON.parse(document.getElementById("look").textContent);
const model = window.model;
// column: the one whose effect is drawn; chosen, kept, examined: numbers of an output
const state = { row: null, changed: false, column: 0, chosen: null, kept: null, examined: null };
let waiting = false, working = 0;

// Ask the model before the next drawing; changes in between are asked once.
function ask() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(async () => {
    waiting = false;
    working += 1;
    await answerNow();
    working -= 1;
  });
}

// The outputs for a row, or the reason for which the model refuses it.
function outputsOf(row) {
  try {
    const P = [model.outputs([row])[0]].flat();
    return { P, refused: P.every(Number.isFinite) ? "" : "values are missing" };
  } catch (error) {
    return { P: null, refused: error.message };
  }
}

async function answerNow() {
  const row = look.picture ? Array.from(pixels) : rowOf(), { P, refused } = outputsOf(row);
  $("row").value = state.row ?? "";
  if (look.picture) drawBoard();
  document.body.classList.toggle("refused", refused !== "");
  if (refused) return text("verdict", `The model takes no such row: ${refused}.`);
  const c = state.examined = examined(P);
  state.P = P;
  showAnswer(P, row);
  state.networks = model.activations([row])[0];
  drawLayers(state.networks[Number($("member").value) || 0]);
  return look.picture ? occlude(c, P[c]) : drawEffect(P, c);
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
  Object.assign(state, { row, changed: false, kept: null });
  ask();
}

function nextMistake() {
  const { numbers, truth } = look.rows, m = numbers.length, first = state.row ?? -1;
  for (let k = 1; k <= m; k++) {
    const row = (first + k) % m;
    if (truth[row] === null) continue;
    toRow(row);
    const { P } = outputsOf(look.picture ? Array.from(pixels) : rowOf());
    if (P && !isRight(P, truth[row])) return;
  }
  text("truth", "None of these rows is a mistake.");
}

// -- the whole ---------------------------------------------------------------------------------

function buildHead() {
  text("title", `Look into ${look.file}`);
  const what = look.target ? ` It predicts ${look.target}.` : "";
  const from = look.data ? ` The rows are from ${look.data}.` : "";
  text("lead", `${look.name}.${what}${from} The model runs in this page: nothing is sent anywhere.`);
  $("notes").replaceChildren(...look.notes.map((note) => element("p", { textContent: note })));
}

function buildInside() {
  const { networks, units } = look;
  $("member-label").hidden = networks === 1;
  $("member").append(...Array.from({ length: networks }, (_, k) => element("option", { value: k, textContent: `${k + 1} of ${networks}` })));
  $("member").onchange = ask;
  text("inside", "Each number of a layer as a bar or as a cell: the stronger its colour, the farther it is from 0, compared with the others of the layer.");
  buildLayers({ ...look, layers: units, skipInput: look.picture || look.plain });
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
  listenToCurve();
}
buildRows();
buildInside();
if (look.rows) toRow(0);
dark.addEventListener("change", restyle);
new ResizeObserver(ask).observe(document.body);
ask();
window.look = { state, content: look, toRow, busy: () => waiting || working > 0, map: () => occlusion, pixels: () => Array.from(pixels), row: () => rowOf() };
