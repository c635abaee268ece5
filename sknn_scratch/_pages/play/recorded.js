// -- the recorded training: frames that Python has written into the page ------------------

function numbers(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

// A mode of the page: its source of frames, and what its buttons do.
function recordedMode(run) {
  const { units: n, epochs } = run, thetas = numbers(run.theta), L = n.length - 1;
  const frames = epochs.length, size = thetas.length / frames, of = epochs[frames - 1];
  const curve = Object.fromEntries(Object.entries(run.curve).map(([key, value]) => [key, numbers(value)]));
  curve.last = of || 1;
  let frame = 0;

  // The parameters of one epoch as views of theta: all W, row by row, then all b.
  function parameters(which = frame) {
    let from = which * size;
    const take = (many) => thetas.subarray(from, (from += many));
    const W = [null], b = [null];
    for (let l = 1; l <= L; l++) W.push(take(n[l] * n[l - 1]));
    for (let l = 1; l <= L; l++) b.push(take(n[l]));
    return { W, b };
  }

  const source = {
    n, g, links: OUTPUTS, kinds: run.activations.map(([name]) => name), fluent: 3e7,
    classes: run.classes, points: run.points, mean: run.mean, scale: run.scale, projected: run.projected,
    parameters,
    now: () => ({ epoch: epochs[frame], of, costs: run.costs[frame], scores: run.scores[frame] }),
    curve: () => curve,
  };

  function show(which) {
    frame = state.frame = Math.max(0, Math.min(frames - 1, which));
    $("slider").value = frame;
    $("slider").setAttribute("aria-valuetext", `Epoch ${epochs[frame]} of ${of}`);
    draw();
  }

  const drawn = (part) => {
    const { x, of: all } = run.points[part], name = part === "train" ? "training" : "validation";
    return x.length < all ? `${all} ${name} points (${x.length} drawn)` : `${all} ${name} points`;
  };

  return {
    name: "recorded", source, frames, show, pause: 110,
    lead: `${run.model} with ${n.join("–")} units, trained on ${drawn("train")}, watched on ${drawn("validation")}. Inputs are standardised.`,
    open() { setStage(source); $("slider").max = frames - 1; show(frame); },
    start: () => { if (frame === frames - 1) show(0); },
    next: () => show(frame + 1),
    before: () => show(frame - 1),
    first: () => show(0),
    last: () => show(frames - 1),
    ended: () => frame === frames - 1,
    // the recorded epoch that is nearest
    find(epoch) {
      const far = epochs.map((e) => Math.abs(e - epoch));
      show(far.indexOf(Math.min(...far)));
    },
    probabilities(which, points) { frame = which; return answers(points); },
  };
}

// How to repeat the recorded training: settings, command line, Python.
function fillRecorded(run) {
  // a line break must not separate a flag from its value
  $("command").append(...run.command.split(/(?= --)/).map((part) => element("span", { textContent: part })));
  text("python", run.python);
  for (const [name, value] of run.settings) {
    $("settings").tBodies[0].append(element("tr", {}, element("td", { textContent: name }), element("td", { textContent: value })));
  }
  for (const note of run.notes) $("notes").append(element("p", { textContent: note }));
}
