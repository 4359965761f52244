// From days to positions, true to time or even, with the labels of the axis.
import { civil, clamped, monthStart, placeOf } from "./days.js";
import { CLAIMS, DAYS_SEEN, WHOLE } from "./model.js";
import { view } from "./view.js";
import { bareYear, formats, formatted, shortDate, shortDay } from "./words.js";

// Even if half of the claims lie in a twentieth of the time, unless there are too many.
export const SCALE = (() => {
  const middles = CLAIMS.map((claim) => (Number.isFinite(claim.last) ? claim.last : claim.first))
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const half = Math.ceil(middles.length / 2);
  const room = (WHOLE[1] - WHOLE[0]) / 20;
  const isCrowded = middles.some((day, n) => n + half < middles.length && middles[n + half] - day < room);
  return isCrowded && DAYS_SEEN.length <= 60 ? "even" : "time";
})();
/** @type {(width: number, from: Day, to: Day, seen: Day[], isEven: boolean) => Scale} */
export const scaleFor = (width, from, to, seen, isEven) => {
  // The longer a time without any event, the more an even scale shortens it.
  const inside = isEven ? seen.flatMap((day) => [day, day + 1]).filter((day) => day > from && day < to) : [];
  const anchors = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  const places = [0];
  for (let n = 1; n < anchors.length; n += 1) {
    places.push(places[n - 1] + 1 + 0.2 * Math.log2(anchors[n] - anchors[n - 1]));
  }
  const whole = places[places.length - 1] || 1;
  // Where a value lies among some numbers, as a value among others.
  /** @type {(value: number, numbers: number[], others: number[]) => number} */
  const moved = (value, numbers, others) => {
    const n = clamped(placeOf(numbers, value), 0, numbers.length - 2);
    return others[n] + ((value - numbers[n]) / (numbers[n + 1] - numbers[n])) * (others[n + 1] - others[n]);
  };
  /** @type {(day: Day) => number} */
  const begin = (day) => (width * moved(clamped(day, from, to), anchors, places)) / whole;
  return {
    width,
    from,
    to,
    isEven,
    begin,
    middle: (day) => (begin(day) + begin(day + 1)) / 2,
    dayAt: (x) => Math.floor(moved((x / width) * whole, places, anchors)),
  };
};
/** @type {(width: number, from?: Day, to?: Day) => Scale} */
export const scaleOf = (width, from = view.from, to = view.to) =>
  scaleFor(width, from, to + 1, DAYS_SEEN, view.scale === "even");
// The day under a pointer; beside the scale, its first or last.
/** @type {(pointer: MouseEvent, box: DOMRect, at: Scale) => Day} */
export const dayUnder = (pointer, box, at) => at.dayAt(clamped(pointer.clientX - box.left, 0, at.width));
/** @type {(width: number) => Scale} */
export const scaleOfAll = (width) => scaleOf(width, ...WHOLE);
const YEARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 1e5, 1e6, 1e7, 1e8, 1e9];
// Periods of the calendar, in months.
export const MONTHS = [1, 3, 6, ...YEARS.map((years) => 12 * years)];
// Days at which labels may stand: of every so many days, or months.
/** @type {(from: Day, to: Day) => Day[][]} */
const candidates = (from, to) => {
  const length = to - from;
  const [year, month] = civil(from);
  /** @type {(step: number) => Day[]} */
  const months = (step) => {
    const start = Math.ceil((12 * year + month - 1) / step) * step;
    const starts = Array.from({ length: 62 }, (_, n) => monthStart(start + n * step));
    return starts.filter((day) => day >= from && day <= to);
  };
  const days = [1, 2, 7, 14].filter((step) => length / step < 60);
  return [
    ...days.map((step) => Array.from({ length: Math.floor(length / step) }, (_, n) => from + n * step)),
    ...MONTHS.filter((step) => length / (28 * step) < 60).map(months),
  ];
};
/** @type {(day: Day, before: Day | null) => string} */
const tickText = (day, before) => {
  const [year, month, number] = civil(day);
  if (month === 1 && number === 1) return bareYear(year);
  if (number === 1) return formatted(formats.monthShort, year, month, 1);
  const isSame = before !== null && civil(before)[0] === year;
  return isSame ? shortDay(day) : shortDate(day);
};
// The days that dates of claims name, with how many name each.
const NAMED = (() => {
  /** @type {Map<Day, number>} */
  const counts = new Map();
  /** @type {(day: Day) => void} */
  const add = (day) => {
    if (Number.isFinite(day)) counts.set(day, (counts.get(day) ?? 0) + 1);
  };
  for (const claim of CLAIMS) {
    const isVague = claim.first !== claim.last && Number.isFinite(claim.first) && Number.isFinite(claim.last);
    add(Number.isFinite(claim.first) ? claim.first : claim.last);
    if (isVague && claim.last - claim.first < 27) add(claim.last);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([day]) => day);
})();
/** @type {(scale: Scale, widthOf: Measure, named: Day[]) => Tick[]} */
const evenTicks = (scale, widthOf, named) => {
  /** @type {{ day: Day; x: number; half: number }[]} */
  const labels = [];
  for (const day of named) {
    if (day < scale.from || day >= scale.to) continue;
    const half = widthOf(tickText(day, null)) / 2 + 5;
    const x = clamped(scale.middle(day), half - 5, scale.width - half + 5);
    if (labels.every((label) => Math.abs(label.x - x) >= label.half + half)) labels.push({ day, x, half });
  }
  labels.sort((a, b) => a.day - b.day);
  return labels.map(({ day, x }, n) => ({ day, x, text: tickText(day, n ? labels[n - 1].day : null) }));
};
// Labels that do not overlap; on an even scale of days that are named, the first of them
// first.
/** @type {(scale: Scale, widthOf: Measure, named?: Day[]) => Tick[]} */
export const ticksOf = (scale, widthOf, named = NAMED) => {
  if (scale.isEven) return evenTicks(scale, widthOf, named);
  /** @type {(days: Day[]) => Tick[]} */
  const place = (days) => {
    /** @type {Tick[]} */
    const labels = [];
    let end = -Infinity;
    for (const day of days) {
      const text = tickText(day, labels.at(-1)?.day ?? null);
      const half = widthOf(text) / 2;
      const x = clamped(scale.middle(day), half, scale.width - half);
      if (x - half < end + 14) continue;
      labels.push({ day, text, x });
      end = x + half;
    }
    return labels;
  };
  for (const days of candidates(scale.from, scale.to - 1)) {
    const fitting = place(days);
    if (days.length && fitting.length === days.length) return fitting;
  }
  return place([scale.from, scale.to - 1]);
};
