// Python and the library, beside the page. All files are of this site.

import { loadPyodide } from "./runtime/pyodide.mjs";

const ready = start();

async function start() {
  const at = (name) => new URL(name, import.meta.url).href;
  const wheels = await (await fetch(at("wheels/list.json"))).json();
  const fetched = wheels.map(async (name) => (await fetch(at(`wheels/${name}`))).arrayBuffer());
  const python = await loadPyodide({ indexURL: at("runtime/") });
  postMessage({ progress: "Python runs; the library is being unpacked." });
  for (const wheel of await Promise.all(fetched)) python.unpackArchive(wheel, "whl");
  python.FS.writeFile("answers.py", await (await fetch(at("answers.py"))).text());
  const answers = python.pyimport("answers");
  postMessage({ isReady: true });
  return answers;
}

onmessage = async ({ data: { id, name, question } }) => {
  try {
    const answers = await ready;
    const text = answers.told(name, JSON.stringify(question));
    postMessage({ id, answer: JSON.parse(text) });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
};
