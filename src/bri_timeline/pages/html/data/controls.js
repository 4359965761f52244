// Event handlers of the controls.
const choose = (number) => {
  view.chosen = number;
  redrawNow();
};

const zoom = (factor, shift = 0) => {
  const length = view.to - view.from;
  const centre = view.day > view.from && view.day < view.to ? view.day : (view.from + view.to) / 2;
  const middle = factor === 1 ? (view.from + view.to) / 2 + shift * length : centre;
  const half = Math.max((length * factor) / 2, 3);
  const from = Math.max(Math.round(middle - half), whole[0]);
  const to = Math.min(Math.round(middle + half), whole[1]);
  if (to > from) [view.from, view.to] = [from, to];
  redraw();
};
const showAll = () => {
  [view.from, view.to] = whole;
  redraw();
};

const setStop = (name, place) => {
  const stops = name === "day" ? DATA.days : DATA.known;
  const within = Math.min(Math.max(place, 0), stops.length - 1);
  if (name === "day") view.day = stops[within];
  else view.stop = within;
  redraw();
};
const pick = (name, text) => {
  const day = parsed(text);
  if (day === null) return;
  if (name === "day") view.day = day;
  else view.stop = Math.max(placeOf(DATA.known, day), 0);
  redraw();
};

const wireSlider = (name, stops, now) => {
  if (!byId(name)) return;
  byId(name).max = String(stops.length - 1);
  byId(name).addEventListener("input", (event) => setStop(name, Number(event.target.value)));
  byId(`${name}-back`).addEventListener("click", () => setStop(name, now() - 1));
  byId(`${name}-on`).addEventListener("click", () => setStop(name, now() + 1));
  byId(`${name}-pick`).addEventListener("change", (event) => pick(name, event.target.value));
};

const neighbour = (step) => {
  const all = [...document.querySelectorAll("#chart [data-claim]")];
  const place = all.indexOf(document.activeElement);
  if (place >= 0) all[Math.min(Math.max(place + step, 0), all.length - 1)].focus();
};

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const mark = event.target.closest?.("#chart [data-claim]");
  const writing = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && view.chosen !== null) {
    const number = view.chosen;
    choose(null);
    byId("chart").querySelector(`[data-claim="${number}"]`)?.focus();
  } else if (mark && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    choose(Number(mark.dataset.claim));
    byId("detail").focus();
  } else if (mark && event.key.startsWith("Arrow")) {
    event.preventDefault();
    neighbour(event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1);
  } else if (!writing) {
    onCommand(event);
  }
};
const COMMANDS = {
  "+": () => zoom(0.5),
  "-": () => zoom(2),
  0: showAll,
  "/": () => byId("search").focus(),
};
const onCommand = (event) => {
  if (!COMMANDS[event.key]) return;
  event.preventDefault();
  COMMANDS[event.key]();
};

const onClick = (event) => {
  const claim = event.target.closest("[data-claim]");
  const lane = event.target.closest("[data-lane]");
  if (event.target.closest("a")) return;
  const label = event.target.closest("[data-label]");
  if (claim || label) choose(Number(claim?.dataset.claim ?? label.dataset.label));
  else if (lane) toggleLane(Number(lane.dataset.lane));
  else if (event.target.id === "close") choose(null);
  else if (event.target.id === "more") listAll();
};
const toggleLane = (number) => {
  if (view.off.has(number)) view.off.delete(number);
  else view.off.add(number);
  fillLanes();
  byId("lanes").children[number]?.focus();
  redraw();
};
const listAll = () => {
  shownRows = Infinity;
  redrawNow();
};

// For print: one column, and all rows of the table.
const layOut = (forPaper) => {
  document.documentElement.classList.toggle("printing", forPaper);
  if (forPaper) listAll();
  else redraw();
};

const wireTheme = () => {
  const button = byId("theme");
  const isDark = () => (document.documentElement.dataset.theme
    ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const setLabel = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.hidden = false;
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    setLabel();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", setLabel);
  setLabel();
};

// True if half of the claims lie in a twentieth of the time: a linear scale would overlap.
const isCrowded = () => {
  const middles = CLAIMS.map((c) => (Number.isFinite(c.last) ? c.last : c.first))
    .filter(Number.isFinite).sort((a, b) => a - b);
  const half = Math.ceil(middles.length / 2);
  const room = (whole[1] - whole[0]) / 20;
  return middles.some((day, n) => n + half < middles.length && middles[n + half] - day < room);
};

