// Claims, mentions, sources, and what each claim comes to by a day, as known by another.
import { DATA } from "./data.js";
import { iso, placeOf, yearsTo } from "./days.js";
import { phraseText } from "./words.js";

/** @type {(span: Day | Span) => Span} */
const spanOf = (span) => (Array.isArray(span) ? span : [span, span]);
/** @type {Claim[]} */
export const CLAIMS = DATA.what.map((said, n) => {
  const bounds = spanOf(DATA.span[n]);
  const [first, last, endFirst, endLast] = bounds;
  return {
    number: n,
    get what() {
      return phraseText(said);
    },
    get when() {
      return DATA.when[n] ? DATA.texts[DATA.when[n] - 1] : iso(Number(first));
    },
    first: first ?? -Infinity,
    last: last === false ? -Infinity : (last ?? Infinity),
    lasts: bounds.length > 2,
    endFirst: endFirst ?? -Infinity,
    endLast: endLast ?? Infinity,
    kind: DATA.kind[n],
    party: DATA.party[n],
    group: DATA.group[n],
    subject: DATA.group[n],
    mentions: [],
    bundle: -1,
    home: -1,
    isPart: true,
    isEstimate: false,
  };
});
/** @type {Mention[]} */
export const MENTIONS = DATA.mentions.map(([claim, known, ...cited], n) => {
  /** @type {Cite[]} */
  const cites = [];
  for (let at = 0; at < cited.length; at += 3) {
    cites.push({ source: Number(cited[at]), where: String(cited[at + 1]), quote: String(cited[at + 2] || "") });
  }
  CLAIMS[claim].mentions.push(n);
  return { claim, known, cites, asides: [] };
});
for (const [number, [mention, since, until, reason, by, said]] of DATA.asides.entries()) {
  const aside = {
    ...{ since, until, reason, by, number },
    get because() {
      return phraseText(said);
    },
  };
  MENTIONS[mention].asides.push(aside);
}
for (const [n, plan] of DATA.changes) {
  CLAIMS[n].subject = plan;
  if (plan !== CLAIMS[n].group) CLAIMS[n].home = plan;
}
for (const n of DATA.estimates) CLAIMS[n].isEstimate = true;
for (const [n, bundle, certain] of DATA.parts) {
  if (bundle === CLAIMS[n].group) continue;
  CLAIMS[n].bundle = bundle;
  CLAIMS[n].home = bundle;
  CLAIMS[n].isPart = certain === 1;
}
// Claims about one happening, and those that they correct, are one row.
/** @type {Group[]} */
export const GROUPS = [];
for (const claim of CLAIMS) {
  GROUPS[claim.group] ??= { number: claim.group, claims: [], parts: [], texts: {} };
  GROUPS[claim.group].claims.push(claim);
}
for (const claim of CLAIMS) {
  if (claim.home >= 0 && !GROUPS[claim.home].parts.includes(claim.group)) GROUPS[claim.home].parts.push(claim.group);
}
// So many of each kind: a plan and its changes are one.
/** @type {(claims: Claim[]) => [string, number][]} */
export const sizesOf = (claims) =>
  DATA.kinds
    .map((kind, n) => {
      const subjects = claims.filter((claim) => claim.kind === n).map((claim) => claim.subject);
      return /** @type {[string, number]} */ ([kind, new Set(subjects).size]);
    })
    .filter(([, size]) => size);
/** @type {(claim: Claim) => boolean} */
export const isDay = (claim) => claim.first === claim.last && !claim.lasts;
/** @type {(group: Group) => boolean} */
export const isFolded = (group) => group.claims[0].home >= 0;
/** @type {(mention: Mention, stop: number) => Aside | undefined} */
const asideAt = (mention, stop) => mention.asides.find((aside) => aside.since <= stop && stop < aside.until);
// What claims say together is told while they all count, what concerns others while sources
// differ in that.
/** @type {(mention: Mention, stop: number) => boolean} */
const isAbsent = (mention, stop) => mention.asides.length > 0 && asideAt(mention, stop)?.reason === "absent";
/** @type {(mention: Mention, stop: number) => boolean} */
export const isKnown = (mention, stop) =>
  (mention.known === null || DATA.basis !== null || mention.known <= DATA.known[stop]) && !isAbsent(mention, stop);
