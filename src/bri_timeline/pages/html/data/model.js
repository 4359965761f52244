// Claims, mentions, sources, and what each claim comes to by a day, as known by another.
const spanOf = (span) => (Array.isArray(span) ? span : [span, span]);
const CLAIMS = DATA.what.map((said, n) => {
  const [first, last, endFirst, endLast] = spanOf(DATA.span[n]);
  return {
    number: n,
    get what() { return phraseText(said); },
    when: DATA.when[n] || iso(DATA.span[n]),
    first: first ?? -Infinity,
    last: last ?? Infinity,
    lasts: spanOf(DATA.span[n]).length > 2,
    endFirst: endFirst ?? -Infinity,
    endLast: endLast ?? Infinity,
    kind: DATA.kind[n],
    party: DATA.party[n],
    group: DATA.group[n],
    mentions: [],
    bundle: -1,
    isPart: true,
    isEstimate: false,
  };
});
const MENTIONS = DATA.mentions.map(([claim, known, ...cited], n) => {
  const cites = [];
  for (let at = 0; at < cited.length; at += 3) {
    cites.push({ source: cited[at], where: cited[at + 1], quote: cited[at + 2] || "" });
  }
  CLAIMS[claim].mentions.push(n);
  return { claim, known, cites, asides: [] };
});
DATA.asides.forEach(([mention, since, until, reason, by, said], number) =>
  MENTIONS[mention].asides.push({ since, until, reason, by, number, get because() { return phraseText(said); } }));
for (const n of DATA.estimates) CLAIMS[n].isEstimate = true;
for (const [n, bundle, certain] of DATA.parts) {
  if (bundle === CLAIMS[n].group) continue;
  CLAIMS[n].bundle = bundle;
  CLAIMS[n].isPart = certain === 1;
}

// Claims about one happening, and those that they correct, are one row.
const GROUPS = [];
for (const claim of CLAIMS) {
  (GROUPS[claim.group] ??= { number: claim.group, claims: [], parts: [] }).claims.push(claim);
}
for (const claim of CLAIMS) {
  if (claim.bundle >= 0 && !GROUPS[claim.bundle].parts.includes(claim.group)) {
    GROUPS[claim.bundle].parts.push(claim.group);
  }
}
const isFolded = (group) => group.claims[0].bundle >= 0;

const asideAt = (mention, stop) =>
  mention.asides.find((aside) => aside.since <= stop && stop < aside.until);
// What claims say together is told while they all count.
const isAbsent = (mention, stop) => mention.asides.length > 0 && asideAt(mention, stop)?.reason === "absent";
const isKnown = (mention, stop) =>
  (mention.known === null || DATA.basis !== null || mention.known <= DATA.known[stop]) && !isAbsent(mention, stop);

