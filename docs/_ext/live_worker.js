// Python for a page, in a thread of its own, so that the page stays usable.
// The page sends {load} once and then {run}; the answers are {say}, {ready}, {ran}, {failed}.
"use strict";

const PACKAGES = ["numpy", "scipy", "scikit-learn"];
// what parts of sknn_scratch import that is no need of the rest
const NEEDED_BY = { "sknn_scratch.hdf5": "h5py", "sknn_scratch.plotting": "matplotlib" };

let python, space;

const say = (text) => postMessage({ say: text });

async function load({ address, requirement, wheel, runner }) {
  say("loading Python, NumPy, SciPy and scikit-learn: about 35 MB the first time ...");
  const { loadPyodide } = await import(address + "pyodide.mjs");
  python = await loadPyodide({ packages: PACKAGES });
  const missing = PACKAGES.filter((name) => !(name in python.loadedPackages));
  if (missing.length) throw new Error(`${missing.join(", ")}: not found`);
  say("installing sknn_scratch ...");
  if (requirement) {
    await python.loadPackage("micropip");
    await python.pyimport("micropip").install(requirement);
  } else {
    python.unpackArchive(Uint8Array.from(atob(wheel), (c) => c.charCodeAt(0)), "wheel");
  }
  python.runPython(runner);
  space = python.runPython("import numpy as np; {'__name__': '__main__', 'np': np}");
}

async function run({ code }) {
  const parts = Object.keys(NEEDED_BY).filter((part) => code.includes(part));
  const imports = parts.map((part) => `\nimport ${NEEDED_BY[part]}`);
  await python.loadPackagesFromImports(code + imports.join(""), { messageCallback() {} });
  say("running ...");
  return JSON.parse(python.globals.get("run_block")(code, space));
}

onmessage = async ({ data }) => {
  try {
    if (data.load) {
      await load(data.load);
      postMessage({ ready: true });
    } else {
      postMessage({ ran: await run(data.run) });
    }
  } catch (error) {
    postMessage({ failed: String(error.message ?? error) });
  }
};
