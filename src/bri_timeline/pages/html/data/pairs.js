// Small multiples: for each set of parties its claims over time; one can be chosen.
import { countsIn, edgesOf } from "./bins.js";
import { DATA } from "./data.js";
import { redraw } from "./drawing.js";
import { button, byId, draw, make, own, refill, span } from "./elements.js";
import { CERTAIN, CLAIMS, STATUS, WHOLE } from "./model.js";
import { scaleOfAll } from "./scale.js";
import { view } from "./view.js";
import { counted, number, t, table } from "./words.js";

const MOST_PAIRS = 24;
const MOST_MARKS = 40;
const PAIRS = (() => {
  const sizes = DATA.parties.map(() => 0);
  for (const claim of CLAIMS) if (claim.bundle < 0) sizes[claim.party] += 1;
  const used = sizes.flatMap((size, party) => (size ? { party, size } : []));
  return used.sort((a, b) => b.size - a.size).slice(0, MOST_PAIRS);
})();
/** @type {(now: Now) => void} */
export const fillPairs = (now) => {
  const place = byId("pairs");
  place.hidden = PAIRS.length < 2 || DATA.embed;
  if (place.hidden) return;
  const at = scaleOfAll(120);
  /** @type {Look[][]} */
  const lines = DATA.parties.map(() => []);
  for (const look of now.looks) if (look.claim.bundle < 0) lines[look.claim.party].push(look);
  const cards = PAIRS.map(({ party }) => {
    const looks = lines[party];
    const certain = looks.filter(({ is }) => is === CERTAIN).length;
    const marks = looks.length > MOST_MARKS ? densityOf(looks, at) : looks.map((look) => tickOf(look, at));
    const line = draw("line", { x1: 0, x2: 120, y1: 21, y2: 21, class: "grid" });
    const name = table().parties[party];
    const about = { class: "pair", "data-key": `pair${party}`, "aria-pressed": String(view.pair === party) };
    const card = button("", about, () => {
      view.pair = view.pair === party ? null : party;
      redraw();
    });
    card.append(
      own(name, { class: "name", title: name }),
      span("quiet", t("page.found", { n: number(certain), total: counted("claims", looks.length) })),
      draw("svg", { width: 120, height: 22, "aria-hidden": "true" }, line, ...marks),
    );
    return card;
  });
  const about = { class: "cards", role: "group", "aria-label": t("page.pairs"), "data-stops": "" };
  refill(place, make("h2", {}, t("page.pairs")), make("div", about, ...cards));
};
// A line for a day, and a pale bar for days among which the date may lie.
/** @type {(look: Look, at: Scale) => SVGElement} */
const tickOf = ({ claim, is }, at) => {
  const [x, end] = [at.middle(claim.first), at.middle(claim.last)];
  return end - x < 1
    ? draw("line", { x1: x, x2: x, y1: 5, y2: 20, class: `tickmark ${STATUS[is]}` })
    : draw("rect", { x, y: 9, width: end - x, height: 8, class: "tickmark wide" });
};
/** @type {(looks: Look[], at: Scale) => SVGElement[]} */
const densityOf = (looks, at) => {
  const edges = edgesOf(WHOLE[0], WHOLE[1], MOST_MARKS);
  const { low, total, most } = countsIn(edges, looks);
  return [total, low].flatMap((counts, isSure) =>
    counts.map((n, k) => {
      const [x, end] = [at.begin(edges[k]), at.begin(edges[k + 1])];
      const [width, height] = [Math.max(end - x - 0.6, 0.6), (18 * n) / most];
      return draw("rect", { x, y: 21 - height, width, height, class: `tickmark${isSure ? "" : " wide"}` });
    }),
  );
};
