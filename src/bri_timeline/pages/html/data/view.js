// What is shown: the two dates, the claim chosen, the filters, and the part of the time.
import { DATA } from "./data.js";
import { iso, placeOf } from "./days.js";
import {
  ASIDE,
  asideOf,
  CERTAIN,
  disputedAt,
  ENDED,
  endedOn,
  endOf,
  firstKnown,
  GOES_ON,
  GROUPS,
  isHere,
  isKnown,
  LAST_DAY,
  LAST_KNOWN,
  LAST_STOP,
  lasts,
  MAY_HAVE_ENDED,
  MENTIONS,
  mainOf,
  PERHAPS,
  statusesAt,
  WHOLE,
} from "./model.js";
import { inForceOn, plansOn, STATES } from "./states.js";
import { dateWords, dayWords, language, named, t, table } from "./words.js";

/** @type {ViewState} */
export const view = {
  day: LAST_DAY,
  known: LAST_KNOWN,
  stop: LAST_STOP, // the place of the last day of knowledge by then
  claim: null,
  from: WHOLE[0],
  to: WHOLE[1],
  off: new Set(),
  open: new Set(),
  by: "kind",
  show: "all",
  query: "",
  pair: null,
  scale: "even",
};
export const lanesBy = () => (view.by === "kind" ? DATA.kinds : DATA.parties);
/** @type {(claim: Claim) => number} */
export const laneOf = (claim) => (view.by === "kind" ? claim.kind : claim.party);
/** @type {(n: number) => string} */
export const laneName = (n) => (view.by === "kind" ? named("kinds", DATA.kinds[n]) : table().parties[n]);
// Kinds in the order in which a reader asks for them.
export const KINDS = "Visits Meetings Agreements Positions Figures Memberships Projects Initiatives Plans".split(" ");
const MOST_COLOURS = 12;
// Each kind has its colour, the same in all pages; others have one that no kind has.
const COLOURS = (() => {
  const places = DATA.kinds.map((kind) => KINDS.indexOf(kind));
  const free = Array.from({ length: MOST_COLOURS }, (_, n) => MOST_COLOURS - 1 - n).filter((n) => !places.includes(n));
  return places.map((place) => (place < 0 ? (free.shift() ?? MOST_COLOURS - 1) : place));
})();
/** @type {(lane: number) => number} */
export const colourOf = (lane) => (view.by === "kind" ? COLOURS[lane] : lane % MOST_COLOURS);
export const isWhole = () => view.from === WHOLE[0] && view.to === WHOLE[1];
// Show a day of knowledge; of a log that takes too long, the last before it that was
// computed. Returns the one shown.
/** @type {(day: Day) => Day} */
export const know = (day) => {
  view.stop = Math.max(placeOf(DATA.known, day), 0);
  view.known = DATA.skips && view.stop < LAST_STOP ? DATA.known[view.stop] : day;
  return view.known;
};
// By when it was reported: a day, or another basis in words; null with all that is known.
export const basis = () => (DATA.basis === null ? view.known : DATA.asOf);
// The ISO text of that day, or the other basis.
export const basisText = () => {
  const by = basis();
  return typeof by === "number" ? iso(by) : by;
};
export const asOf = () => {
  const by = basis();
  if (typeof by === "number") return dayWords(by);
  if (!by) return by;
  const position = by.replace("position ", "");
  return position === by ? t("sentence.beginning") : t("sentence.position", { n: position });
};
// The citations that are out: of two sources of one entry, one can come later.
/** @type {(source: number) => boolean} */
const isOut = (source) => DATA.basis !== null || (DATA.sources[source][5] ?? -Infinity) <= view.known;
/** @type {(claim: Claim) => Cite[]} */
export const citesOf = (claim) =>
  claim.mentions
    .map((n) => MENTIONS[n])
    .filter((mention) => isKnown(mention, view.stop))
    .flatMap(({ cites }) => cites.filter(({ source }) => isOut(source)));
