// The legend of what occurs, and the chips of the lanes.
import { DATA } from "./data.js";
import { redraw } from "./drawing.js";
import { button, byId, draw, drawAll, make, own, refill, set } from "./elements.js";
import { bar, dot, hasFaintEnd, stroke } from "./marks.js";
import { CERTAIN, isDay, LATER, PERHAPS } from "./model.js";
import { entriesOf } from "./rows.js";
import { colourOf, laneName, laneOf, view } from "./view.js";
import { t } from "./words.js";

// What a mark means, the rows that have it, and how it is drawn.
/** @type {[string, (look: Look) => boolean, Shape[]][]} */
const SAMPLES = [
  ["day", (look) => look.is === CERTAIN && isDay(look.claim), [dot(13, 5, "mark k0")]],
  [
    "span",
    ({ claim }) => claim.first !== claim.last,
    [bar(2, 24, 10, "span k0"), stroke(2.7, 2.7, 6, "edge k0"), stroke(23.3, 23.3, 6, "edge k0")],
  ],
  ["differ", (look) => look.differs, [dot(6, 5, "ghost k0"), dot(19, 5, "mark k0")]],
  ["part", ({ claim }) => claim.bundle >= 0 && !claim.isPart, [dot(13, 4, "mark k0 maybe")]],
  ["maybe", (look) => look.is === PERHAPS, [bar(2, 24, 10, "span k0 perhaps")]],
  ["later", (look) => look.is === LATER, [dot(13, 5, "mark k0 later")]],
  [
    "ended",
    (look) => look.mayHaveEnded || hasFaintEnd(look.claim),
    [bar(2, 10, 8, "bar k0"), bar(10, 16, 8, "span k0"), stroke(16, 25, 0, "force k0 ending")],
  ],
  ["force", (look) => look.holds && !look.mayHaveEnded, [stroke(1, 25, 0, "force k0")]],
];
// The texts of what occurs, each with its marks.
/** @type {(drawn: Drawn) => [string, Shape[]][]} */
export const legendOf = (drawn) => {
  const { isDense, inTime } = drawn;
  const shown = isDense ? inTime : entriesOf(drawn).map(({ look }) => look);
  /** @type {[string, Shape[]][]} */
  const bins = ["bin_in", "bin_maybe"].map((key) => [key, [bar(8, 18, 12, `k0 ${key.replace("_", "-")}`)]]);
  const used = SAMPLES.filter(([, isUsed]) => shown.some(isUsed));
  const items = /** @type {[string, Shape[]][]} */ ([
    ...(isDense ? bins : []),
    ...used.map(([key, , shapes]) => [`legend_${key}`, shapes]),
  ]);
  return items.map(([key, shapes]) => [t(`page.${key}`), shapes]);
};
const SAMPLE = { width: 26, height: 14, viewBox: "0 8 26 14", "aria-hidden": "true" };
/** @type {(drawn: Drawn) => void} */
export const fillLegend = (drawn) => {
  const items = legendOf(drawn).map(([text, shapes]) => make("li", {}, draw("svg", SAMPLE, ...drawAll(shapes)), text));
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
