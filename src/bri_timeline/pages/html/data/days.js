// Days are numbers as in Python: day 1 is 1 January of year 1.

const CYCLE = 146097; // days after which the Gregorian calendar repeats itself
/** @type {(day: Day) => [year: number, month: number, number: number]} */
export const civil = (day) => {
  const cycles = Math.floor((day - 1) / CYCLE);
  const within = day - 1 - cycles * CYCLE;
  const date = new Date(0);
  date.setUTCFullYear(1, 0, 1 + within);
  return [date.getUTCFullYear() + 400 * cycles, date.getUTCMonth() + 1, date.getUTCDate()];
};
const FIRST = Date.UTC(2000, 0, 1) / 86400000 - 730120; // 1 January 2000 is day 730,120
/** @type {(year: number, month: number, number: number) => Day} */
export const dayOf = (year, month, number) => {
  const cycles = Math.floor((year - 1) / 400);
  const date = new Date(0);
  date.setUTCFullYear(year - 400 * cycles, month - 1, number);
  return Math.round(date.getTime() / 86400000 - FIRST) + cycles * CYCLE;
};
/** @type {(day: Day) => string} */
export const iso = (day) => {
  const [year, month, number] = civil(day);
  const digits = String(Math.abs(year)).padStart(4, "0");
  const rest = [month, number].map((part) => String(part).padStart(2, "0"));
  return `${year < 0 ? "-" : ""}${digits}-${rest.join("-")}`;
};
// The whole years from one day to another: five to the same day of the fifth year.
/** @type {(day: Day, later: Day) => number} */
export const yearsTo = (day, later) => {
  const [[year, ...from], [end, ...to]] = [civil(day), civil(later)];
  return end - year - (to[0] < from[0] || (to[0] === from[0] && to[1] < from[1]) ? 1 : 0);
};
// The number of a day from its ISO text; null if it is something else, as 31 April is.
/** @type {(text: string) => Day | null} */
export const parsed = (text) => {
  const match = /^(-?\d{4,})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return null;
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return iso(day) === text ? day : null;
};
// The first day of a month, counted from January of year 0.
/** @type {(month: number) => Day} */
export const monthStart = (month) => dayOf(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);
// The index of the last of some ascending numbers that is at most `value`; -1 if none is.
/** @type {(numbers: number[], value: number) => number} */
export const placeOf = (numbers, value) => {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
/** @type {(value: number, low: number, high: number) => number} */
export const clamped = (value, low, high) => Math.min(Math.max(value, low), high);
