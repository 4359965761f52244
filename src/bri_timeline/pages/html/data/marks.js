// The marks of a row: shapes with a class each, for the screen and for files.
import { ASIDE, CERTAIN, ENDINGS, STATUS } from "./model.js";
import { colourOf, laneOf } from "./view.js";

export const HIGH = 30;
export const MID = HIGH / 2;
/** @type {(x: number, end: number, high: number, name: string) => Shape} */
export const bar = (x, end, high, name) => [
  "rect",
  { x, y: MID - high / 2, width: Math.max(end - x, 3), height: high, class: name },
];
/** @type {(x1: number, x2: number, half: number, name: string) => Shape} */
export const stroke = (x1, x2, half, name) => ["line", { x1, x2, y1: MID - half, y2: MID + half, class: name }];
/** @type {(cx: number, r: number, name: string) => Shape} */
export const dot = (cx, r, name) => ["circle", { cx, cy: MID, r, class: name }];
// Open bounds fade out: pieces of less and less colour.
const FADES = 12;
/** @type {(from: number, to: number, high: number, name: string) => Shape[]} */
export const fade = (from, to, high, name) =>
  Array.from({ length: FADES }, (_, n) => {
    const part = (to - from) / FADES;
    const x = Math.min(from + n * part, from + (n + 1) * part);
    const look = { class: `span ${name} fade`, "fill-opacity": ((0.36 * (n + 0.5)) / FADES).toFixed(3) };
    return ["rect", { x, y: MID - high / 2, width: Math.abs(part), height: high, ...look }];
  });
/** @type {(claim: Claim, at: Scale, name: string) => Shape[]} */
const spanMark = (claim, at, name) => {
  const [start, right] = [at.begin(claim.first), at.begin(claim.last + 1)];
  const end = Math.max(right, start + 3) - 0.75;
  const isOpen = claim.first === -Infinity;
  const isEndless = claim.last === Infinity;
  const shapes = [bar(start, right, 10, `span ${name}`)];
  if (isOpen) shapes.splice(0, 1, ...fade(Math.max(start, right - Math.max(at.width * 0.4, 60)), right, 10, name));
  else if (isEndless) shapes.splice(0, 1, ...fade(right, start, 10, name));
  if (!isOpen && start > 0) shapes.push(stroke(start + 0.75, start + 0.75, 7, `edge ${name}`));
  if (!isEndless && right < at.width + 1) shapes.push(stroke(end, end, 7, `edge ${name}`));
  return shapes;
};
/** @type {(claim: Claim) => boolean} */
export const hasFaintEnd = (claim) =>
  claim.endFirst < claim.endLast && ENDINGS[claim.number].some(([way]) => way === 0);
// What goes on, as far as is known: it has no edge at the day shown, but an arrow.
/** @type {(look: Look) => boolean} */
export const goesOn = ({ claim, is, mayHaveEnded }) =>
  claim.lasts && claim.endLast === Infinity && is === CERTAIN && !mayHaveEnded;
/** @type {(x: number, name: string) => Shape[]} */
export const arrow = (x, name) =>
  [-5, 5].map((half) => ["line", { x1: x, x2: x + 5, y1: MID + half, y2: MID, class: `edge ${name}` }]);
// The bar of what lasts: solid where it certainly lasted, faint where it may have.
/** @type {(look: Look, at: Scale, name: string, day: Day) => Shape[]} */
const lastingMark = (look, at, name, day) => {
  const { claim } = look;
  const certain = at.begin(claim.last);
  const until = Math.max(claim.endFirst, claim.last) + 1;
  const end = Number.isFinite(until) ? at.begin(until) : at.width;
  const last = at.begin(claim.endLast + 1);
  // What goes on is as solid as what has ended, up to the day shown.
  if (goesOn(look)) {
    const now = Math.max(end, at.middle(day));
    return [bar(certain, now, 8, `bar ${name}`), ...arrow(now, name)];
  }
  const shapes = [bar(certain, end, 8, `bar ${name}`)];
  if (claim.endLast === Infinity) shapes.push(...fade(at.width, Math.max(end, certain + 2), 8, name));
  else if (last > end + 1) shapes.push(bar(end, last, 8, `span ${name}`));
  return shapes;
};
/** @type {(claim: Claim, at: Scale) => number} */
const middleOf = (claim, at) => {
  if (claim.first === claim.last) return at.middle(claim.first);
  if (claim.first === -Infinity) return at.begin(claim.last + 1);
  return claim.last === Infinity ? at.begin(claim.first) : (at.begin(claim.first) + at.begin(claim.last + 1)) / 2;
};
/** @type {(plan: Item | null) => boolean} */
export const isAhead = (plan) => plan !== null && plan.status !== "held";
/** @type {(look: Look, at: Scale, day: Day) => Shape[]} */
export const marksOf = (look, at, day) => {
  const { claim } = look;
  const isPart = claim.bundle >= 0;
  const kind = [STATUS[look.is], isAhead(look.plan) ? "plan" : "", isPart && !claim.isPart ? "maybe" : ""].filter(
    Boolean,
  );
  const name = [`k${colourOf(laneOf(claim))}`, ...kind].join(" ");
  /** @type {Shape[]} */
  const shapes = [];
  const x = middleOf(claim, at);
  if (look.holds && look.is === CERTAIN) {
    const to = at.middle(day);
    const from = claim.first === claim.last ? x : at.begin(claim.last + 1);
    if (to > from) shapes.push(stroke(from, to, 0, `force ${name}${look.mayHaveEnded ? " ending" : ""}`));
  }
  for (const rival of [...look.replaced.map(({ claim }) => claim), ...look.rivals]) {
    const ghost = middleOf(rival, at);
    shapes.push(stroke(ghost, x, 0, "lead"));
    if (Math.abs(ghost - x) > 2) shapes.push(dot(ghost, 6, `ghost ${name}`));
  }
  if (claim.lasts) shapes.push(...lastingMark(look, at, name, day));
  if (claim.first !== claim.last) shapes.push(...spanMark(claim, at, name));
  else if (!claim.lasts) shapes.push(dot(x, isPart ? 4 : 6.5, `mark ${name}`));
  if (look.is === ASIDE) shapes.push(stroke(x - 9, x + 9, 0, "strike"));
  return shapes.filter(([, { cx, x, x1, x2, width }]) => {
    const [from, to] = [cx ?? x1 ?? x, cx ?? x2 ?? Number(x) + Number(width)];
    return Number(to) >= -8 && Number(from) <= at.width + 8;
  });
};