/** @type {(claim: Claim, stop: number) => boolean} */
export const isHere = ({ mentions }, stop) => !mentions.every((n) => isAbsent(MENTIONS[n], stop));
// What claims come to: numbers, since thousands are computed at each move of a slider.
export const [UNKNOWN, ASIDE, CERTAIN, PERHAPS, LATER] = [0, 1, 2, 3, 4];
export const STATUS = ["unknown", "aside", "certain", "perhaps", "later"];
/** @type {(claim: Claim, day: Day, stop: number) => Status} */
export const statusOf = (claim, day, stop) => {
  let status = UNKNOWN;
  for (const n of claim.mentions) {
    const mention = MENTIONS[n];
    if (!isKnown(mention, stop)) continue;
    if (mention.asides.length && asideAt(mention, stop)) status = ASIDE;
    else {
      if (claim.last <= day) return CERTAIN;
      return claim.first <= day ? PERHAPS : LATER;
    }
  }
  return status;
};
/** @type {(day: Day, stop: number) => Uint8Array} */
export const statusesAt = (day, stop) => {
  const statuses = new Uint8Array(CLAIMS.length);
  for (let n = 0; n < CLAIMS.length; n += 1) statuses[n] = statusOf(CLAIMS[n], day, stop);
  return statuses;
};
// Whether a claim has ended: of each, the ways in which it may, and by which others.
/** @type {[number, number[]][][]} */
export const ENDINGS = CLAIMS.map(() => []);
for (const [way, claims, enders] of DATA.endings) {
  for (const n of claims) ENDINGS[n].push([way, enders]);
}
// What has an end of its own, or is ended by others; not what holds until the next.
/** @type {(claim: Claim) => boolean} */
export const lasts = (claim) => claim.lasts || ENDINGS[claim.number].some(([way]) => way === 1 || way === 3);
// By the claim that ends them, what claims end, if they are none of these themselves.
/** @type {number[][][]} */
const ENDED_BY = CLAIMS.map(() => []);
for (const [way, facts, enders] of DATA.endings) {
  const own = new Set(facts);
  if (way === 1) for (const n of enders) if (!own.has(n)) ENDED_BY[n].push(facts);
}
/** @type {(claim: Claim) => Claim[]} */
export const endedBy = (claim) => ENDED_BY[claim.number].flat().map((n) => CLAIMS[n]);
// What ends others of its kind is none of them: leaving is no joining.
/** @type {(claim: Claim, isSeen: (other: Claim) => boolean) => boolean} */
export const isEnd = (claim, isSeen) => endedBy(claim).some((other) => other.kind === claim.kind && isSeen(other));
export const [GOES_ON, MAY_HAVE_ENDED, ENDED] = [0, 1, 2];
/** @type {(claim: Claim, statuses: Uint8Array, day: Day) => number} */
export const endedOn = (claim, statuses, day) => {
  let ended = GOES_ON;
  /** @type {(isPossible: boolean, isCertain: boolean) => void} */
  const end = (isPossible, isCertain) => {
    ended = Math.max(ended, isPossible ? (isCertain ? ENDED : MAY_HAVE_ENDED) : GOES_ON);
  };
  for (const [way, enders] of ENDINGS[claim.number]) {
    if (way === 0) end(claim.endFirst < day, claim.endLast < day);
    // By date: the last answer soonest.
    for (let k = enders.length - 1; k >= 0 && ended < ENDED; k -= 1) {
      const n = enders[k];
      const ender = CLAIMS[n];
      const isThere = statuses[n] === CERTAIN || statuses[n] === PERHAPS;
      if (ender.group === claim.group || !isThere || ender.last < claim.first) continue;
      // Of two of one kind that begin on one day neither ends the other.
      if (way === 3 && ender.last === claim.first) continue;
      if (way === 1) end(ender.first < day, ender.last < day && claim.last <= ender.first);
      else if (way === 3) end(ender.first < day && claim.first < day - 1, ender.last < day && claim.last < ender.first);
      else if (!claim.lasts) end(true, statuses[n] === CERTAIN && claim.last < ender.first);
      else end(!ender.lasts || ender.endLast >= day, false);
    }
  }
  return ended;
};
/** @type {(claim: Claim, stop: number) => Aside | null} */
export const asideOf = (claim, stop) => {
  const mention = claim.mentions.map((n) => MENTIONS[n]).find((mention) => isKnown(mention, stop));
  return (mention && asideAt(mention, stop)) ?? null;
};
// The disputed groups, as known at a stop.
/** @type {(stop: number) => Set<number>} */
export const disputedAt = (stop) =>
  new Set(
    DATA.asides
      .filter(([, since, until, reason]) => reason === "disputed" && since <= stop && stop < until)
      .map(([mention]) => CLAIMS[MENTIONS[mention].claim].group),
  );
