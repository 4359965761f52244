// Strips of bins, where there are more claims than there is room for.
import { around, BINS, binsOf, laneText } from "./bins.js";
import { all, arrange, button, byId, make, penOn, set, setStops, setText, span } from "./elements.js";
import { CERTAIN, PERHAPS } from "./model.js";
import { colours, fillAxis, fillRow, isPhone, listIn, ROOM } from "./rows.js";
import { scaleOf } from "./scale.js";
import { colourOf, laneName, view } from "./view.js";
import { counted, dayWords, number, t } from "./words.js";

const BAR = 30;
const RUG = 6;
const TITLE = make("h2");
const AROUND_TITLE = make("li", { class: "title" }, TITLE);
/** @type {Map<number, ReturnType<typeof newStrip>>} */
const strips = new Map();
/** @param {number} lane */
const newStrip = (lane) => {
  const [kind, text, bars] = [span("kind"), span("text"), span("bars")];
  const rug = make("canvas", { class: "rug", "aria-hidden": "true" });
  const bins = Array.from({ length: BINS }, (_, n) => {
    const bin = button("", { class: `bin k${colourOf(lane)}`, tabindex: "-1", "data-key": `bin${lane}.${n}` });
    bin.append(...["sure", "perhaps", "rest"].map((name) => make("i", { class: name })));
    return bin;
  });
  const now = make("i", { class: "now" });
  bars.append(...bins, rug, now);
  const item = make("li", {}, make("div", { class: "row strip" }, kind, text, bars));
  return { item, kind, text, bars, rug, bins, now };
};
/** @type {(low: number, high: number, rest: number) => string} */
const binText = (low, high, rest) => {
  const range =
    low === high ? low && counted("claims", low) : t("page.bin_range", { low: number(low), high: number(high) });
  return [range, rest && t("page.bin_rest", { n: number(rest) })].filter(Boolean).join(t("sentence.clause"));
};
/** @type {(canvas: HTMLCanvasElement, lane: Lane, at: Scale) => void} */
const paintRug = (canvas, { lane, looks }, at) => {
  const pencil = penOn(canvas, at.width, RUG);
  pencil.fillStyle = colours[colourOf(lane)];
  // One line for each pixel, however many claims there are; a date that is wider than
  // one is faint wherever it may lie.
  const strength = new Float32Array(Math.ceil(at.width) + 1);
  const rises = new Float32Array(Math.ceil(at.width) + 2);
  for (const { claim, is } of looks) {
    const [first, last] = [Math.floor(at.middle(claim.first)), Math.floor(at.middle(claim.last))];
    if (first === last) strength[first] += is === CERTAIN ? 0.4 : 0.12;
    else {
      rises[first] += 0.02;
      rises[last] -= 0.02;
    }
  }
  let faint = 0;
  strength.forEach((exact, x) => {
    faint += rises[x];
    pencil.globalAlpha = Math.min(exact + Math.min(faint, 0.3), 1);
    if (pencil.globalAlpha >= 0.01) pencil.fillRect(x, 0, 1, RUG);
  });
};
/** @type {(lane: Lane, at: Scale, edges: Day[]) => HTMLElement} */
const fillStrip = (lane, at, edges) => {
  const strip = strips.get(lane.lane) ?? newStrip(lane.lane);
  strips.set(lane.lane, strip);
  const name = laneName(lane.lane);
  setText(strip.kind, name);
  strip.kind.className = `kind k${colourOf(lane.lane)}`;
  setText(strip.text, laneText(lane));
  strip.bars.style.width = `${at.width}px`;
  const { low, high, rest, total, most } = lane.counts;
  strip.bins.forEach((bin, n) => {
    bin.hidden = !total[n];
    if (bin.hidden) return;
    const [start, end] = [edges[n], edges[n + 1] - 1];
    const x = Math.min(at.begin(start), at.width - 3);
    bin.style.left = `${x}px`;
    bin.style.width = `${Math.max(at.begin(end + 1) - x, 3)}px`;
    bin.style.height = `${Math.max((total[n] * BAR) / most, 1)}px`;
    const parts = [low[n], high[n] - low[n], rest[n]];
    all(bin, "i").forEach((part, k) => {
      part.style.flexGrow = String(parts[k]);
    });
    const label = t("page.bins", { n: binText(low[n], high[n], rest[n]), start: dayWords(start), end: dayWords(end) });
    set(bin, { title: label, "aria-label": name + t("sentence.colon") + label, "data-from": start, "data-to": end });
  });
  strip.now.hidden = view.day < view.from || view.day > view.to;
  strip.now.style.left = `${at.middle(view.day)}px`;
  paintRug(strip.rug, lane, at);
  return strip.item;
};
/** @type {(drawn: Drawn, changed: Set<number>) => void} */
export const fillBins = ({ now: { looks }, shown, inTime }, changed) => {
  const chart = byId("chart");
  const at = scaleOf(Math.max(isPhone() ? chart.clientWidth - 8 : ROOM.wide, 40));
  const { lanes, edges } = binsOf(shown);
  const items = lanes.map((lane) => fillStrip(lane, at, edges));
  const near = around(inTime);
  const chosen = view.claim === null ? null : looks[view.claim];
  if (chosen && !near.includes(chosen) && shown.includes(chosen)) near[0] = chosen;
  setText(TITLE, t("page.around"));
  const list = listIn(chart);
  fillAxis(isPhone() ? null : at);
  const rows = near.map((look) =>
    fillRow(look, isPhone() ? null : at, changed.has(look.group.number), look.is === CERTAIN || look.is === PERHAPS),
  );
  arrange(list, [...items, AROUND_TITLE, ...rows]);
  setStops(chart);
};
