// The legend of what occurs, and the chips of the lanes.
import { around, binsOf } from "./bins.js";
import { DATA } from "./data.js";
import { redraw } from "./drawing.js";
import { button, byId, draw, drawAll, make, own, refill, set } from "./elements.js";
import { arrow, bar, dot, fade, goesOn, hasFaintEnd, isAhead, stroke } from "./marks.js";
import { CERTAIN, isDay, LATER, PERHAPS } from "./model.js";
import { entriesOf } from "./rows.js";
import { colourOf, laneName, laneOf, view } from "./view.js";
import { t } from "./words.js";

/** @type {(claim: Claim) => boolean} */
const isSurePart = ({ bundle, isPart }) => bundle < 0 || isPart;
/** @type {(claim: Claim) => boolean} */
const hasNoBound = ({ first, last }) => first === -Infinity || last === Infinity;
// What a mark means, the rows that have it, and how it is drawn in a colour.
/** @type {[string, (look: Look) => boolean, (k: string) => Shape[]][]} */
const SAMPLES = [
  [
    "page.legend_day",
    ({ is, claim, plan }) => is === CERTAIN && isDay(claim) && isSurePart(claim) && !isAhead(plan),
    (k) => [dot(13, 5, `mark ${k}`)],
  ],
  [
    "page.legend_span",
    ({ claim }) => claim.first !== claim.last && !hasNoBound(claim),
    (k) => [bar(2, 24, 10, `span ${k}`), stroke(2.7, 2.7, 6, `edge ${k}`), stroke(23.3, 23.3, 6, `edge ${k}`)],
  ],
  [
    "picture.legend_open",
    ({ claim }) => claim.first === -Infinity,
    (k) => [...fade(2, 24, 10, k), stroke(23.3, 23.3, 6, `edge ${k}`)],
  ],
  ["picture.legend_lasts", (look) => look.claim.lasts && !goesOn(look), (k) => [bar(2, 24, 8, `bar ${k}`)]],
  ["picture.legend_goes_on", goesOn, (k) => [bar(2, 18, 8, `bar ${k}`), ...arrow(18, k)]],
  ["page.legend_differ", (look) => look.differs, (k) => [dot(6, 5, `ghost ${k}`), dot(19, 5, `mark ${k}`)]],
  ["page.legend_part", ({ claim }) => !isSurePart(claim), (k) => [dot(13, 4, `mark ${k} maybe`)]],
  ["page.legend_maybe", ({ is }) => is === PERHAPS, (k) => [bar(2, 24, 10, `span ${k} perhaps`)]],
  ["page.legend_later", ({ is }) => is === LATER, (k) => [dot(13, 5, `mark ${k} later`)]],
  [
    "page.legend_ended",
    (look) => look.mayHaveEnded || hasFaintEnd(look.claim),
    (k) => [bar(2, 10, 8, `bar ${k}`), bar(10, 16, 8, `span ${k}`), stroke(16, 25, 0, `force ${k} ending`)],
  ],
  ["page.legend_force", (look) => look.holds && !look.mayHaveEnded, (k) => [stroke(1, 25, 0, `force ${k}`)]],
];
// What the bars of many claims mean, and how many of them a bar has.
/** @type {[string, (counts: Counts, n: number) => number, string][]} */
const BARS = [
  ["page.bin_in", ({ low }, n) => low[n], "bin-in"],
  ["page.bin_maybe", ({ low, high }, n) => high[n] - low[n], "bin-maybe"],
];
// The texts of what occurs, each with its marks in the colour of the first that has it.
/** @type {(drawn: Drawn) => [string, Shape[]][]} */
export const legendOf = (drawn) => {
  const { isDense, inTime, shown } = drawn;
  const looks = isDense ? around(inTime) : entriesOf(drawn).map(({ look }) => look);
  const lanes = isDense ? binsOf(shown).lanes : [];
  /** @type {(readonly [string, number | undefined, (k: string) => Shape[]])[]} */
  const items = [
    ...BARS.map(([text, size, name]) => {
      const first = lanes.find(({ counts }) => counts.total.some((_, n) => size(counts, n)));
      const shapes = (/** @type {string} */ k) => [bar(8, 18, 12, `${k} ${name}`)];
      return /** @type {const} */ ([text, first?.lane, shapes]);
    }),
    ...SAMPLES.map(([text, isUsed, shapes]) => {
      const first = looks.find(isUsed);
      return /** @type {const} */ ([text, first && laneOf(first.claim), shapes]);
    }),
  ];
  /** @type {[string, Shape[]][]} */
  const notes = view.scale === "even" ? [[t("page.scale_is_even"), []]] : [];
  return [
    ...items.flatMap(([text, lane, shapes]) =>
      lane === undefined ? [] : /** @type {[string, Shape[]][]} */ ([[t(text), shapes(`k${colourOf(lane)}`)]]),
    ),
    ...notes,
  ];
};
const SAMPLE = { width: 26, height: 14, viewBox: "0 8 26 14", "aria-hidden": "true" };
/** @type {(drawn: Drawn) => void} */
export const fillLegend = (drawn) => {
  const items = legendOf(drawn).map(([text, shapes]) => {
    const sample = shapes.length ? [draw("svg", SAMPLE, ...drawAll(shapes))] : [];
    return make("li", {}, ...sample, text);
  });
  refill(byId("legend"), ...items);
};
/** @type {(now: Now) => void} */
export const fillLanes = (now) => {
  const place = byId("lanes");
  const lanes = [...new Set(now.looks.map((look) => laneOf(look.claim)))].slice(0, 12);
  place.hidden = lanes.length < 2 || DATA.embed;
  set(place, { "aria-label": t("page.lanes") });
  const chips = lanes.map((lane) => {
    const about = { class: `chip k${colourOf(lane)}`, "data-lane": lane, "data-key": `lane${lane}` };
    const chip = button("", { ...about, "aria-pressed": String(!view.off.has(lane)) }, () => {
      if (!view.off.delete(lane)) view.off.add(lane);
      redraw();
    });
    chip.append(own(laneName(lane)));
    return chip;
  });
  refill(place, ...chips);
};
