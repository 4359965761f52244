// From days to positions, true to time or even, with the labels of the axis.
const DAYS_SEEN = [...new Set(CLAIMS.flatMap((claim) =>
  [claim.first, claim.last, claim.lasts ? claim.endFirst : NaN, claim.lasts ? claim.endLast : NaN]
    .filter(Number.isFinite)))].sort((a, b) => a - b);

// Even if half of the claims lie in a twentieth of the time, unless there are too many.
const SCALE = (() => {
  const middles = CLAIMS.map((claim) => (Number.isFinite(claim.last) ? claim.last : claim.first))
    .filter(Number.isFinite).sort((a, b) => a - b);
  const half = Math.ceil(middles.length / 2);
  const room = (WHOLE[1] - WHOLE[0]) / 20;
  const isCrowded = middles.some((day, n) => n + half < middles.length && middles[n + half] - day < room);
  return isCrowded && DAYS_SEEN.length <= 60 ? "even" : "time";
})();

const scaleFor = (width, from, to, seen, isEven) => {
  if (!isEven) {
    const begin = (day) => (width * (clamped(day, from, to) - from)) / (to - from);
    const middle = (day) => (begin(day) + begin(day + 1)) / 2;
    return { width, from, to, begin, middle, dayAt: (x) => Math.floor(from + (x * (to - from)) / width) };
  }
  // The longer a time without any event, the more it is shortened.
  const inside = seen.flatMap((day) => [day, day + 1]).filter((day) => day > from && day < to);
  const anchors = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  const places = [0];
  for (let n = 1; n < anchors.length; n += 1) {
    places.push(places[n - 1] + 1 + 0.2 * Math.log2(anchors[n] - anchors[n - 1]));
  }
  const all = places.at(-1) || 1;
  const segment = (values, value) => clamped(placeOf(values, value), 0, anchors.length - 2);
  const begin = (day) => {
    const within = clamped(day, from, to);
    const n = segment(anchors, within);
    const part = (within - anchors[n]) / (anchors[n + 1] - anchors[n]);
    return (width * (places[n] + part * (places[n + 1] - places[n]))) / all;
  };
  const dayAt = (x) => {
    const place = (x / width) * all;
    const n = segment(places, place);
    const part = (place - places[n]) / (places[n + 1] - places[n]);
    return Math.floor(anchors[n] + part * (anchors[n + 1] - anchors[n]));
  };
  return { width, from, to, begin, middle: (day) => (begin(day) + begin(day + 1)) / 2, dayAt };
};
const scaleOf = (width) => scaleFor(width, view.from, view.to + 1, DAYS_SEEN, view.scale === "even");

// --- labels ------------------------------------------------------------------------------

const pen = document.createElement("canvas").getContext("2d");
const widthOf = (text, size = 12) => {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
};
const YEARS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 1e5, 1e6, 1e7, 1e8, 1e9];
const candidates = (from, to) => {
  const length = to - from;
  const found = [];
  const months = (step) => () => {
    const days = [];
    const [year, month] = civil(from);
    let at = Math.ceil((12 * year + month - 1) / step) * step;
    for (let n = 0; n < 200; n += 1, at += step) {
      const day = dayOf(Math.floor(at / 12), (((at % 12) + 12) % 12) + 1, 1);
      if (day > to) break;
      if (day >= from) days.push(day);
    }
    return days;
  };
  for (const step of [1, 2, 7, 14]) {
    if (length / step < 60) found.push(() => Array.from({ length: Math.floor(length / step) }, (_, n) => from + n * step));
  }
  for (const step of [1, 3, 6, ...YEARS.map((years) => 12 * years)]) {
    if (length / (28 * step) < 60) found.push(months(step));
  }
  return found;
};
const tickText = (day, before) => {
  const [year, month, number] = civil(day);
  if (month === 1 && number === 1) return yearWords(year);
  if (number === 1) return formatted(formats.monthShort, year, month, 1);
  const isSame = before !== null && civil(before)[0] === year;
  return isSame ? shortDay(day) : formatted(formats.shortYear, year, month, number);
};
// The days that dates of claims name, with how many name each.
const NAMED = (() => {
  const found = new Map();
  const add = (day) => { if (Number.isFinite(day)) found.set(day, (found.get(day) ?? 0) + 1); };
  for (const claim of CLAIMS) {
    const isVague = claim.first !== claim.last && Number.isFinite(claim.first) && Number.isFinite(claim.last);
    add(Number.isFinite(claim.first) ? claim.first : claim.last);
    if (isVague && claim.last - claim.first < 27) add(claim.last);
  }
  return [...found].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([day]) => day);
})();
const evenTicks = (scale) => {
  const kept = [];
  for (const day of NAMED) {
    if (day < view.from || day > view.to) continue;
    const half = widthOf(tickText(day, null)) / 2 + 5;
    const x = clamped(scale.middle(day), half - 5, scale.width - half + 5);
    if (kept.every((other) => Math.abs(other.x - x) >= other.half + half)) kept.push({ day, x, half });
  }
  kept.sort((a, b) => a.day - b.day);
  return kept.map(({ day, x }, n) => ({ day, x, text: tickText(day, n ? kept[n - 1].day : null) }));
};
// Labels that do not overlap: the day shown first, the others where there is room.
const ticksOf = (scale) => {
  const place = (days, gap) => {
    const kept = [];
    let end = -Infinity;
    let before = null;
    for (const day of days) {
      const text = tickText(day, before);
      const half = widthOf(text) / 2;
      const x = clamped(scale.middle(day), half, scale.width - half);
      if (x - half < end + gap) continue;
      kept.push({ day, text, x });
      end = x + half;
      before = day;
    }
    return kept;
  };
  if (view.scale === "even") return evenTicks(scale);
  for (const days of candidates(view.from, view.to)) {
    const all = days();
    const fitting = place(all, 14);
    if (all.length && fitting.length === all.length) return fitting;
  }
  return place([view.from, view.to], 14);
};