// A source in short: what it appeared in, or its title.
/** @type {(source: number) => string} */
export const shortOf = (source) => DATA.sources[source][1] ?? DATA.sources[source][0];
/** @type {(source: number) => string} */
export const datedSource = (source) => {
  const [title, date] = [shortOf(source), DATA.sources[source][3]];
  return date === null ? title : t("sources.dated", { title, date: dateWords(date) });
};
// Since when claims are in these sources, as the first of them is dated.
/** @type {(claims: Claim[]) => string} */
export const sinceText = (claims) => {
  const known = Math.min(...claims.map(({ number }) => firstKnown[number]));
  const cites = claims.flatMap(({ mentions }) => mentions).flatMap((n) => MENTIONS[n].cites);
  const published = cites.map(({ source }) => DATA.sources[source]).find((source) => source[5] === known)?.[3];
  if (published && !published.startsWith("[")) return dateWords(published);
  return published ? t("status.by", { known: dayWords(known) }) : dayWords(known);
};
/** @type {(claim: Claim) => number[]} */
export const sourcesOf = (claim) => [...new Set(citesOf(claim).map((cite) => cite.source))];
/** @type {Record<string, (look: Look) => boolean>} */
export const SHOWN = {
  all: () => true,
  certain: (look) => look.is === CERTAIN,
  perhaps: (look) => look.is === PERHAPS,
  differ: (look) => look.differs,
  aside: (look) => look.is === ASIDE || look.replaced.length > 0,
};
/** @type {never[]} */
const NONE = [];
// The other claims of a group that are set aside, and why.
/** @type {(group: Group, main: Claim, statuses: Uint8Array) => { claim: Claim; reason: string; because: string }[]} */
const asidesOf = (group, main, statuses) =>
  group.claims.flatMap((claim) => {
    const aside = claim !== main && statuses[claim.number] === ASIDE ? asideOf(claim, view.stop) : null;
    return aside ? { claim, reason: aside.reason, because: aside.because } : [];
  });
// How a group looks on the day shown, as known by then.
/** @type {(group: Group, now: Omit<Now, "looks">) => Look} */
const lookOf = (group, now) => {
  const claim = mainOf(group, now.statuses, now.stop);
  const asides = group.claims.length === 1 ? NONE : asidesOf(group, claim, now.statuses);
  /** @type {(reason: string) => { claim: Claim; because: string }[]} */
  const set = (reason) => (asides.length ? asides.filter((aside) => aside.reason === reason) : NONE);
  const holds = now.force.has(claim.number);
  const ended = now.statuses[claim.number] === CERTAIN ? endedOn(claim, now.statuses, now.day) : GOES_ON;
  return {
    group,
    claim,
    is: now.statuses[claim.number],
    over: lasts(claim) ? ended : GOES_ON,
    mayHaveEnded: ended === MAY_HAVE_ENDED || (holds && ended === ENDED),
    aside: now.statuses[claim.number] === ASIDE ? asideOf(claim, view.stop) : null,
    plan: now.plans.get(claim.number) ?? null,
    holds,
    differs: now.disputed.has(group.number),
    rivals: set("disputed").map((aside) => aside.claim),
    replaced: set("superseded"),
    withdrawn: set("retracted"),
  };
};
/** @type {(group: Group) => string} */
const textOf = (group) => {
  group.texts[language] ??= group.claims
    .flatMap(({ what, when, mentions }) => {
      const cites = mentions.flatMap((n) => MENTIONS[n].cites);
      return [what, when, dateWords(when), ...cites.flatMap(({ source, where }) => [datedSource(source), where])];
    })
    .join(" ")
    .toLowerCase();
  return group.texts[language];
};
/** @type {(claim: Claim) => boolean} */
export const isInView = (claim) => {
  if (isWhole()) return true;
  const first = claim.first === -Infinity ? claim.last : claim.first;
  return first <= view.to && endOf(claim) >= view.from;
};
/** @type {(look: Look, words: string[]) => boolean} */
export const matches = (look, words) =>
  isHere(look.claim, view.stop) &&
  !view.off.has(laneOf(look.claim)) &&
  (view.pair === null || look.claim.party === view.pair) &&
  SHOWN[view.show](look) &&
  words.every((word) => textOf(look.group).includes(word));
// Everything that one redrawing needs, computed once.
/** @type {() => Now} */
export const snapshot = () => {
  const now = {
    day: view.day,
    stop: view.stop,
    statuses: statusesAt(view.day, view.stop),
    disputed: disputedAt(view.stop),
    plans: plansOn(view.day, view.stop),
    force: inForceOn(view.day, view.stop),
    values: STATES ? STATES.at(view.day, view.stop) : [],
  };
  return { ...now, looks: GROUPS.map((group) => lookOf(group, now)) };
};
