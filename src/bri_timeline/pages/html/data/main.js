// Start: build what the script fills, wire the events, and draw.
let last = null;
let pending = false;
const redraw = () => {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    if (pending) redrawNow();
  });
};
// What changed since the dates before: groups whose status or claim is another.
const changedSince = (now) => {
  const found = new Set();
  if (!base) return found;
  now.looks.forEach((look, n) => {
    const before = base.looks[n];
    const mattered = (one) => one.is === CERTAIN || one.is === PERHAPS;
    if (look.claim !== before.claim || look.differs !== before.differs || (look.is !== before.is && (mattered(look) || mattered(before) || look.is === ASIDE))) found.add(n);
  });
  return found;
};
const redrawNow = () => {
  pending = false;
  const now = snapshot();
  if (last && (last.now.day !== now.day || last.now.stop !== now.stop)) {
    // A drag is compared with where it began, a step with the step before.
    if (!isDragging || !base) base = last.now;
  }
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = now.looks.filter((look) => matches(look, words));
  const matching = new Set(shown.map((look) => look.group.number));
  last = { now, looks: now.looks, shown, matching };
  const changed = changedSince(now);
  const inTime = isWhole() ? shown : shown.filter((look) => isInView(look.claim));
  const chart = byId("chart");
  const theme = `${document.documentElement.dataset.theme} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  onlyIfNew("colours", theme, readColours);
  const isDense = inTime.filter((look) => !isFolded(look.group)).length > MOST_ROWS;
  document.documentElement.classList.toggle("dense", isDense);
  fillSentence(now);
  fillNotice();
  fillSources(now);
  const dates = `${language} ${view.day} ${view.known}`;
  onlyIfNew("editor", `${dates} ${editing}`, fillEditor);
  onlyIfNew("steps", `${dates} ${playing > 0}`, fillSteps);
  if (isDense) fillBins(chart, now.looks, shown, changed);
  else if (inTime.length) fillRows(chart, now.looks, inTime, changed);
  else refill(chart, make("p", { class: "quiet" }, t("page.nothing_here")));
  fillLegend(now, inTime);
  onlyIfNew("lanes", `${language} ${view.by} ${[...view.off]}`, () => fillLanes(now));
  fillOverview();
  fillPlane();
  fillState(now);
  fillDetail(now);
  onlyIfNew("pairs", `${dates} ${view.scale} ${view.pair} ${DATA.embed}`, () => fillPairs(now));
  onlyIfNew("tools", `${language} ${view.show} ${view.by} ${view.scale} ${view.query} ${sheet} ${theme} ${sheet ? dates + location.hash : ""}`, fillTools);
  fillSliders();
  fillTable(now, matching);
  onlyIfNew("words", language, fillKeys);
  if (chart.getAttribute("aria-label") !== t("page.chart")) chart.setAttribute("aria-label", t("page.chart"));
  writeAddress();
};

// --- events -----------------------------------------------------------------------------------

const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.("#chart button");
  const held = event.target.closest?.("[data-stops] :is(button, summary, [role=button])");
  const isWriting = event.target.closest?.("input:not([type=range]), select, textarea");
  const moves = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  if (event.key === "Escape") onEscape();
  else if (row && moves[event.key]) {
    event.preventDefault();
    moveRoving(row, moves[event.key]);
  } else if (held && moves[event.key]) {
    event.preventDefault();
    moveStop(held, moves[event.key]);
  } else if (!isWriting && COMMANDS[event.key]) {
    event.preventDefault();
    COMMANDS[event.key]();
  }
};
const onEscape = () => {
  if (editing) closeEditor();
  else if (sheet) {
    const name = sheet;
    openSheet(sheet);
    byId(name).focus();
  } else if (view.claim !== null) closeDetail();
};
const COMMANDS = {
  "+": () => zoom(0.5),
  "-": () => zoom(2),
  0: showAll,
  "/": () => byId("search").focus(),
  "[": () => STEPS.length && goTo(stepNow() - 1),
  "]": () => STEPS.length && goTo(stepNow() + 1),
};
const onClick = (event) => {
  const link = event.target.closest("a[data-source]");
  if (link) {
    event.preventDefault();
    toSource(Number(link.dataset.source));
    return;
  }
  const row = event.target.closest("#chart button");
  if (!row) return;
  if (row.dataset.fold !== undefined) {
    const { fold } = row.dataset;
    if (view.open.has(fold)) view.open.delete(fold);
    else view.open.add(fold);
    redraw();
  } else if (row.dataset.bin !== undefined) {
    zoomTo(Number(row.dataset.from), Number(row.dataset.to));
  } else {
    const group = Number(row.dataset.group);
    if (view.claim === group) closeDetail();
    else {
      choose(group);
      byId("detail").focus();
    }
  }
};
// For print: one column, and every claim in the table.
let wasOpen = false;
const layOut = (forPaper) => {
  document.documentElement.classList.toggle("printing", forPaper);
  if (forPaper) {
    wasOpen = byId("all").open;
    byId("all").open = true;
    measureRoom();
    listAll();
  } else {
    byId("all").open = wasOpen;
    measureRoom();
    redraw();
  }
};

const build = () => {
  const root = document.documentElement;
  root.classList.add("alive");
  root.classList.toggle("embed", DATA.embed);
  root.classList.toggle("few", CLAIMS.length <= 60);
  byId("board").hidden = false;
  const colours = make("span", { hidden: "" }, ...Array.from({ length: 8 }, (_, n) => make("i", { id: `colour${n}`, class: `k${n}` })));
  byId("sentence").after(make("div", { id: "notice", role: "status", hidden: "" }), make("div", { id: "editor", role: "group", hidden: "" }));
  byId("picture").prepend(make("div", { id: "lanes", role: "group", "data-stops": "" }));
  byId("picture").append(make("div", { id: "overview", role: "slider", tabindex: "0" }), make("ul", { id: "legend" }));
  byId("beside").append(make("section", { id: "detail", tabindex: "-1", hidden: "", "aria-live": "polite" }),
    make("section", { id: "plane" }), make("section", { id: "state", "data-stops": "" }));
  document.body.append(colours);
  byId("chart").tabIndex = -1;
  byId("chart").setAttribute("role", "group");
  byId("sentence").dataset.stops = "";
  byId("steps").dataset.stops = "";
  setUpTable();
  setUpSliders();
  byId("all").open = CLAIMS.length <= 60;
  if (DATA.embed) {
    byId("sources").after(button(t("page.more"), { id: "whole" }, () => {
      root.classList.remove("embed");
      DATA.embed = false;
      byId("whole").remove();
      measureRoom();
      redrawNow();
      byId("edit-day").focus();
    }));
  }
};
build();
measureRoom();
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("wheel", onWheel, { passive: false });
document.addEventListener("pointerdown", onDrag);
for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) document.addEventListener(type, onPinch);
addEventListener("popstate", followAddress);
let resized = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(resized);
  resized = requestAnimationFrame(() => {
    measureRoom();
    redrawNow();
  });
});
addEventListener("beforeprint", () => layOut(true));
addEventListener("afterprint", () => layOut(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
followAddress();
