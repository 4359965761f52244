// The rows of the chart: one for each happening, with the text beside its marks.
import { DATA } from "./data.js";
import { all, arrange, byId, draw, drawAll, make, refill, set, setStops, setText, span, widthOf } from "./elements.js";
import { HIGH, marksOf, stroke } from "./marks.js";
import { ASIDE, CERTAIN, isDay, isFolded, PERHAPS, STATUS, startOf, UNKNOWN, yearsLate } from "./model.js";
import { scaleOf, ticksOf } from "./scale.js";
import { colourOf, KINDS, laneName, laneOf, lanesBy, shortOf, sinceText, sourcesOf, view } from "./view.js";
import { count, dateWords, formats, shortDay, t } from "./words.js";

export const MOST_ROWS = 160;
const MOST_NUMBERS = 6;
export const isPhone = () => innerWidth <= 600 && !document.documentElement.classList.contains("printing");
/** @type {Map<number, ReturnType<typeof newRow>>} */
const rowNodes = new Map();
/** @type {(aside: Aside) => string} */
export const asideText = ({ reason, because }) =>
  t(`status.${reason}`) + (because ? t("sentence.pause") + t("status.because", { why: because }) : "");
/** @type {(look: Look) => string} */
export const statusText = (look) => {
  if (look.aside) return asideText(look.aside);
  if (look.plan?.status && look.is === CERTAIN) {
    const { status, expected } = look.plan;
    const when = expected && t("sentence.pause") + t("status.expected", { when: dateWords(expected) });
    return t(`status.${status}`) + (when ?? "");
  }
  const isEstimate = look.claim.isEstimate && look.is === CERTAIN;
  const more = [isEstimate ? "estimate" : "", look.mayHaveEnded ? "ended" : ""].filter(Boolean);
  return [STATUS[look.is], ...more].map((name) => t(`status.${name}`)).join(t("sentence.pause"));
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
    const rivals = look.rivals.map(shortClaim);
    return t("status.differ") + t("sentence.colon") + [taken, ...rivals].join(t("sentence.comma"));
  }
  const late = yearsLate(claim);
  if (late >= 1 && look.is !== ASIDE) {
    return t("status.first_late", { known: sinceText(look.group.claims), years: count("years", late) });
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
/** @param {Group} group */
const newRow = (group) => {
  const parts = {
    kind: span("kind"),
    what: make("span", { class: "what", dir: "auto", lang: "" }),
    when: span("when"),
    state: span("is"),
    says: make("span", { class: "says", dir: "auto" }),
    marks: draw("svg", { class: "marks", "aria-hidden": "true", height: HIGH }),
    count: make("span", { class: "count", role: "img" }),
  };
  const { kind, what, when, state, says, marks, count } = parts;
  const about = { type: "button", tabindex: "-1", "data-group": group.number, "data-key": `row${group.number}` };
  const hit = make("button", about, kind, what, span("about", when, state, says), marks, count);
  return { item: make("li", {}, hit), hit, ...parts, drawn: "" };
};
/** @type {(look: Look, at: Scale | null, changed: boolean, isInState: boolean) => HTMLElement} */
export const fillRow = (look, at, changed, isInState) => {
  const { group, claim } = look;
  const row = rowNodes.get(group.number) ?? newRow(group);
  rowNodes.set(group.number, row);
  const lane = laneOf(claim);
  const sources = look.is === UNKNOWN ? [] : sourcesOf(claim);
  const status = statusText(look);
  setText(row.kind, laneName(lane));
  setText(row.what, claim.what);
  setText(row.when, whenText(look));
  row.when.title = claim.when;
  setText(row.state, status);
  setText(row.says, saysText(look));
  setText(row.count, sources.length > MOST_NUMBERS ? `×${sources.length}` : sources.map((n) => n + 1).join(", "));
  set(row.count, { "aria-label": count("sources", sources.length), title: count("sources", sources.length) });
  row.kind.className = `kind k${colourOf(lane)}`;
  row.state.classList.toggle("plain", status === t("status.certain"));
  row.says.classList.toggle("note", look.differs || look.replaced.length > 0 || yearsLate(claim) >= 1);
  const part = claim.home < 0 ? "" : claim.isPart ? "part" : "part maybe";
  const open = claim.first === -Infinity ? "before" : claim.last === Infinity ? "after" : "loose";
  const shape = claim.first === claim.last ? "day" : open;
  const names = [STATUS[look.is], look.differs && "differs", part, changed && "changed", !isInState && "also"];
  row.hit.className = ["row", shape, claim.lasts && "lasts", ...names].filter(Boolean).join(" ");
  set(row.hit, { "data-claim": claim.number, "data-status": STATUS[look.is] });
  set(row.hit, { "aria-expanded": String(view.claim === group.number) });
  if (!at) return row.item;
  const shapes = marksOf(look, at, view.day);
  const x = at.middle(view.day);
  if (view.day >= view.from && view.day <= view.to) shapes.unshift(stroke(x, x, 150, "now"));
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
/** @type {(isSure: boolean) => string} */
const partWords = (isSure) => t(isSure ? "status.part" : "status.maybe_part") + t("sentence.colon");
/** @type {(claim: Claim) => boolean} */
const isChange = ({ bundle, home }) => bundle !== home;
// The parts of a bundle, folded: the certain ones in a line, the others in another; or
// what changed a plan.
/** @type {(entry: Entry) => string} */
export const foldText = ({ folded, isSure }) => {
  const names = folded.map(({ what }) =>
    what.replace(/^[^:：]{1,24}(: |：)/, "").replace(/( \([^)]*\)|（[^）]*）)+$/, ""),
  );
  return (isChange(folded[0]) ? "" : partWords(isSure)) + names.join(" · ");
};
/** @type {(entry: Entry) => HTMLElement} */
const foldRow = (entry) => {
  const title = foldText(entry);
  const text = isChange(entry.folded[0])
    ? count("changes", entry.folded.length)
    : partWords(entry.isSure) + count("parts", entry.folded.length);
  const fold = foldOf(entry.look.group.number, entry.isSure);
  const isOpen = view.open.has(fold);
  const about = { type: "button", class: "row fold", tabindex: "-1", "data-fold": fold, "data-key": `fold${fold}` };
  const label = `${isOpen ? "▾" : "▸"} ${text}`;
  return make("li", {}, make("button", { ...about, title, "aria-expanded": String(isOpen) }, label));
};
/** @type {(at: Scale | null) => void} */
export const fillAxis = (at) => {
  const labels = (at ? ticksOf(at, widthOf) : []).flatMap(({ x, text, day }) => [
    draw("text", { x, y: 14, class: "tick" }, text),
    draw("line", { x1: at?.middle(day), x2: at?.middle(day), y1: 20, y2: 27, class: "grid" }),
  ]);
  const axis = draw("svg", { class: "axis", width: at?.width ?? 0, height: 28, "aria-hidden": "true" }, ...labels);
  byId("axis").replaceChildren(axis, span("count", t("page.sources")));
};
export const ROOM = { wide: 0, overview: 0, plane: 0, edge: "" };
export const measureRoom = () => {
  // Widths are read once, before anything is changed: reading later would cost a layout.
  ROOM.overview = Math.max(Math.floor(byId("picture").clientWidth), 60);
  ROOM.plane = Math.max(Math.floor(byId("plane").clientWidth), 120);
  // The width that the style sheet leaves for the marks.
  const probe = span("marks");
  const line = make("div", { class: "row probe" }, span("what"), probe, span("count"));
  byId("chart").append(line);
  ROOM.wide = Math.max(Math.floor(probe.getBoundingClientRect().width), 40);
  line.remove();
};
// The colours of lanes, for what is painted.
/** @type {string[]} */
export let colours = [];
export const readColours = () => {
  colours = all(document, "[id^=colour]").map((sample) => getComputedStyle(sample).color);
  ROOM.edge = getComputedStyle(byId("overview")).color;
};
// The row that Tab reaches: the one chosen first or last, or to which keys led.
/** @type {(number: number | null) => void} */
export const rove = (number) => {
  byId("chart").dataset.stop = `row${number}`;
};
// The list of a chart, which is kept while its rows change.
/** @type {(chart: HTMLElement) => HTMLElement} */
export const listIn = (chart) => {
  const list = all(chart, "ol.rows")[0] ?? make("ol", { class: "rows", role: "list" });
  if (!list.isConnected) refill(chart, list);
  return list;
};
// By lane, those for which a reader asks first, the others by their first date; then by
// date, with the parts of a bundle after it.
/** @type {(looks: Look[], byLane: boolean) => (a: Look, b: Look) => number} */
const orderOf = (looks, byLane) => {
  const starts = lanesBy().map(() => Infinity);
  for (const { claim } of looks) starts[laneOf(claim)] = Math.min(starts[laneOf(claim)], startOf(claim));
  const places = starts.map((start, lane) => {
    const place = view.by === "kind" ? KINDS.indexOf(DATA.kinds[lane]) : -1;
    return !byLane ? 0 : place < 0 ? start : place - 1e9;
  });
  /** @type {(look: Look) => number[]} */
  const keys = (look) => {
    const home = look.claim.home >= 0 ? looks[look.claim.home] : look;
    const lane = laneOf(home.claim);
    const time = Number.isFinite(home.claim.last) ? home.claim.last : home.claim.first;
    const part = look === home ? -1 : look.group.number;
    return [places[lane], byLane ? lane : 0, time, home.group.number, part];
  };
  return (a, b) => {
    const [first, second] = [keys(a), keys(b)];
    const n = first.findIndex((key, n) => key !== second[n]);
    return n < 0 ? 0 : first[n] - second[n];
  };
};
// The rows in their order: those of the state by lane, then what else is in the record;
// each bundle with lines for the parts that are folded.
/** @type {(drawn: Drawn, byLane?: boolean) => Entry[]} */
export const entriesOf = ({ now: { looks }, inTime, counted }, byLane = !isPhone()) => {
  const isUnfolded = (/** @type {Look} */ { group, claim }) =>
    !isFolded(group) || view.query || view.open.has(foldOf(claim.home, claim.isPart)) || group.number === view.claim;
  const groups = new Set(counted.map((look) => look.group));
  const isInState = (/** @type {Look} */ { claim, group, is }) => {
    const home = claim.home >= 0 ? looks[claim.home] : null;
    return is === PERHAPS || groups.has(group) || (is === CERTAIN && home !== null && groups.has(home.group));
  };
  /** @type {(look: Look) => Entry[]} */
  const entries = (look) => {
    const parts = look.group.parts.filter((part) => part !== look.group.number && looks[part].is !== UNKNOWN);
    const folds = [true, false].map((isSure) => {
      const folded = parts.filter((part) => looks[part].claim.isPart === isSure);
      return { look, isInState: true, isSure, folded: folded.map((part) => looks[part].claim) };
    });
    const row = { look, isInState: isInState(look), isSure: true, folded: [] };
    return [row, ...folds.filter(({ folded }) => folded.length && !view.query)];
  };
  const rows = inTime.filter(isUnfolded).sort(orderOf(looks, byLane));
  return [...rows.filter(isInState), ...rows.filter((look) => !isInState(look))].flatMap(entries);
};
// The titles of groups of rows: of the lanes, unless rows stand by date, and of the rest.
/** @type {Map<number, HTMLElement>} */
const titles = new Map();
/** @type {(lane: number) => HTMLElement} */
const titleOf = (lane) => {
  const title = titles.get(lane) ?? make("li", { class: "lane" }, make("span"));
  titles.set(lane, title);
  title.className = lane < 0 ? "lane" : `lane k${colourOf(lane)}`;
  setText(/** @type {Node} */ (title.firstChild), lane < 0 ? t("page.also") : laneName(lane));
  return title;
};
// Fill the chart with rows, by lane or, on a telephone, by date.
/** @type {(drawn: Drawn, changed: Set<number>) => void} */
export const fillRows = (drawn, changed) => {
  const at = isPhone() ? null : scaleOf(ROOM.wide);
  let lane = isPhone() ? null : -1;
  const items = entriesOf(drawn).flatMap((entry) => {
    const { look, isInState, folded } = entry;
    if (folded.length) return foldRow(entry);
    const before = lane;
    lane = isInState ? (isPhone() ? null : laneOf(look.claim)) : -2;
    const row = fillRow(look, at, changed.has(look.group.number), isInState);
    return lane === null || lane === before ? [row] : [titleOf(lane), row];
  });
  fillAxis(at);
  const list = listIn(byId("chart"));
  arrange(list, items);
  setStops(byId("chart"));
};
