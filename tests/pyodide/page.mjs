// What a page is to its worker, for Node.js: node page.mjs FOLDER, where FOLDER holds
// Pyodide. A line of standard input is a message to the worker; the answers are the lines
// that begin with "answer ". The first message is {load} without an address.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const address = pathToFileURL(process.argv[2] + "/").href;
const waiting = [];

globalThis.onmessage = null; // in a worker it is there; the worker sets it
globalThis.postMessage = (answer) => {
  if ("say" in answer) return;
  console.log("answer " + JSON.stringify(answer));
  waiting.shift()();
};

for await (const line of createInterface({ input: process.stdin })) {
  const data = JSON.parse(line);
  if (data.load) {
    data.load.address = address;
    const url = "data:text/javascript," + encodeURIComponent(data.load.worker);
    await import(url);
  }
  await new Promise((resolve) => {
    waiting.push(resolve);
    globalThis.onmessage({ data });
  });
}
