// More claims than there is room for: counted by time, and opened by a zoom.
import { civil, monthStart, placeOf } from "./days.js";
import { CERTAIN, PERHAPS, startOf } from "./model.js";
import { MONTHS } from "./scale.js";
import { laneOf, lanesBy, view } from "./view.js";
import { number, t } from "./words.js";

export const BINS = 48;
const MOST_LANES = 8;
const AROUND = 8;
// Bins are periods of the calendar, so that a date of a year is not cut: the first day
// of each, and the day after the last. The first and the last may be shorter.
const WITHIN = [Array.from({ length: 31 }, (_, n) => n + 1), [1, 6, 11, 16, 21, 26], [1, 11, 21], [1, 16]];
/** @type {(from: Day, to: Day, most: number) => Day[]} */
export const edgesOf = (from, to, most) => {
  const [year, month] = civil(from);
  const first = 12 * year + month - 1;
  /** @type {(step: number, days: number[]) => Day[]} */
  const startsOf = (step, days) => {
    /** @type {Day[]} */
    const starts = [];
    for (let at = Math.floor(first / step) * step; starts.length < most; at += step) {
      const [begin, end] = [monthStart(at), monthStart(at + step)];
      if (begin > to) break;
      starts.push(...days.map((day) => begin + day - 1).filter((day) => day > from && day <= to && day < end));
    }
    return starts;
  };
  /** @type {[number, number[]][]} */
  const steps = [...WITHIN.map(() => 1), ...MONTHS].map((step, n) => [step, WITHIN[n] ?? [1]]);
  for (const [step, days] of steps) {
    const inner = startsOf(step, days);
    if (inner.length < most) return [from, ...inner, to + 1];
  }
  return [from, to + 1];
};
// How many lie in each bin: for certain those of which all days do, at most those of
// which one may; apart from these, what comes later or does not count.
/** @type {(edges: Day[], looks: { claim: Claim; is: Status }[]) => Counts} */
export const countsIn = (edges, looks) => {
  const size = edges.length - 1;
  const [low, high, rest] = Array.from({ length: 3 }, () => new Array(size).fill(0));
  for (const { claim, is } of looks) {
    if (claim.last < edges[0] || claim.first >= edges[size]) continue;
    const first = Math.max(placeOf(edges, claim.first), 0);
    const last = Math.min(placeOf(edges, claim.last), size - 1);
    const isInside = edges[0] <= claim.first && claim.last < edges[size];
    if (is === CERTAIN && isInside && first === last) low[first] += 1;
    const rises = is === CERTAIN || is === PERHAPS ? high : rest;
    rises[first] += 1;
    if (last + 1 < size) rises[last + 1] -= 1;
  }
  for (const rises of [high, rest]) for (let n = 1; n < size; n += 1) rises[n] += rises[n - 1];
  const total = high.map((n, k) => n + rest[k]);
  return { low, high, rest, total, most: Math.max(1, ...total) };
};
// Beside many a few would look like none: the bars of each lane have a scale of their own.
/** @type {(lane: Lane) => string} */
export const laneText = ({ looks, counts }) =>
  t("page.bin_most", { n: number(looks.length), most: number(counts.most) });
/** @type {{ of: Look[]; bins: Bins } | null} */
let latest = null;
// The chart and its legend ask for the same bins.
/** @type {(shown: Look[]) => Bins} */
export const binsOf = (shown) => {
  if (latest?.of !== shown) latest = { of: shown, bins: countedBy(shown) };
  return latest.bins;
};
/** @type {(shown: Look[]) => Bins} */
const countedBy = (shown) => {
  /** @type {Look[][]} */
  const byLane = lanesBy().map(() => []);
  // Bins have what may begin in the time shown, also where it has no earliest day.
  const inTime = shown.filter(({ claim }) => claim.first <= view.to && claim.last >= view.from);
  for (const look of inTime) byLane[laneOf(look.claim)].push(look);
  const edges = edgesOf(view.from, view.to, BINS);
  const lanes = byLane
    .map((looks, lane) => ({ lane, looks }))
    .filter(({ looks }) => looks.length)
    .sort((a, b) => b.looks.length - a.looks.length)
    .slice(0, MOST_LANES)
    .map(({ lane, looks }) => ({ lane, looks, counts: countsIn(edges, looks) }));
  return { lanes, edges };
};
// The claims around the day shown: those whose days lie next to it, the more exact first.
/** @type {(looks: Look[]) => Look[]} */
export const around = (looks) => {
  /** @type {(look: Look) => number} */
  const far = ({ claim }) => Math.max(claim.first - view.day, view.day - claim.last, 0);
  /** @type {(look: Look) => number} */
  const wide = ({ claim }) => claim.last - claim.first;
  /** @type {(a: Look, b: Look) => number} */
  const order = (a, b) => far(a) - far(b) || Math.min(wide(a), 1e9) - Math.min(wide(b), 1e9);
  /** @type {Look[]} */
  const nearest = [];
  for (const look of looks) {
    if (nearest.length === AROUND && order(look, nearest[AROUND - 1]) >= 0) continue;
    const place = nearest.findIndex((neighbour) => order(neighbour, look) > 0);
    nearest.splice(place < 0 ? nearest.length : place, 0, look);
    if (nearest.length > AROUND) nearest.pop();
  }
  return nearest.sort((a, b) => startOf(a.claim) - startOf(b.claim));
};
