// -- the effect of a column: the answer if this value alone were another --------------------

const POINTS = 41;
const MOST_LEVELS = 60;
const MARGIN = { left: 56, right: 12, top: 10, bottom: 40 };

function effectOf(c) {
  const control = controls[state.column], { column, choices } = control;
  const at = choices
    ? choices.map(([value, words], at) => ({ value, words, at })).filter(({ at }) => at < MOST_LEVELS || at === control.at() || at >= choices.length - 2)
    : Array.from({ length: POINTS }, (_, k) => {
      const x = column.low + (k / (POINTS - 1)) * (column.high - column.low);
      return { x, value: control.asValue(x) };
    });
  const rows = at.map(({ value }) => rowOf(column.place, value));
  const found = model.outputs(rows).map((P) => [P].flat()[c]);
  const bands = model.interval ? model.interval(rows, Number($("coverage").value)).map((ends) => (Array.isArray(ends[0]) ? ends[c] : ends)) : null;
  const finite = bands && bands.every((ends) => ends.every(Number.isFinite));
  return at.map((point, k) => ({ ...point, y: found[k], band: finite ? bands[k] : null }));
}

// A click on the curve moves the column to there.
function listenToCurve() {
  const canvas = $("curve");
  const move = (event) => {
    const box = canvas.getBoundingClientRect(), control = controls[state.column], { low, high } = control.column;
    const share = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
    const inside = Math.max(0, Math.min(0.9999, share));
    if (control.choices) control.choose(shownPoints[Math.floor(inside * shownPoints.length)].at);
    else control.setNumber(low + inside * (high - low));
  };
  canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); move(event); };
  canvas.onpointermove = (event) => { if (event.buttons) move(event); };
}

let shownPoints = [];

function drawEffect(P, c) {
  const control = controls[state.column], { column } = control, points = shownPoints = effectOf(c);
  controls.forEach(({ name }, i) => name.setAttribute("aria-pressed", i === state.column));
  const what = look.kind === "numbers" ? look.outputs[c] : `the probability of ${look.outputs[c]}`;
  text("effect-head", `${column.name}: its effect here`);
  const box = axesOf(points);
  const { pen, width, height } = sharp($("curve"));
  const w = width - MARGIN.left - MARGIN.right, h = height - MARGIN.top - MARGIN.bottom;
  const x = (share) => MARGIN.left + share * w, y = (value) => MARGIN.top + (1 - (value - box.low) / (box.high - box.low)) * h;
  drawScale(pen, box, y, w, h);
  (control.choices ? drawLevels : drawCurve)(pen, points, control, x, y, w, P[c]);
  tellEffect(points, control, what);
}

function axesOf(points) {
  if (look.kind !== "numbers") return { low: 0, high: 1 };
  const all = points.flatMap(({ y, band }) => [y, ...(band || [])]);
  const low = Math.min(...all), high = Math.max(...all), rim = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
  return { low: low - rim, high: high + rim };
}

function drawScale(pen, box, y, w, h) {
  pen.strokeStyle = colours.line;
  pen.fillStyle = colours.quiet;
  pen.textAlign = "right";
  pen.lineWidth = 1;
  for (const [value, label] of ticks(box.low, box.high, 5)) {
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(value));
    pen.lineTo(MARGIN.left + w, y(value));
    pen.stroke();
    pen.fillText(label, MARGIN.left - 6, y(value) + 4);
  }
  pen.textAlign = "center";
  pen.fillText(controls[state.column].column.name.slice(0, 40), MARGIN.left + w / 2, MARGIN.top + h + 34);
}

function drawCurve(pen, points, control, x, y, w, now) {
  const { low, high } = control.column, share = (value) => (value - low) / (high - low);
  if (points[0].band) {
    pen.beginPath();
    points.forEach((p) => pen.lineTo(x(share(p.x)), y(p.band[0])));
    points.toReversed().forEach((p) => pen.lineTo(x(share(p.x)), y(p.band[1])));
    pen.fillStyle = css(mixed(rgb(colours.accent), 0.22));
    pen.fill();
  }
  pen.beginPath();
  points.forEach((p) => pen.lineTo(x(share(p.x)), y(p.y)));
  pen.strokeStyle = colours.accent;
  pen.lineWidth = 2.5;
  pen.stroke();
  pen.fillStyle = colours.quiet;
  const bottom = $("curve").clientHeight - MARGIN.bottom;
  const marks = control.column.kind === "date"
    ? [0, 0.5, 1].map((s) => [low + s * (high - low), control.write(low + s * (high - low)).slice(0, 10)])
    : ticks(low, high, w > 300 ? 6 : 4);
  for (const [value, label] of marks) {
    pen.textAlign = share(value) > 0.9 ? "right" : share(value) < 0.1 ? "left" : "center";
    pen.fillText(label, x(share(value)), bottom + 16);
  }
  const number = control.number();
  if (number !== null) dot(pen, x(Math.max(0, Math.min(1, share(number)))), y(now));
}

// Probabilities are bars from 0; numbers, whose scale need not begin at 0, are points.
function drawLevels(pen, points, control, x, y, w) {
  const wide = w / points.length, bottom = $("curve").clientHeight - MARGIN.bottom, room = Math.floor(wide / 6.5);
  points.forEach((p, k) => {
    const left = MARGIN.left + k * wide, middle = left + wide / 2, here = p.at === control.at();
    pen.strokeStyle = pen.fillStyle = here ? colours.accent : css(mixed(rgb(colours.accent), 0.45));
    if (look.kind !== "numbers") {
      pen.fillRect(left + 0.15 * wide, y(p.y), 0.7 * wide, Math.max(1, y(0) - y(p.y)));
    } else {
      pen.lineWidth = here ? 3 : 2;
      pen.beginPath();
      if (p.band) for (const end of p.band) pen.lineTo(middle, y(end));
      pen.stroke();
      pen.beginPath();
      pen.arc(middle, y(p.y), here ? 6 : Math.min(5, 0.3 * wide), 0, 2 * Math.PI);
      pen.fill();
    }
    pen.fillStyle = here ? colours.accent : colours.quiet;
    pen.textAlign = here && room < 3 && k > points.length / 2 ? "right" : here && room < 3 ? "left" : "center";
    if (here && room < 3) pen.fillText(p.words.slice(0, 24), middle, bottom + 16);
    else if (room >= 3) pen.fillText(p.words.length > room ? `${p.words.slice(0, room - 1)}…` : p.words, middle, bottom + 16);
  });
}

function dot(pen, x, y) {
  pen.beginPath();
  pen.arc(x, y, 6, 0, 2 * Math.PI);
  pen.fillStyle = colours.surface;
  pen.fill();
  pen.strokeStyle = colours.text;
  pen.lineWidth = 3;
  pen.stroke();
}

function tellEffect(points, control, what) {
  const shown = look.kind === "numbers" ? figure : percent;
  const word = (p) => (control.choices ? p.words : control.words(p.x));
  const low = points.reduce((a, p) => (p.y < a.y ? p : a)), high = points.reduce((a, p) => (p.y > a.y ? p : a));
  const words = high.y - low.y < 1e-9 * Math.max(1, Math.abs(high.y))
    ? `Whatever ${control.column.name} is, ${what} stays ${shown(high.y)} here.`
    : `All else as it is, ${what} is lowest, ${shown(low.y)}, at ${word(low)} and highest, ${shown(high.y)}, at ${word(high)}.`;
  text("curve-told", words);
  $("curve").setAttribute("aria-label", `Effect of ${control.column.name}. ${words}`);
}
