// Start: build what the script fills, wire the events, and draw.
import { isFramed, writeAddress } from "./address.js";
import { DATA } from "./data.js";
import { closeEditor, editing, fillEditor, fillSliders, setUpSliders } from "./dates.js";
import { base, drawWith, redraw, redrawNow, remember } from "./drawing.js";
import { button, byId, make, moveStop, onlyIfNew, refill, set, within } from "./elements.js";
import { fillSentence } from "./heading.js";
import { fillLanes, fillLegend } from "./legend.js";
import { ASIDE, CERTAIN, isFolded, PERHAPS } from "./model.js";
import { fillOverview, onDrag, onPinch, onWheel, setUpOverview, showAll, zoom, zoomTo } from "./overview.js";
import { fillPairs } from "./pairs.js";
import { choose, closeDetail, fillDetail, fillState, toSource } from "./panel.js";
import { fillPlane, setUpPlane } from "./plane.js";
import { fillNotice, followAddress } from "./reading.js";
import { fillRows, isPhone, MOST_ROWS, measureRoom, readColours } from "./rows.js";
import { countedIn } from "./sentence.js";
import { fillSteps, goTo, playing, STEPS, stepNow } from "./steps.js";
import { fillBins } from "./strips.js";
import { fillTable, listForPaper, setUpTable } from "./table.js";
import { fillKeys, fillTools, openSheet, sheet } from "./tools.js";
import { isInView, isWhole, matches, snapshot, view } from "./view.js";
import { language, t } from "./words.js";

// What changed since the dates before: groups whose status or claim is another.
/** @type {(now: Now) => Set<number>} */
const changedSince = (now) => {
  /** @type {Set<number>} */
  const groups = new Set();
  /** @type {(look: Look) => boolean} */
  const matters = ({ is }) => is === CERTAIN || is === PERHAPS;
  base?.looks.forEach((before, n) => {
    const look = now.looks[n];
    if (!matters(look) && look.is !== ASIDE) return;
    if (look.is !== before.is || look.claim !== before.claim || look.differs !== before.differs) groups.add(n);
  });
  return groups;
};
const paint = () => {
  const now = snapshot();
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = now.looks.filter((look) => matches(look, words));
  const matching = new Set(shown.map((look) => look.group.number));
  const inTime = isWhole() ? shown : shown.filter((look) => isInView(look.claim));
  const isDense = inTime.filter((look) => !isFolded(look.group)).length > MOST_ROWS;
  const drawn = remember({ now, shown, matching, inTime, isDense, counted: countedIn(now) });
  const changed = changedSince(now);
  const chart = byId("chart");
  const theme = `${document.documentElement.dataset.theme} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  onlyIfNew("colours", theme, readColours);
  document.documentElement.classList.toggle("dense", isDense);
  fillSentence(drawn);
  fillNotice();
  const dates = `${language} ${view.day} ${view.known}`;
  onlyIfNew("editor", `${dates} ${editing}`, fillEditor);
  onlyIfNew("steps", `${dates} ${playing} ${isPhone()}`, fillSteps);
  if (isDense) fillBins(drawn, changed);
  else if (inTime.length) fillRows(drawn, changed);
  else refill(chart, make("p", { class: "quiet" }, t("page.nothing_here")));
  fillLegend(drawn);
  onlyIfNew("lanes", `${language} ${view.by} ${[...view.off]}`, () => fillLanes(now));
  fillOverview();
  fillPlane();
  fillState(now);
  fillDetail(now);
  onlyIfNew("pairs", `${dates} ${view.scale} ${view.pair} ${DATA.embed}`, () => fillPairs(now));
  onlyIfNew(
    "tools",
    [language, view.show, view.by, view.scale, view.query, sheet, theme, sheet && dates + location.hash].join(" "),
    fillTools,
  );
  fillSliders();
  fillTable(now, matching);
  onlyIfNew("words", language, fillKeys);
  set(chart, { "aria-label": t("page.chart") });
  writeAddress();
};
/** @type {Record<string, number>} */
const STEPS_OF = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
/** @type {(event: KeyboardEvent) => void} */
const onKey = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const stop = within(event, "[data-stops] :is(button, summary, [role=button])");
  const isWriting = within(event, "input:not([type=range]), select, textarea");
  const step = STEPS_OF[event.key];
  if (event.key === "Escape") onEscape();
  else if (stop && step) {
    event.preventDefault();
    moveStop(stop, step);
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
/** @type {Record<string, Act>} */
const COMMANDS = {
  "+": () => zoom(0.5),
  "-": () => zoom(2),
  0: showAll,
  "/": () => byId("search").focus(),
  "[": () => STEPS.length && goTo(stepNow() - 1),
  "]": () => STEPS.length && goTo(stepNow() + 1),
};
/** @type {(event: MouseEvent) => void} */
const onClick = (event) => {
  const link = within(event, "a[data-source]");
  if (link) {
    event.preventDefault();
    toSource(Number(link.dataset.source));
    return;
  }
  const row = within(event, "#chart button");
  if (!row) return;
  if (row.dataset.fold !== undefined) {
    if (!view.open.delete(row.dataset.fold)) view.open.add(row.dataset.fold);
    redraw();
  } else if (row.dataset.from !== undefined) {
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
// For print: one column, and the table.
let wasOpen = false;
/** @type {(forPaper: boolean) => void} */
const layOut = (forPaper) => {
  document.documentElement.classList.toggle("printing", forPaper);
  if (forPaper) wasOpen = byId("all").open;
  byId("all").open = forPaper || wasOpen;
  measureRoom();
  listForPaper(forPaper);
};
const build = () => {
  const root = document.documentElement;
  root.classList.add("alive");
  root.classList.toggle("embed", DATA.embed);
  byId("board").hidden = false;
  setUpTable();
  setUpSliders();
  setUpOverview();
  setUpPlane();
  if (DATA.embed) {
    byId("sources").after(
      button(t("page.more"), { id: "whole" }, () => {
        root.classList.remove("embed");
        DATA.embed = false;
        byId("whole").remove();
        measureRoom();
        redrawNow();
        byId("edit-day").focus();
      }),
    );
  }
};
build();
measureRoom();
drawWith(paint);
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("wheel", onWheel, { passive: false });
document.addEventListener("pointerdown", onDrag);
for (const type of /** @type {const} */ (["pointerdown", "pointermove", "pointerup", "pointercancel"])) {
  document.addEventListener(type, onPinch);
}
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
// Tell a page that frames this one how high it would be without a bar to scroll.
const tellHeight = () => {
  const picture = byId("picture");
  const high = Math.max(...[...picture.children].map((part) => part.getBoundingClientRect().bottom));
  const whole = high + picture.scrollTop - picture.getBoundingClientRect().top;
  const room = DATA.embed ? innerHeight + whole - picture.clientHeight : document.body.getBoundingClientRect().height;
  parent.postMessage({ timelineHeight: Math.ceil(room) }, "*");
};
if (isFramed) {
  const sizes = new ResizeObserver(tellHeight);
  for (const part of ["chart", "sentence", "state"]) sizes.observe(byId(part));
}
