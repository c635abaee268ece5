// Buttons on Python blocks that run them in the page. Nothing is loaded before a click.
"use strict";

(() => {
  const script = document.currentScript;
  const { address, requirement } = script.dataset;
  const make = (name, properties = {}) =>
    Object.assign(document.createElement(name), properties);

  // -- Python, in a worker ---------------------------------------------------------------

  const STOPPED = "stopped; Run starts Python anew";
  let worker = null; // loaded with the first run, ended by Stop
  let waiting = null; // the answer that is awaited: {resolve, reject, say}

  function loadBundle() {
    if (window.liveBundle) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const src = new URL("live_bundle.js", script.src).href;
      const failed = () => reject(new Error(`${src} is not there`));
      document.head.append(make("script", { src, onload: resolve, onerror: failed }));
    });
  }

  function ask(message, say) {
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject, say };
      worker.postMessage(message);
    });
  }

  function hear({ data }) {
    if ("say" in data) waiting.say(data.say);
    else if ("failed" in data) waiting.reject(new Error(data.failed));
    else waiting.resolve(data.ran);
  }

  function stop() {
    worker?.terminate();
    worker = null;
    blocks.forEach((block) => (block.hasRun = false));
    waiting?.reject(new Error(STOPPED));
  }

  // A page that was opened as a file has no origin: only such an address is allowed there,
  // and elsewhere it would take the worker the right to read from the page's own server.
  function addressOf(text) {
    const type = "text/javascript";
    if (location.protocol === "file:") return `data:${type},${encodeURIComponent(text)}`;
    return URL.createObjectURL(new Blob([text], { type }));
  }

  async function start(say) {
    if (worker) return;
    await loadBundle();
    const { wheel, runner, worker: text } = window.liveBundle;
    worker = new Worker(addressOf(text), { type: "module" });
    worker.onmessage = hear;
    worker.onerror = (event) => waiting?.reject(new Error(event.message ?? "no worker"));
    try {
      const full = new URL(address, script.src).href;
      await ask({ load: { address: full, requirement, wheel, runner } }, say);
    } catch (error) {
      stop();
      if (error.message === STOPPED) throw error;
      throw new Error(
        `Python could not be loaded from ${address}. Is this computer online, and may ` +
          `this page reach that address? Then press Run again. (${error.message})`,
      );
    }
  }

  // -- blocks ----------------------------------------------------------------------------

  class Block {
    constructor(element) {
      this.element = element;
      this.hasRun = false;
      this.isExercise = element.classList.contains("live-exercise");
      this.shown = element.firstElementChild;
      this.editor = null;
      this.runButton = this.button(this.isExercise ? "Run and check" : "Run", () => run(this));
      this.stopButton = this.button("Stop", stop);
      this.editButton = this.button("Edit", () => this.edit().focus());
      this.resetButton = this.button("Start over", () => this.reset());
      this.status = make("span", { className: "live-status", role: "status" });
      this.output = make("pre", { className: "live-output", hidden: true, tabIndex: 0 });
      this.output.ariaLabel = "Output";
      const bar = make("div", { className: "live-bar" });
      const buttons = [this.runButton, this.stopButton, this.editButton, this.resetButton];
      bar.append(...buttons, this.status);
      element.append(bar, this.output);
      this.stopButton.hidden = this.resetButton.hidden = true;
    }

    get code() {
      return this.editor ? this.editor.value : this.element.dataset.code;
    }

    button(text, onclick) {
      const looks = { type: "button", className: "live-button", textContent: text };
      return make("button", { ...looks, onclick });
    }

    edit() {
      const code = this.element.dataset.code.trimEnd();
      const editor = make("textarea", {
        className: "live-editor",
        value: code,
        rows: code.split("\n").length + 1, // and room for a scroll bar
        spellcheck: false,
        ariaLabel: "Python code. Control and Enter run it; Escape, then Tab leaves it.",
        oninput: () => (this.hasRun = false),
        onkeydown: (event) => onKey(event, this),
      });
      editor.autocapitalize = "off";
      this.editor = editor;
      this.element.insertBefore(editor, this.shown);
      this.shown.hidden = this.editButton.hidden = true;
      this.resetButton.hidden = false;
      return editor;
    }

    reset() {
      this.editor.remove();
      this.editor = null;
      this.hasRun = false;
      this.shown.hidden = this.editButton.hidden = false;
      this.resetButton.hidden = true;
      if (this.isExercise) this.edit();
      (this.editor ?? this.editButton).focus();
    }

    show(text, ok) {
      this.output.textContent = text.trimEnd() || "(nothing printed)";
      this.output.hidden = false;
      this.element.classList.toggle("live-failed", !ok);
    }

    // `say` tells the reader how far it is, beside the button that was pressed.
    async runAlone(say) {
      await start(say);
      const { ok, text } = await ask({ run: { code: this.code } }, say);
      this.show(text, ok);
      this.hasRun = true;
    }
  }

  function onKey(event, block) {
    const { target, key } = event;
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) {
      run(block);
    } else if (key === "Enter") {
      const before = target.value.slice(0, target.selectionStart);
      const line = before.slice(before.lastIndexOf("\n") + 1);
      const indent = line.match(/^ */)[0] + (line.endsWith(":") ? "    " : "");
      insert(target, "\n" + indent);
    } else if (key === "Tab" && !event.shiftKey && !target.dataset.leaving) {
      insert(target, "    ");
    } else {
      target.dataset.leaving = key === "Escape" ? "yes" : "";
      return;
    }
    event.preventDefault();
  }

  function insert(editor, text) {
    // the one way that can be undone with Ctrl+Z
    document.execCommand("insertText", false, text);
  }

  // An exercise stands for itself. Any other block comes after those before it, as in a
  // session.
  async function run(block) {
    if (blocks.some((other) => other.runButton.disabled)) return;
    const before = blocks.slice(0, blocks.indexOf(block));
    const first = block.isExercise ? [] : before.filter((b) => !b.isExercise && !b.hasRun);
    blocks.forEach((other) => (other.runButton.disabled = true));
    block.stopButton.hidden = false;
    const say = (text) => (block.status.textContent = text);
    try {
      for (const [i, other] of first.entries()) {
        const where = `block ${i + 1} of ${first.length} before it: `;
        await other.runAlone((text) => say(where + text));
      }
      await block.runAlone(say);
      say("");
    } catch (error) {
      say(error.message);
    } finally {
      waiting = null;
      block.stopButton.hidden = true;
      blocks.forEach((other) => (other.runButton.disabled = false));
    }
  }

  let blocks = [];
  document.addEventListener("DOMContentLoaded", () => {
    blocks = [...document.querySelectorAll(".live")].map((element) => new Block(element));
    blocks.filter((block) => block.isExercise).forEach((block) => block.edit());
  });
})();
