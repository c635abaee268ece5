// -- occlusion: how much the answer changes where a patch of the picture is covered ---------

const AT_ONCE = 16; // pictures that the model is asked at a time
const PATCHES = [1 / 8, 1 / 5, 1 / 3]; // of the shorter side
let occlusion = null; // {drops, places, top}: the last map that was computed
let occlusionRun = 0;

function buildOcclusion() {
  const { height, width } = sizeOf(), side = Math.min(height, width);
  const sizes = [...new Set(PATCHES.map((share) => Math.max(1, Math.round(share * side))))];
  $("patch").append(...sizes.map((p) => element("option", { value: p, textContent: `${p} × ${p} pixels`, selected: p === sizes[Math.min(1, sizes.length - 1)] })));
  $("patch").onchange = ask;
  const swatch = (cls) => svgElement("svg", { width: 14, height: 14, "aria-hidden": "true", class: cls }, svgElement("rect", { width: 14, height: 14 }));
  $("heat-legend").replaceChildren(
    element("li", {}, swatch("plus-fill"), "speaks for it: falls where it is covered"),
    element("li", {}, swatch("minus-fill"), "speaks against it: rises"),
  );
}

// Rows and columns at which patches begin, to the last one.
function placesOf(size, patch) {
  const step = Math.max(1, Math.floor(patch / 2)), last = size - patch, found = [];
  for (let at = 0; at < last; at += step) found.push(at);
  return [...found, last];
}

// The picture with a patch replaced by the mean of each channel.
function covered(top, left, patch, means) {
  const { width, channels } = sizeOf(), found = Array.from(pixels);
  for (let y = top; y < top + patch; y++) {
    for (let x = left; x < left + patch; x++) {
      for (let k = 0; k < channels; k++) found[(y * width + x) * channels + k] = means[k];
    }
  }
  return found;
}

function meansOf() {
  const { channels } = sizeOf(), sums = new Array(channels).fill(0);
  pixels.forEach((v, i) => { sums[i % channels] += v; });
  return sums.map((sum) => (sum * channels) / pixels.length);
}

// Compute the map for output c of the present picture, some patches at a time.
async function occlude(c, answer) {
  const run = ++occlusionRun, { height, width } = sizeOf(), patch = Number($("patch").value), means = meansOf();
  const places = placesOf(height, patch).flatMap((top) => placesOf(width, patch).map((left) => [top, left]));
  const drops = [];
  for (let first = 0; first < places.length; first += AT_ONCE) {
    const rows = places.slice(first, first + AT_ONCE).map(([top, left]) => covered(top, left, patch, means));
    drops.push(...model.outputs(rows).map((P) => answer - [P].flat()[c]));
    await new Promise((done) => setTimeout(done));
    if (run !== occlusionRun) return;
  }
  occlusion = { places, drops, patch, map: spread(places, drops, patch), c, answer };
  drawHeat();
  tellHeat();
}

// The mean of the drops of the patches that cover each pixel.
function spread(places, drops, patch) {
  const { height, width } = sizeOf(), sums = new Float64Array(height * width), counts = new Float64Array(height * width);
  places.forEach(([top, left], i) => {
    for (let y = top; y < top + patch; y++) {
      for (let x = left; x < left + patch; x++) {
        sums[y * width + x] += drops[i];
        counts[y * width + x] += 1;
      }
    }
  });
  return sums.map((sum, i) => sum / counts[i]);
}

function drawHeat() {
  const { pen, width, height } = sharp($("heat")), size = sizeOf(), map = occlusion.map, largest = largestOf(map);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(asCanvas(0.6), 0, 0, width, height);
  const image = new ImageData(size.width, size.height), layer = element("canvas", { width: size.width, height: size.height });
  map.forEach((drop, i) => {
    const colour = drop < 0 ? colours.minus : colours.plus;
    image.data.set([...colour.map(Math.round), 235 * Math.min(1, Math.abs(drop) / largest)], 4 * i);
  });
  layer.getContext("2d").putImageData(image, 0, 0);
  pen.drawImage(layer, 0, 0, width, height);
}

function tellHeat() {
  const { places, drops, patch, c, answer } = occlusion, i = best(drops), [top, left] = places[i];
  const what = look.kind === "numbers" ? look.outputs[c] : `the probability of ${look.outputs[c]}`;
  const shown = look.kind === "numbers" ? figure : percent;
  const words = drops[i] <= 0
    ? `Covering no part lowers ${what}, ${shown(answer)}.`
    : `Covered at rows ${top + 1} to ${top + patch} and columns ${left + 1} to ${left + patch}, ${what} falls most: from ${shown(answer)} to ${shown(answer - drops[i])}.`;
  text("heat-told", words);
  $("heat").setAttribute("aria-label", `Map of what matters. ${words}`);
}
