// The page asks a worker, in which Python runs, so that it never stands still.

const $ = (id) => document.getElementById(id);
const worker = new Worker("worker.js", { type: "module" });
const waiting = new Map();
let asked = 0;

worker.onmessage = ({ data }) => {
  if (data.progress) return say(data.progress);
  if (data.isReady) return isAsked() || say("The library is ready: ask, or change the chronicle.");
  const { resolve, reject } = waiting.get(data.id);
  if (data.error) reject(new Error(data.error));
  else resolve(data.answer);
  waiting.delete(data.id);
};
// What went wrong in Python is shown, not lost.
addEventListener("unhandledrejection", ({ reason }) => say(reason.message));
worker.onerror = (error) => say(`The library could not be loaded: ${error.message}`);

function call(name, question) {
  const id = ++asked;
  worker.postMessage({ id, name, question });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

const isAsked = () => asked > 0;

function say(words) {
  $("status").textContent = words;
}

function tellFaults(faults) {
  const list = $("faults").querySelector("ul");
  list.replaceChildren(...faults.map((fault) => {
    const item = document.createElement("li");
    item.textContent = fault;
    return item;
  }));
  $("faults").hidden = faults.length === 0;
}

function choose(select, actors, chosen) {
  const before = select.value;
  select.replaceChildren(...actors.map(([code, name]) => new Option(name, code)));
  select.value = actors.some(([code]) => code === before) ? before : chosen;
}

// What is asked later is answered later, and shown alone.
let latest = 0;

async function ask() {
  const mine = ++latest;
  say("Reading.");
  const question = {
    text: $("text").value, on: $("on").value, known: $("known").value,
    one: $("one").value, other: $("other").value,
  };
  const answer = await call("answer", question);
  if (mine !== latest) return;
  tellFaults(answer.faults);
  $("answer").hidden = answer.faults.length > 0;
  if (answer.faults.length) {
    say(answer.faults.length === 1 ? "There is a fault." : `There are ${answer.faults.length} faults.`);
    return;
  }
  choose($("one"), answer.actors, answer.one);
  choose($("other"), answer.actors, answer.other);
  $("on").value = answer.on;
  $("known").value = answer.known;
  // The library writes this table, and escapes what the chronicle says.
  $("state").innerHTML = answer.state;
  $("why").textContent = answer.why;
  $("words").textContent = answer.words;
  say("Answered; the picture is being made.");
  const { one, other, on, known } = answer;
  const { picture } = await call("picture", { text: question.text, one, other, on, known });
  if (mine !== latest) return;
  $("picture").querySelector("img").src = picture;
  say("Answered.");
}

async function save() {
  say("The page is being made.");
  const { page } = await call("page", {
    text: $("text").value, one: $("one").value, other: $("other").value,
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
  link.download = "timeline.html";
  link.click();
  URL.revokeObjectURL(link.href);
  say("The page was saved as timeline.html: one file, to open and to publish.");
}

async function example(name) {
  $("on").value = $("known").value = "";
  $("text").value = name ? await call("example", name) : $("text").defaultValue;
  await ask();
}

async function take(file) {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  $("text").value = new TextDecoder().decode(bytes);
  await ask();
}

$("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
$("page").addEventListener("click", save);
$("example").addEventListener("click", () => example());
$("sheet").addEventListener("click", () => example("sheet"));
$("file").addEventListener("change", () => take($("file").files[0]));
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
