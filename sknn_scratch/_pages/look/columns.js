// -- the columns of a table: a slider, a menu or a date for each ---------------------------

const MANY = 12; // columns, from which on there is a search
const DAY = 864e5;
const ANOTHER = { toString: () => "another level" }; // a level that no model knows
let controls = [];

function buildColumns() {
  $("table").hidden = $("effect").hidden = false;
  text("asked", look.data ? `A row of ${look.data}` : "A row of the table");
  controls = look.columns.map((column, i) => BUILD[column.kind](column, i));
  $("columns").replaceChildren(...controls.map((control) => control.shown));
  $("marks").hidden = look.columns.every(({ quartiles }) => !quartiles || !quartiles.length);
  $("find-label").hidden = controls.length <= MANY;
  $("find").oninput = () => {
    const wanted = $("find").value.trim().toLowerCase();
    controls.forEach(({ shown, column }) => { shown.hidden = !column.name.toLowerCase().includes(wanted); });
  };
  look.columns.forEach((column, i) => controls[i].set(column.start));
  allowMissing();
}

// Rows hold missing values where the model takes them.
function allowMissing() {
  const row = rowOf();
  let some = false;
  controls.forEach(({ column, allow }) => {
    if (!allow) return;
    const tried = row.slice();
    tried[column.place] = NaN;
    const allowed = outputsOf(tried).refused === "";
    allow(allowed);
    some ||= allowed;
  });
  $("columns").classList.toggle("complete", !some);
}

// The row that the model is asked, with other values of one column where they are given.
function rowOf(place = null, value = null) {
  const row = new Array(look.width).fill(null);
  for (const control of controls) row[control.column.place] = control.value();
  if (place !== null) row[place] = value;
  return row;
}

function columnFrame(column, i, ...parts) {
  const name = element("button", { type: "button", className: "name", textContent: column.name, title: `Show the effect of ${column.name}` });
  name.onclick = () => { state.column = i; ask(); };
  const shown = element("div", { className: "column" }, name, ...parts);
  return { column, shown, name };
}

function changedColumn(i) {
  Object.assign(state, { column: i, changed: true, kept: state.examined });
  ask();
}

function missingBox(column, after) {
  const box = element("input", { type: "checkbox" });
  box.onchange = after;
  const label = element("label", { className: "missing" }, box, "missing");
  box.setAttribute("aria-label", `${column.name} is missing`);
  return { box, label };
}

// Marks below a slider at the quartiles.
function quartileMarks({ low, high, quartiles }) {
  const share = (value) => Math.max(0, Math.min(100, (100 * (value - low)) / (high - low)));
  const marks = quartiles.map((q) => element("i", { style: `left: ${share(q)}%` }));
  return element("span", { className: "quartiles" }, ...marks);
}

// A slider with a box beside it; `read` and `write` convert the box's text.
function sliderControl(column, i, box, read, write, asValue) {
  const { low, high, whole } = column, step = whole ? 1 : "any";
  const slider = element("input", { type: "range", min: low, max: high, step, value: low });
  if (!whole) slider.step = (high - low) / 400;
  slider.setAttribute("aria-label", column.name);
  box.setAttribute("aria-label", `${column.name}, exactly`);
  let number = column.start;
  const { box: missing, label } = missingBox(column, () => { put(missing.checked ? null : number); changedColumn(i); });
  const track = element("span", { className: "track" }, slider, quartileMarks(column));
  const frame = columnFrame(column, i, track, box, label);
  let allowed = true;
  const showBox = () => { label.hidden = !allowed && !missing.checked; };
  function put(value) {
    missing.checked = value === null;
    showBox();
    slider.disabled = box.disabled = value === null;
    if (value === null) return;
    number = value;
    slider.value = value;
    box.value = write(value);
    slider.setAttribute("aria-valuetext", write(value));
  }
  slider.oninput = () => { put(Number(slider.value)); changedColumn(i); };
  box.onchange = () => { const value = read(box); if (Number.isFinite(value)) put(value); changedColumn(i); };
  return {
    ...frame,
    set: put,
    setNumber: (value) => { put(whole ? Math.round(value) : value); changedColumn(i); },
    setRow: (value) => put(value === null ? null : asNumber(value)),
    value: () => (missing.checked ? NaN : asValue(number)), // which all take as missing
    number: () => (missing.checked ? null : number),
    asValue,
    write,
    words: (x) => write(column.kind === "number" ? Number(x.toPrecision(5)) : x),
    allow: (may) => { allowed = may; showBox(); },
  };
}

const asNumber = (value) => (typeof value === "string" ? Date.parse(`${value.length > 10 ? value : `${value}T00:00`}Z`) / DAY : Number(value));
const plain = (value) => String(Number(value.toPrecision(7)));
const isoOf = (days, length) => new Date(Math.round(days * DAY)).toISOString().slice(0, length);

const BUILD = {
  number(column, i) {
    const box = element("input", { type: "number", step: "any" });
    return sliderControl(column, i, box, () => (box.value === "" ? NaN : Number(box.value)), plain, (x) => x);
  },
  date(column, i) {
    const length = column.whole ? 10 : 16;
    const box = element("input", { type: column.whole ? "date" : "datetime-local" });
    const read = () => (box.value ? asNumber(box.value) : NaN);
    return sliderControl(column, i, box, read, (days) => isoOf(days, length), (days) => new Date(Math.round(days * DAY)));
  },
  level(column, i) {
    const menu = element("select"), extra = element("option", { hidden: true });
    menu.setAttribute("aria-label", column.name);
    const choices = column.levels.map((level) => [level, String(level)]);
    if (column.other) choices.push([ANOTHER, "another level"]);
    if (column.missing) choices.push([null, "missing"]);
    menu.append(...choices.map(([, words]) => element("option", { textContent: words })), extra);
    let given = null;
    menu.onchange = () => changedColumn(i);
    const frame = columnFrame(column, i, menu);
    function put(value) {
      const at = choices.findIndex(([level]) => level === value || (value !== null && level !== null && Number(level) === value && typeof level === "boolean"));
      given = value;
      extra.hidden = at >= 0;
      extra.textContent = value === null ? "missing" : `${value} (another level)`;
      menu.selectedIndex = at >= 0 ? at : choices.length;
    }
    const value = () => (menu.selectedIndex < choices.length ? choices[menu.selectedIndex][0] : given);
    const choose = (at) => { menu.selectedIndex = at; changedColumn(i); };
    return { ...frame, set: put, setRow: put, value, choices, choose, at: () => menu.selectedIndex };
  },
};

function setTableRow(row) {
  look.rows.values[row].forEach((value, i) => controls[i].setRow(value));
}
