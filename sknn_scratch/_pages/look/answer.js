// -- the answer: probabilities or numbers, the interval, the true answer --------------------

const COVERAGES = [0.5, 0.8, 0.9, 0.95];
let outputLines = [];

function buildAnswer() {
  const { outputs: names, kind } = look;
  text("outputs-told", { classes: "Probability of each class", labels: "Probability of each label", numbers: "Predictions" }[kind]);
  outputLines = names.map((name, c) => {
    const bar = element("i", { className: "plus" }), value = element("b");
    const choice = element("input", { type: "radio", name: "output", value: c });
    choice.onchange = () => { state.chosen = c; ask(); };
    const line = element("label", {}, choice, element("span", { textContent: name, title: name }));
    if (kind === "numbers") line.className = "number-line";
    else line.append(element("em", {}, bar));
    line.append(value);
    $("outputs").append(line);
    return { bar, value, choice };
  });
  $("outputs").hidden = kind === "numbers" && names.length === 1;
  $("follow").onclick = () => { state.chosen = state.kept = null; ask(); };
  $("coverage").append(...COVERAGES.map((c) => element("option", { value: c, textContent: `${100 * c} %`, selected: c === 0.9 })));
  $("coverage").onchange = ask;
  $("interval").hidden = !model.interval;
  text("how", HOW + (look.quantiles ? QUANTILES : MEANS) + HOLDS);
}

const HOW = "Each row of the training was held out by a network of the ensemble. Its residual is how far its true number was from what that network says. ";
const MEANS = "The ends are quantiles of the networks' answers here minus and plus these residuals. ";
const QUANTILES = "It is counted from the lowest and the highest level, which are widened by quantiles of these residuals. ";
const HOLDS = "Of new rows like those of the training, about the given share has its number in the interval (CV+, Barber, Candès, Ramdas and Tibshirani 2021).";

const best = (P) => P.reduce((top, p, c) => (p > P[top] ? c : top), 0);

// The usual output to examine: the first number, the middle quantile; of a table with two
// classes the second; null for the most probable.
const usual = () => {
  if (look.kind === "numbers") return look.quantiles ? Math.floor(look.outputs.length / 2) : 0;
  return !look.picture && look.outputs.length === 2 ? 1 : null;
};

// The output that is examined: the chosen or the usual one. Else it is the most probable,
// but stays while a column is moved.
const examined = (P) => state.chosen ?? usual() ?? state.kept ?? best(P);

function showAnswer(P, row) {
  const { outputs: names, kind } = look, c = examined(P);
  P.forEach((p, i) => {
    const { bar, value, choice } = outputLines[i];
    bar.style.width = `${100 * Math.max(0, Math.min(1, p))}%`;
    bar.style.left = 0;
    value.textContent = kind === "numbers" ? figure(p) : percent(p);
    choice.checked = i === c;
  });
  $("follow").hidden = kind !== "classes" || usual() !== null || c === best(P);
  text("verdict", verdictOf(P, names, kind));
  showTruth(P);
  if (model.interval) {
    const found = model.interval([row], Number($("coverage").value))[0];
    const ends = Array.isArray(found[0]) ? found[c] : found;
    text("ends", ends.every(Number.isFinite) ? `${figure(ends[0])} to ${figure(ends[1])}` : "too few rows were held out for it");
  }
}

function verdictOf(P, names, kind) {
  if (kind === "labels") return names.filter((_, c) => P[c] > 0.5).join(", ") || "none of the labels";
  if (kind === "numbers") return P.length === 1 || look.quantiles ? `${names[usual()]}: ${figure(P[usual()])}` : P.map(figure).join(", ");
  const c = best(P);
  return `${names[c]}, with probability ${percent(P[c])}`;
}

// The true answer of the row that was chosen, as long as it was not changed.
function showTruth(P) {
  const truth = state.row === null || !look.rows.truth ? null : look.rows.truth[state.row];
  $("truth").className = "truth";
  if (truth === null) return text("truth", "");
  if (state.changed) return text("truth", `The row, before it was changed, had ${truthInWords(truth)}.`);
  if (look.kind === "numbers") return text("truth", `The true answer is ${truthInWords(truth)}.`);
  const right = isRight(P, truth);
  $("truth").classList.add(right ? "right" : "wrong");
  return text("truth", `The true answer is ${truthInWords(truth)}: ${right ? "right" : "wrong"}.`);
}

const truthInWords = (truth) => {
  if (look.kind === "labels") return look.outputs.filter((_, c) => truth[c]).join(", ") || "none of the labels";
  return [truth].flat().map((v) => (typeof v === "number" && look.kind === "numbers" ? figure(v) : v)).join(", ");
};

function isRight(P, truth) {
  if (look.kind === "labels") return P.every((p, c) => p > 0.5 === Boolean(truth[c]));
  return look.outputs[best(P)] === String(truth);
}