// What claims come to: numbers, since thousands are computed at each move of a slider.
const [UNKNOWN, ASIDE, CERTAIN, PERHAPS, LATER] = [0, 1, 2, 3, 4];
const STATUS = ["unknown", "aside", "certain", "perhaps", "later"];
const statusOf = (claim, day, stop) => {
  let found = UNKNOWN;
  for (const n of claim.mentions) {
    const mention = MENTIONS[n];
    if (!isKnown(mention, stop)) continue;
    if (mention.asides.length && asideAt(mention, stop)) found = ASIDE;
    else {
      if (claim.last <= day) return CERTAIN;
      return claim.first <= day ? PERHAPS : LATER;
    }
  }
  return found;
};
const statusesAt = (day, stop) => {
  const found = new Uint8Array(CLAIMS.length);
  for (let n = 0; n < CLAIMS.length; n += 1) found[n] = statusOf(CLAIMS[n], day, stop);
  return found;
};
// Whether a claim has ended: of each, the ways in which it may, and by which others.
const ENDINGS = CLAIMS.map(() => []);
for (const [way, claims, others] of DATA.endings) {
  for (const n of claims) ENDINGS[n].push([way, others]);
}
const [GOES_ON, MAY_HAVE_ENDED, ENDED] = [0, 1, 2];
const endedOn = (claim, statuses, day) => {
  let found = GOES_ON;
  const end = (isPossible, isCertain) => { found = Math.max(found, isPossible ? (isCertain ? ENDED : MAY_HAVE_ENDED) : GOES_ON); };
  for (const [way, others] of ENDINGS[claim.number]) {
    if (way === 0) end(claim.endFirst < day, claim.endLast < day);
    for (const n of others) {
      const other = CLAIMS[n];
      const isThere = statuses[n] === CERTAIN || statuses[n] === PERHAPS;
      if (other.group === claim.group || !isThere || other.last < claim.first) continue;
      if (way === 1) end(other.first < day, other.last < day && claim.last <= other.first);
      else if (!claim.lasts) end(true, statuses[n] === CERTAIN && claim.last < other.first);
      else end(!other.lasts || other.endLast >= day, false);
    }
  }
  return found;
};
const asideOf = (claim, stop) => {
  const asides = claim.mentions.map((n) => MENTIONS[n])
    .filter((mention) => isKnown(mention, stop)).map((mention) => asideAt(mention, stop));
  return asides[0] ?? null;
};

// The disputed groups, as known at a stop.
const disputedAt = (stop) => new Set(DATA.asides
  .filter(([, since, until, reason]) => reason === "disputed" && since <= stop && stop < until)
  .map(([mention]) => CLAIMS[MENTIONS[mention].claim].group));

// The claim of a group that counts; otherwise the last that was set aside, or the first.
const mainOf = (group, statuses) => {
  let aside = null;
  for (const claim of group.claims) {
    if (statuses[claim.number] >= CERTAIN) return claim;
    if (statuses[claim.number] === ASIDE) aside = claim;
  }
  return aside ?? group.claims[0];
};

const knownOf = (claim) => {
  let first = Infinity;
  for (const n of claim.mentions) first = Math.min(first, MENTIONS[n].known ?? -Infinity);
  return first;
};
const firstKnown = CLAIMS.map(knownOf);
// The citations that are out: of two sources of one entry, one can come later.
const isOut = (source) => DATA.basis !== null || DATA.sources[source][5] === null || DATA.sources[source][5] <= view.known;
const citesOf = (claim) => {
  const found = [];
  for (const n of claim.mentions) {
    if (isKnown(MENTIONS[n], view.stop)) found.push(...MENTIONS[n].cites.filter(({ source }) => isOut(source)));
  }
  return found;
};
// A source in short: what it appeared in, or its title.
const shortOf = (source) => DATA.sources[source][1] ?? DATA.sources[source][0];
const datedSource = (source) => (DATA.sources[source][3] === null ? shortOf(source)
  : t("sources.dated", { title: shortOf(source), date: dateWords(DATA.sources[source][3]) }));
const sourcesOf = (claim) => [...new Set(citesOf(claim).map((cite) => cite.source))];
// The day since which each group is known, and the years by which a report of a claim
// came late: what has an end is told in time with its end. 0 for less than one.
const reportedFirst = GROUPS.map((group) => Math.min(...group.claims.map((claim) => firstKnown[claim.number])));
const lateBy = (claim) => {
  const known = reportedFirst[claim.group];
  const could = claim.lasts && Number.isFinite(claim.endLast) ? claim.endLast : claim.last;
  return Number.isFinite(known) && Number.isFinite(could) ? Math.max(yearsTo(could, known), 0) : 0;
};
const yearsLate = (claim) => (claim.late ??= lateBy(claim));
// By when it was reported: a day, or another basis in words; null with all that is known.
const basis = () => (DATA.basis === null ? view.known : DATA.asOf);
const asOf = () => (typeof basis() === "string" ? t("sentence.position", { n: basis().replace("position ", "") })
  : basis() === null ? null : dayWords(basis()));
