// -- the knobs ----------------------------------------------------------------------------

const MOST_LAYERS = 6, MOST_UNITS = 16;
const RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const BATCHES = [1, 4, 8, 16, 32, 64, 128, 0];
const ALPHAS = [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];
const AT_FIRST = {
  data: "moons", layers: [4, 3], activation: "tanh", solver: "adam", rate: 0.03, batch: 32,
  alpha: 0, init: "auto", loss: "squared_error", seed: 0,
};
const SOLVERS = { gd: "GD", sgd: "SGD, momentum", rmsprop: "RMSProp", adam: "Adam", adamw: "AdamW" };
const LOSSES_OF_NUMBERS = ["squared_error", "huber", "absolute_error"];
// knobs that a training goes on with
const SAME_NETWORK = ["rate", "batch", "alpha"];
const OWN = "own";

// The settings of the panel; `changed(name)` is called when the user turns a knob.
function makeKnobs(run, changed) {
  const sets = run && run.own ? { [OWN]: ownSet(run), ...SETS } : SETS;
  const values = { ...AT_FIRST, ...(run ? run.knobs : {}) };
  values.layers = [...values.layers];
  if (run && run.own) values.data = OWN;

  const changing = (name, value) => {
    values[name] = value;
    if (name === "data") quieten();
    if (name === "solver") batching();
    changed(name);
  };

  function choice(name, options) {
    const list = $(`knob-${name}`);
    list.replaceChildren(...options.map(([value, label]) => element("option", { value: String(value), textContent: label })));
    list.value = String(values[name]);
    list.onchange = () => changing(name, options.find(([value]) => String(value) === list.value)[0]);
  }

  function group(label, has) {
    const list = $("knob-data"), members = [...list.options].filter(({ value }) => has(value));
    if (members.length) list.append(element("optgroup", { label }, ...members));
    list.value = values.data;
  }

  // Numbers in order, with that of the command line among them.
  const amounts = (name, list, label = String, zero = 0) => {
    const all = list.includes(values[name]) ? list : [...list, values[name]].sort((a, b) => (a || zero) - (b || zero));
    choice(name, all.map((value) => [value, label(value)]));
  };
  const plain = (names) => names.map((name) => [name, name]);

  choice("data", Object.keys(sets).map((name) => [name, name === OWN ? run.source : name]));
  group("your data", (name) => name === OWN);
  group("classes", (name) => name !== OWN && !sets[name].numbers);
  group("numbers", (name) => sets[name].numbers);
  choice("activation", plain(Object.keys(ACTIVATIONS).filter((name) => name !== "logistic")));
  choice("solver", Object.entries(SOLVERS));
  choice("init", plain(["auto", ...Object.keys(INITIALIZERS)]));
  choice("loss", LOSSES_OF_NUMBERS.map((name) => [name, name.replace("_", " ")]));
  amounts("rate", RATES);
  amounts("batch", BATCHES, (size) => (size ? String(size) : "all"), Infinity);
  amounts("alpha", ALPHAS);

  const seed = $("knob-seed"), noise = $("knob-noise");
  seed.value = values.seed;
  seed.onchange = () => {
    seed.value = Math.max(0, Math.min(99999, Math.round(Number(seed.value) || 0)));
    changing("seed", Number(seed.value));
  };
  noise.oninput = () => { told(); changing("noise", Number(noise.value)); };
  const told = () => text("noise-told", Number(noise.value).toFixed(2));

  // The noise that a data set usually has; the loss is a choice for numbers only.
  function quieten() {
    const set = sets[values.data];
    Object.assign(noise, { max: set.most, step: set.most / 20 < 0.05 ? 0.01 : 0.05, value: set.noise });
    values.noise = Number(noise.value);
    $("loss-row").hidden = !set.numbers;
    told();
  }

  // Gradient descent takes all points in a step, as the estimators do.
  function batching() {
    $("knob-batch").disabled = values.solver === "gd";
    $("knob-batch").value = String(batch());
  }

  const batch = () => (values.solver === "gd" ? 0 : values.batch);

  function unitBox(l) {
    const box = element("input", { type: "number", min: 1, max: MOST_UNITS, value: values.layers[l] });
    box.setAttribute("aria-label", `Units of layer ${l + 1}`);
    box.onchange = () => {
      box.value = Math.max(1, Math.min(MOST_UNITS, Math.round(Number(box.value) || 1)));
      values.layers[l] = Number(box.value);
      changed("layers");
    };
    return box;
  }

  function showLayers() {
    const many = values.layers.length;
    text("layers-told", many === 1 ? "1 hidden layer" : `${many} hidden layers`);
    $("fewer").disabled = many === 0;
    $("more").disabled = many === MOST_LAYERS;
    $("units").replaceChildren(...values.layers.map((_, l) => unitBox(l)));
    $("units-row").hidden = many === 0;
  }

  const setLayers = (layers) => { values.layers = layers; showLayers(); changed("layers"); };
  $("fewer").onclick = () => setLayers(values.layers.slice(0, -1));
  $("more").onclick = () => setLayers([...values.layers, values.layers[values.layers.length - 1] || 4]);

  quieten();
  batching();
  showLayers();
  return {
    settings: () => ({ ...values, batch: batch(), layers: [...values.layers] }),
    set: () => sets[values.data],
    // a knob that needs a network of its own weights and data
    restarts: (name) => !SAME_NETWORK.includes(name) || (name === "alpha" && values.solver === "adamw"),
  };
}
