// -- the page: one stage, two modes, buttons and keys ---------------------------------------

const run = JSON.parse($("run").textContent);
// milliseconds of training between two drawings at the highest speed
const SMALLEST = 14;
let mode, due = 0, timer = 0;

const knobs = makeKnobs(run, (name) => {
  if (knobs.restarts(name)) modes.live.first();
  else modes.live.adjust();
});
const modes = { live: liveMode(run, knobs), ...(run ? { recorded: recordedMode(run) } : {}) };

// -- running --------------------------------------------------------------------------------

function tick(now) {
  if (!state.playing) return;
  const speed = Number($("speed").value);
  if (!speed && mode.many) {
    mode.many(SMALLEST);
  } else if (now >= due) {
    due = now + mode.pause / (speed || 16);
    mode.next();
  }
  if (mode.ended()) halt();
  else requestAnimationFrame(tick);
}

function go() {
  if (state.playing) return;
  mode.start();
  state.playing = true;
  due = 0;
  playing();
  requestAnimationFrame(tick);
}

function halt() {
  state.playing = false;
  playing();
  if (mode.describe) mode.describe();
}

function playing() {
  const word = mode.name === "live" ? "Train" : "Play";
  text("word", state.playing ? "Pause" : word);
  $("sign").setAttribute("d", state.playing ? "M3 2h4v12H3zM9 2h4v12H9z" : "M4 2l10 6-10 6z");
  // a screen reader could not keep up with a replay
  $("readout").setAttribute("aria-live", state.playing ? "off" : "polite");
  $("weights").setAttribute("aria-live", state.playing ? "off" : "polite");
}

const toggle = () => (state.playing ? halt() : go());
// A button or key that moves to a frame; a mode may lack it.
const move = (name) => () => {
  if (!mode[name]) return;
  halt();
  mode[name]();
  if (mode.describe) mode.describe();
};

// -- modes ----------------------------------------------------------------------------------

function enter(name) {
  state.playing = false;
  mode = modes[name];
  document.body.dataset.mode = name;
  for (const one of document.querySelectorAll("[data-for]")) one.hidden = one.dataset.for !== name;
  for (const one of document.querySelectorAll("#modes button")) one.setAttribute("aria-pressed", String(one.value === name));
  text("title", name === "recorded" ? `Watch a network learn: ${run.source}` : "Watch a network learn");
  text("lead", mode.lead);
  const [first, next] = name === "live" ? ["Reset", "Train one epoch"] : ["First epoch", "Step on"];
  for (const [id, label, key] of [["first", first, "Home"], ["next", next, "right arrow"]]) {
    $(id).setAttribute("aria-label", label);
    $(id).title = `${label} (${key})`;
  }
  state.probe = null;
  mode.open();
  playing();
}

// -- keys, pointers, sizes -------------------------------------------------------------------

function probeAt(event) {
  const box = $("map").getBoundingClientRect(), inner = frameOf(box.width, box.height);
  const right = (event.clientX - box.left - RIM.left) / inner.w;
  const up = 1 - (event.clientY - box.top - RIM.top) / inner.h;
  if (right < 0 || right > 1 || up < 0 || up > 1) return;
  probe(right, up);
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEPS = {
  " ": toggle,
  ArrowLeft: move("before"),
  ArrowRight: move("next"),
  Home: move("first"),
  End: move("last"),
  Escape: () => choose(null),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const tag = event.target.tagName, key = event.key;
  if (event.target === $("map") && MOVES[key]) {
    const [x, y] = state.probe || [at(0.5, 0), at(0.5, 1)], far = event.shiftKey ? 0.1 : 0.02;
    probe(share(x, 0) + far * MOVES[key][0], share(y, 1) + far * MOVES[key][1]);
    event.preventDefault();
    return;
  }
  // leave these elements the keys that they handle themselves
  if (tag === "SELECT" || (tag === "PRE" && key !== " ")) return;
  if (tag === "INPUT" && event.target.id !== "slider" && event.target.type !== "checkbox") return;
  if (key === " " && (tag === "BUTTON" || tag === "SUMMARY" || event.target.type === "checkbox")) return;
  if (!STEPS[key]) return;
  event.preventDefault();
  STEPS[key]();
}

function copyPython() {
  const pre = $("live-python"), range = document.createRange();
  range.selectNodeContents(pre);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  // also where a page of a file has no clipboard
  const done = document.execCommand("copy");
  text("copied", done ? "Copied." : "Selected: copy it with the keys.");
}

function listen() {
  $("toggle").onclick = toggle;
  $("first").onclick = STEPS.Home;
  $("last").onclick = STEPS.End;
  $("before").onclick = STEPS.ArrowLeft;
  $("next").onclick = STEPS.ArrowRight;
  $("back").onclick = () => choose(null);
  $("copy").onclick = copyPython;
  $("slider").oninput = () => { halt(); mode.show(Number($("slider").value)); };
  for (const one of document.querySelectorAll("#modes button")) one.onclick = () => { location.hash = one.value; };
  addEventListener("hashchange", () => { if (modes[location.hash.slice(1)]) enter(location.hash.slice(1)); });
  $("map").onpointermove = (event) => { if (event.pointerType === "mouse") probeAt(event); };
  $("map").onpointerdown = probeAt;
  $("cost").onclick = (event) => {
    if (!mode.find) return;
    const box = $("cost").getBoundingClientRect();
    halt();
    mode.find(((event.clientX - box.left - LEFT) / (box.width - LEFT - 10)) * source.curve().last);
  };
  document.addEventListener("keydown", pressed);
  dark.addEventListener("change", () => { readColours(source.classes ? source.classes.length : 2); legend(); draw(); });
  new ResizeObserver(() => { layOut(); draw(); }).observe(document.body);
}

if (run) {
  fillRecorded(run);
} else {
  $("modes").hidden = true;
}
document.body.classList.toggle("embedded", window.self !== window.top);
listen();
enter(modes[location.hash.slice(1)] ? location.hash.slice(1) : "live");
window.play = { run, state, modes, go, halt, show: (frame) => modes.recorded.show(frame), probabilities: run && modes.recorded.probabilities };
if (mode.name === "recorded" && !still.matches) go();