// The claim of a group that counts; otherwise the last that was set aside, or the first.
/** @type {(group: Group, statuses: Uint8Array, stop: number) => Claim} */
export const mainOf = (group, statuses, stop) => {
  let aside = null;
  for (const claim of group.claims) {
    if (statuses[claim.number] >= CERTAIN) return claim;
    if (statuses[claim.number] === ASIDE) aside = claim;
  }
  return aside ?? group.claims.find((claim) => isHere(claim, stop)) ?? group.claims[0];
};
// The day since which a claim is reported, and that since which it is told.
/** @type {(claim: Claim) => Day} */
export const reportedOn = ({ mentions }) => Math.min(...mentions.map((n) => MENTIONS[n].known ?? -Infinity));
/** @type {(mention: Mention) => Day} */
const toldOn = ({ known, asides }) => {
  let day = known ?? -Infinity;
  for (const { since, until, reason } of asides) {
    const isAway = reason === "absent" && (since === 0 || DATA.known[since] <= day);
    if (isAway) day = Math.max(day, DATA.known[until] ?? Infinity);
  }
  return day;
};
export const firstKnown = CLAIMS.map(({ mentions }) => Math.min(...mentions.map((n) => toldOn(MENTIONS[n]))));
// Claims of which only the last holds are about one subject: that of the first known.
for (const [way, alike] of DATA.endings) {
  if (way !== 2) continue;
  const first = alike.reduce((one, n) => (firstKnown[n] < firstKnown[one] ? n : one));
  for (const n of alike) CLAIMS[n].subject = CLAIMS[first].group;
}
// The day since which each group is known, and the years by which its sources are later
// at least: what has an end is told in time with its end. 0 for less than one.
export const reportedFirst = GROUPS.map((group) => Math.min(...group.claims.map((claim) => firstKnown[claim.number])));
// A source of 2003 is known by the last day of that year, and may be of the first.
/** @type {(mention: Mention) => Day} */
const publishedFirst = ({ known, cites }) => {
  const dated = cites.map(({ source }) => DATA.sources[source]).filter((source) => source[5] === known);
  return Math.min(known ?? -Infinity, ...dated.map((source) => source[6] ?? -Infinity));
};
/** @type {(claim: Claim) => number} */
const lateBy = (claim) => {
  const could = claim.lasts && Number.isFinite(claim.endLast) ? claim.endLast : claim.last;
  // Nearly all: a source is out by the day on which it is known.
  if (reportedFirst[claim.group] - could < 365) return 0;
  const mentions = GROUPS[claim.group].claims.flatMap((one) => one.mentions);
  const known = Math.min(...mentions.map((n) => publishedFirst(MENTIONS[n])));
  return Number.isFinite(known) && Number.isFinite(could) ? Math.max(yearsTo(could, known), 0) : 0;
};
/** @type {(claim: Claim) => number} */
export const yearsLate = (claim) => (claim.late ??= lateBy(claim));
// The days that dates of claims begin and end on.
export const DAYS_SEEN = (() => {
  /** @type {Set<Day>} */
  const days = new Set();
  for (const { first, last, lasts, endFirst, endLast } of CLAIMS) {
    for (const day of lasts ? [first, last, endFirst, endLast] : [first, last]) if (Number.isFinite(day)) days.add(day);
  }
  return [...days].sort((a, b) => a - b);
})();
const FINAL_DAY = DATA.days[DATA.days.length - 1];
// All of the time. Days on which a plan is due lie after its claim.
/** @type {[Day, Day]} */
export const WHOLE = (() => {
  const [low, high] = [
    Math.min(DAYS_SEEN[0] ?? Infinity, DATA.days[0]),
    Math.max(DAYS_SEEN.at(-1) ?? -Infinity, FINAL_DAY),
  ];
  const air = Math.max(Math.round((high - low) / 50), 1);
  return [low - air, high + air];
})();
export const LAST_STOP = DATA.known.length - 1;
export const LAST_KNOWN = DATA.known[LAST_STOP];
// A report cannot know what comes after it: the last day of a log is that of its reports.
export const LAST_DAY = DATA.basis === null ? DATA.days[Math.max(placeOf(DATA.days, LAST_KNOWN), 0)] : FINAL_DAY;
/** @type {(claim: Claim) => Day} */
export const startOf = (claim) => (Number.isFinite(claim.first) ? claim.first : Math.min(claim.last, WHOLE[1]));
/** @type {(claim: Claim) => Day} */
export const endOf = (claim) => {
  const end = claim.lasts ? claim.endLast : claim.last;
  return Number.isFinite(end) ? end : Math.max(startOf(claim), WHOLE[1]);
};
