// The rows of the chart: one for each happening, with the text beside its marks.
import { DATA } from "./data.js";
import { clamped } from "./days.js";
import {
  all,
  arrange,
  byId,
  draw,
  drawAll,
  make,
  own,
  refill,
  set,
  setStop,
  setText,
  setTitle,
  span,
  widthOf,
} from "./elements.js";
import { HIGH, marksOf, stroke } from "./marks.js";
import { ASIDE, CERTAIN, isDay, isFolded, reportedFirst, STATUS, startOf, UNKNOWN, yearsLate } from "./model.js";
import { scaleOf, ticksOf } from "./scale.js";
import { colourOf, KINDS, laneName, laneOf, lanesBy, shortOf, sourcesOf, view } from "./view.js";
import { count, dateWords, dayWords, formats, shortDay, t } from "./words.js";

export const MOST_ROWS = 160;
export const isPhone = () => innerWidth <= 600;
/** @type {Map<number, ReturnType<typeof newRow>>} */
const rowNodes = new Map();
/** @type {number | null} */
let roving = null; // the group whose row Tab reaches
/** @type {(number: number) => void} */
export const rove = (number) => {
  roving = number;
};
/** @type {(aside: Aside) => string} */
export const asideText = ({ reason, because }) =>
  t(`status.${reason}`) + (because ? `, ${t("status.because", { why: because })}` : "");
