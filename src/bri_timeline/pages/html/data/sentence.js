// The sentence at the top, written from the state.
import { DATA } from "./data.js";
import { civil } from "./days.js";
import { CERTAIN, CLAIMS, ENDED, isEnd, MAY_HAVE_ENDED, PERHAPS, reportedFirst, sizesOf, yearsLate } from "./model.js";
import { STATES } from "./states.js";
import { bareYear, count, kindCount, listed, money, named, number, t } from "./words.js";

const MOST_SPOKEN = 5;
// What two states have with each other; a relationship holds the rest as lists.
export const ALWAYS = DATA.spoken.slice(0, 3);
/** @type {(value: Value) => string} */
export const valueText = (value) => {
  if (value.amounts.length) return money(value.amounts);
  // One event, or one plan: told as its row is.
  const [item] = value.number === null && STATES ? STATES.itemsOf(value, -Infinity) : [];
  if (item) return CLAIMS[item.claim].what;
  if (value.number !== null) return value.text.includes("/") ? value.text : number(value.number);
  return named("labels", value.text);
};
// What is said, with the number that it stands for.
/** @type {(values: LabelledValue[], states: States) => [string, number][]} */
const partsOfState = (values, states) => {
  if (!DATA.relationship) {
    if (values.every((value) => value.text === states.valueOf(0, value.place).text)) return [];
    return values.flatMap((value) => {
      const [label, text] = [named("labels", value.label), valueText(value)];
      return value.text ? [[value.label ? t("sentence.value", { label, value: text }) : text, 1]] : [];
    });
  }
  const by = new Map(values.map((value) => [value.label, value]));
  const worth = by.get("Agreed value")?.amounts ?? [];
  return DATA.spoken.flatMap((label) => {
    const number = by.get(label)?.number;
    if (!number) return [];
    const what = count(label.toLowerCase(), number);
    return [
      [label === "Agreements" && worth.length ? t("sentence.worth", { what, value: money(worth) }) : what, number],
    ];
  });
};
/** @type {(looks: Look[]) => [string, number][]} */
const partsOfKinds = (looks) => {
  const claims = new Set(looks.map(({ claim }) => claim));
  const counted = [...claims].filter((claim) => !isEnd(claim, (other) => claims.has(other)));
  const sizes = sizesOf(counted);
  // Of what lasts, how many are over; a visit of some days is counted as one of a day is.
  // What has several claims is over if each of them is.
  /** @type {Map<string, number>} */
  const least = new Map();
  /** @type {(claim: Claim) => string} */
  const keyOf = ({ kind, subject }) => `${kind} ${subject}`;
  for (const { claim, over } of looks) least.set(keyOf(claim), Math.min(least.get(keyOf(claim)) ?? ENDED, over));
  const over = [ENDED, MAY_HAVE_ENDED].map((over) =>
    sizesOf(counted.filter((claim) => least.get(keyOf(claim)) === over)),
  );
  /** @type {(kind: string, n: number) => string} */
  const told = (kind, n) => {
    const title = kindCount(kind, n);
    const [ended, open] = over.map((sizes) => new Map(sizes).get(kind) ?? 0);
    const ends = [ended && count("over", ended), open && count("may_be_over", open)].filter(Boolean);
    if (!ends.length || ALWAYS.includes(kind)) return title;
    return t("sources.dated", { title, date: ends.join(t("sentence.comma")) });
  };
  return sizes.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([kind, n]) => [told(kind, n), n]);
};
/** @type {(parts: [string, number][]) => string} */
const spoken = (parts) => {
  const more = parts.slice(MOST_SPOKEN).reduce((sum, [, n]) => sum + n, 0);
  const said = parts.slice(0, MOST_SPOKEN).map(([text]) => text);
  return parts.length ? listed(more ? [...said, count("more", more)] : said) : t("sentence.nothing");
};
// What the sentence counts: only of these it says that sources differ, or were late.
/** @type {(now: Now) => Look[]} */
export const countedIn = (now) => {
  const certain = now.looks.filter((look) => look.is === CERTAIN);
  if (STATES && !DATA.relationship) {
    const moving = STATES.moving(now.day, now.stop);
    return certain.filter((look) => moving.has(look.group.number));
  }
  const whole = certain.filter(({ claim }) => claim.bundle < 0 || now.looks[claim.bundle].is !== CERTAIN);
  if (!STATES) return whole;
  const spoken = now.values.filter(({ label }) => DATA.spoken.includes(label) && !ALWAYS.includes(label));
  const items = spoken.flatMap((value) => STATES?.itemsOf(value, now.day) ?? []);
  const holding = new Set(items.map((item) => CLAIMS[item.claim].group));
  return whole.filter((look) => holding.has(look.group.number) || ALWAYS.includes(DATA.kinds[look.claim.kind]));
};
// The shortest time in which more than half of some claims were first reported.
/** @type {(counted: Look[]) => string} */
const sourceYears = (counted) => {
  const years = counted
    .map((look) => reportedFirst[look.group.number])
    .filter(Number.isFinite)
    .map((day) => civil(day)[0])
    .sort((a, b) => a - b);
  const half = years.length >> 1;
  let best = 0;
  for (let n = 0; n + half < years.length; n += 1) {
    if (years[n + half] - years[n] <= years[best + half] - years[best]) best = n;
  }
  const [from, to] = [bareYear(years[best]), bareYear(years[best + half])];
  return from === to ? from : `${from}–${to}`;
};
/** @type {(look: Look) => boolean} */
export const isLate = (look) => DATA.basis === null && yearsLate(look.claim) >= 1;
/** @type {(counted: Look[]) => string} */
const lateText = (counted) => {
  const late = counted.filter(isLate);
  if (late.length > 2 && 3 * late.length > counted.length) return t("sentence.mostly", { years: sourceYears(counted) });
  const most = late.reduce((most, look) => Math.max(most, yearsLate(look.claim)), 0);
  return late.length ? count("late", late.length, { years: count("years", most) }) : "";
};
/** @type {(now: Now) => number} */
const openIn = (now) => {
  if (STATES?.complete) return STATES.open(now.day, now.stop).length;
  return now.looks.reduce((sum, look) => sum + Number(look.is === PERHAPS), 0);
};
// Sources that differ, late reports, what may have happened, overdue plans.
/** @type {(now: Now, counted: Look[]) => [string, string][]} */
const clausesOf = (now, counted) => {
  const differ = counted.filter((look) => look.differs).length;
  const overdue = counted.filter((look) => look.plan?.status === "overdue").length;
  const open = openIn(now);
  /** @type {[string, string][]} */
  const clauses = [
    ["differ", differ ? count("differ", differ) : ""],
    ["late", lateText(counted)],
    ["perhaps", open ? count("maybe", open) : ""],
    ["overdue", overdue ? count("overdue", overdue) : ""],
  ];
  return clauses.filter(([, text]) => text);
};
/** @type {(now: Now, counted: Look[]) => { what: string; clauses: [string, string][] }} */
export const sentenceOf = (now, counted) => {
  const parts = STATES ? partsOfState(now.values, STATES) : partsOfKinds(counted);
  return { what: spoken(parts), clauses: clausesOf(now, counted) };
};