/** @type {(look: Look) => string} */
export const statusText = (look) => {
  if (look.aside) return asideText(look.aside);
  if (look.plan?.status && look.is === CERTAIN) {
    const { status, expected } = look.plan;
    return t(`status.${status}`) + (expected ? `, ${t("status.expected", { when: dateWords(expected) })}` : "");
  }
  const isEstimate = look.claim.isEstimate && look.is === CERTAIN;
  const more = [isEstimate ? "estimate" : "", look.mayHaveEnded ? "ended" : ""].filter(Boolean);
  return [STATUS[look.is], ...more].map((name) => t(`status.${name}`)).join(", ");
};
/** @type {(claim: Claim) => string} */
const shortClaim = (claim) => {
  const source = sourcesOf(claim).map(shortOf)[0] ?? t("status.no_source");
  return `${source} ${isDay(claim) ? shortDay(claim.first) : dateWords(claim.when)}`;
};
// Who says so, in short; where sources differ, which of them is taken.
/** @type {(look: Look) => string} */
export const saysText = (look) => {
  const { claim } = look;
  if (look.is === UNKNOWN) return "";
  if (look.differs) {
    const taken = t("status.taken", { source: shortClaim(claim) });
    return `${t("status.differ")}: ${[taken, ...look.rivals.map(shortClaim)].join(t("sentence.comma"))}`;
  }
  const late = yearsLate(claim);
  if (late >= 1 && look.is !== ASIDE) {
    return t("status.first_late", { known: dayWords(reportedFirst[claim.group]), years: count("years", late) });
  }
  if (look.replaced.length) return t("status.superseded");
  /** @type {Map<string, number[]>} */
  const numbers = new Map();
  for (const n of sourcesOf(claim)) numbers.set(shortOf(n), [...(numbers.get(shortOf(n)) ?? []), n + 1]);
  const sources = [...numbers].map(([title, places]) => `${title} [${places.join(", ")}]`);
  return sources.join(t("sentence.comma")) || t("status.no_source");
};
// When it was; where sources differ, by each of them.
/** @type {(look: Look) => string} */
export const whenText = ({ claim, differs, rivals }) => {
  const claims = differs ? [claim, ...rivals] : [claim];
  return formats.or.format(new Set(claims.map(({ when }) => dateWords(when))));
};
/** @type {(number: number) => string} */
const dotsOf = (number) => (number > 4 ? `●×${number}` : "●".repeat(number) || "○");
/** @param {Group} group */
const newRow = (group) => {
  const parts = {
    kind: span("kind"),
    when: span("when"),
    what: make("span", { class: "what", dir: "auto", lang: "" }),
    state: span("is"),
    marks: draw("svg", { class: "marks", "aria-hidden": "true", height: HIGH }),
    count: make("span", { class: "count", role: "img" }),
    says: make("span", { class: "says", dir: "auto" }),
  };
  const { kind, when, what, state, marks, count, says } = parts;
  const about = { type: "button", tabindex: "-1", "data-group": group.number };
  const hit = make("button", about, kind, when, span("text", what, state), marks, count, says);
  return { item: make("li", {}, hit), hit, ...parts, drawn: "" };
};
/** @type {(look: Look, at: Scale | null, changed: boolean, isFirst: boolean) => HTMLElement} */
export const fillRow = (look, at, changed, isFirst) => {
  const { group, claim } = look;
  const row = rowNodes.get(group.number) ?? newRow(group);
  rowNodes.set(group.number, row);
  const lane = laneOf(claim);
  const isUnknown = look.is === UNKNOWN;
  const sources = sourcesOf(claim).length;
  const when = whenText(look);
  const texts = [laneName(lane), when, claim.what, statusText(look), isUnknown ? "" : dotsOf(sources), saysText(look)];
  const titles = [
    texts[0],
    claim.when,
    `${when}: ${claim.what}`,
    "",
    isUnknown ? "" : count("sources", sources),
    texts[5],
  ];
  [row.kind, row.when, row.what, row.state, row.count, row.says].forEach((node, n) => {
    setText(node, texts[n]);
    setTitle(node, titles[n]);
  });
  row.kind.className = `kind k${colourOf(lane)}${isFirst ? "" : " again"}`;
  row.state.classList.toggle("plain", texts[3] === t("status.certain"));
  set(row.count, { "aria-label": titles[4] });
  row.count.classList.toggle("none", isUnknown);
  const part = claim.bundle < 0 ? "" : claim.isPart ? "part" : "part maybe";
  const names = [
    "row",
    STATUS[look.is],
    look.differs && "differs",
    isDay(claim) ? "day" : "loose",
    part,
    changed && "changed",
  ];
  row.hit.className = names.filter(Boolean).join(" ");
  set(row.hit, { "data-claim": claim.number, "data-status": STATUS[look.is] });
  set(row.hit, { "aria-expanded": String(view.claim === group.number) });
  if (!at) return row.item;
  const shapes = marksOf(look, at, view.day);
  const x = at.begin(view.day + 1);
  if (view.day >= view.from && view.day <= view.to) shapes.unshift(stroke(x, x, 75, "now"));
  const drawn = JSON.stringify([at.width, shapes]);
  if (drawn !== row.drawn) {
    row.drawn = drawn;
    set(row.marks, { width: at.width });
    row.marks.replaceChildren(...drawAll(shapes));
  }
  return row.item;
};
/** @type {(group: number, isSure: boolean) => string} */
const foldOf = (group, isSure) => `${group}${isSure ? "" : "?"}`;
// The parts of a bundle, folded: the certain ones in a line, the others in another.
/** @type {(entry: Entry) => string} */
export const foldText = ({ folded, isSure }) => {
  const names = folded.map(({ what }) => what.replace(/^[^:]{1,24}: /, "").replace(/ \([^)]*\)$/, ""));
  return `${t(isSure ? "status.part" : "status.maybe_part")}: ${names.join(" · ")}`;
};
/** @type {(entry: Entry) => HTMLElement} */
const foldRow = (entry) => {
  const text = foldText(entry);
  const fold = foldOf(entry.look.group.number, entry.isSure);
  const isOpen = view.open.has(fold);
  const about = { type: "button", class: "row fold", tabindex: "-1", "data-fold": fold, "data-key": `fold${fold}` };
  const title = make("span", { class: "text", title: text }, own(`${isOpen ? "▾" : "▸"} ${text}`));
  const rest = [span("count"), span("says", count("parts", entry.folded.length))];
  const hit = make("button", { ...about, "aria-expanded": String(isOpen) }, span("kind again"), title, ...rest);
  return make("li", {}, hit);
};
/** @type {(at: Scale) => HTMLElement} */
export const headRow = (at) => {
  const labels = ticksOf(at, widthOf).flatMap(({ x, text, day }) => [
    draw("text", { x, y: 14, class: "tick" }, text),
    draw("line", { x1: at.middle(day), x2: at.middle(day), y1: 20, y2: 27, class: "grid" }),
  ]);
  const axis = draw("svg", { class: "axis", width: at.width, height: 28, "aria-hidden": "true" }, ...labels);
  const rest = [span("count"), span("says", t("page.says"))];
  return make("div", { class: "head", id: "axis" }, span("kind"), span("text"), axis, ...rest);
};
export const ROOM = { wide: 0, overview: 0, plane: 0, edge: "" };
export const measureRoom = () => {
  // Widths are read once, before anything is changed: reading later would cost a layout.
  ROOM.overview = Math.max(Math.floor(byId("picture").clientWidth), 60);
  ROOM.plane = Math.max(Math.floor(byId("plane").clientWidth), 120);
  // The width that the style sheet leaves for the marks.
  const cells = ["kind", "text", "axis", "count", "says"].map((name) => span(name));
  const probe = make("div", { class: "head probe" }, ...cells);
  byId("chart").append(probe);
  ROOM.wide = Math.max(Math.floor(cells[2].getBoundingClientRect().width), 40);
  probe.remove();
};
// The colours of lanes, for what is painted.
/** @type {string[]} */
export let colours = [];
export const readColours = () => {
  colours = Array.from({ length: 8 }, (_, n) => getComputedStyle(byId(`colour${n}`)).color);
  ROOM.edge = getComputedStyle(byId("overview")).color;
};
/** @type {(list: HTMLElement) => void} */
const setRoving = (list) => {
  const hits = all(list, "button.row");
  setStop(hits, hits.find((hit) => Number(hit.dataset.group) === (roving ?? view.claim)) ?? hits[0]);
};
/** @type {(from: HTMLElement, step: number) => void} */
export const moveRoving = (from, step) => {
  const hits = all(byId("chart"), "button.row, button.bin");
  const to = hits[clamped(hits.indexOf(from) + step, 0, hits.length - 1)];
  setStop(hits, to);
  if (to.dataset.group !== undefined) rove(Number(to.dataset.group));
  to.focus();
};
// The list of a chart, which is kept while its rows change.
/** @type {(chart: HTMLElement) => HTMLElement} */
export const listIn = (chart) => {
  const list = all(chart, "ol.rows")[0] ?? make("ol", { class: "rows", role: "list" });
  if (!list.isConnected) refill(chart, list);
  chart.querySelector(".head")?.remove();
  return list;
};
// By lane, those for which a reader asks first, the others by their first date; then by
// date, with the parts of a bundle after it.
/** @type {(looks: Look[]) => (a: Look, b: Look) => number} */
const orderOf = (looks) => {
  const starts = lanesBy().map(() => Infinity);
  for (const { claim } of looks) starts[laneOf(claim)] = Math.min(starts[laneOf(claim)], startOf(claim));
  const places = starts.map((start, lane) => {
    const place = view.by === "kind" ? KINDS.indexOf(DATA.kinds[lane]) : -1;
    return isPhone() ? 0 : place < 0 ? start : place - 1e9;
  });
  /** @type {(look: Look) => number[]} */
  const keys = (look) => {
    const home = look.claim.bundle >= 0 ? looks[look.claim.bundle] : look;
    const lane = laneOf(home.claim);
    const time = Number.isFinite(home.claim.last) ? home.claim.last : home.claim.first;
    const part = look === home ? -1 : look.group.number;
    return [places[lane], isPhone() ? 0 : lane, time, home.group.number, part];
  };
  return (a, b) => {
    const [first, second] = [keys(a), keys(b)];
    const n = first.findIndex((key, n) => key !== second[n]);
    return n < 0 ? 0 : first[n] - second[n];
  };
};
// The rows in their order, each bundle with lines for the parts that are folded.
/** @type {(looks: Look[], shown: Look[]) => Entry[]} */
export const entriesOf = (looks, shown) => {
  const isUnfolded = (/** @type {Look} */ { group, claim }) =>
    !isFolded(group) || view.query || view.open.has(foldOf(claim.bundle, claim.isPart)) || group.number === view.claim;
  let lane = -1;
  const unfolded = shown.filter(isUnfolded).sort(orderOf(looks));
  return unfolded.flatMap((look) => {
    const isFirst = isPhone() || laneOf(look.claim) !== lane;
    lane = laneOf(look.claim);
    const parts = look.group.parts.filter((part) => part !== look.group.number && looks[part].is !== UNKNOWN);
    const folds = [true, false].map((isSure) => {
      const folded = parts.filter((part) => looks[part].claim.isPart === isSure);
      return { look, isFirst: false, isSure, folded: folded.map((part) => looks[part].claim) };
    });
    return [{ look, isFirst, isSure: true, folded: [] }, ...folds.filter(({ folded }) => folded.length && !view.query)];
  });
};
// Fill the chart with rows, by lane or, on a telephone, by date.
/** @type {(chart: HTMLElement, looks: Look[], shown: Look[], changed: Set<number>) => void} */
export const fillRows = (chart, looks, shown, changed) => {
  const at = isPhone() ? null : scaleOf(ROOM.wide);
  const items = entriesOf(looks, shown).map((entry) =>
    entry.folded.length ? foldRow(entry) : fillRow(entry.look, at, changed.has(entry.look.group.number), entry.isFirst),
  );
  const list = listIn(chart);
  if (at) list.before(headRow(at));
  arrange(list, items);
  setRoving(list);
};
