// The data of the page: claims, mentions, and the states of the relationship.
const DATA = JSON.parse(document.getElementById("page-data").textContent);
const STATES = DATA.states;
const ROWS = [...document.querySelectorAll("#claims tbody tr")];

const CLAIMS = DATA.claims.map((values, number) => {
  const [first, last, endFirst, endLast, kind, party, happening, extent] = values;
  return {
    number,
    first: first ?? -Infinity,
    last: last ?? Infinity,
    extent: extent === 1,
    endFirst: endFirst ?? -Infinity,
    endLast: endLast ?? Infinity,
    kind,
    party,
    happening,
    when: ROWS[number].cells[0].textContent,
    what: ROWS[number].cells[1].textContent,
    text: ROWS[number].textContent.toLowerCase(),
    mentions: [],
  };
});
DATA.mentions.forEach(([claim], number) => CLAIMS[claim].mentions.push(number));

const ASIDES = DATA.mentions.map(() => []);
DATA.asides.forEach(([mention, since, until, reason, by], number) =>
  ASIDES[mention].push({ mention, since, until, reason, by, number }));

const isKnown = (mention, stop) => {
  const day = DATA.mentions[mention][1];
  return day === null || DATA.basis !== null || day <= DATA.known[stop];
};
const asKnown = (stop) => DATA.basis ?? `as known by ${inWords(DATA.known[stop])}`;
const asideAt = (mention, stop) =>
  ASIDES[mention].find((aside) => aside.since <= stop && stop < aside.until);

// The status of a claim on a day, as known on a day of knowledge (by its index, `stop`).
const statusOf = (claim, day, stop) => {
  const known = claim.mentions.filter((mention) => isKnown(mention, stop));
  if (!known.length) return { is: "unknown" };
  const asides = known.map((mention) => asideAt(mention, stop));
  if (!asides.includes(undefined)) return { is: "aside", aside: asides[0] };
  if (claim.last <= day) return { is: "certain" };
  return { is: claim.first <= day ? "perhaps" : "later" };
};

const WORDS = {
  unknown: "not reported yet",
  certain: "certain",
  perhaps: "perhaps",
  later: "later than the day shown",
};
const REASONS = {
  disputed: "set aside: another claim is taken",
  superseded: "replaced by a correction",
  retracted: "withdrawn",
};
const asideWords = (aside) => {
  const because = DATA.because[aside.by];
  return `${REASONS[aside.reason]} (entry ${aside.by}${because ? `: ${because}` : ""})`;
};
const statusWords = (found) =>
  found.is === "aside" ? asideWords(found.aside) : WORDS[found.is];

// The disputed happenings, as known at a stop.
const disputedAt = (stop) => new Set(DATA.asides
  .filter(([, since, until, reason]) => reason === "disputed" && since <= stop && stop < until)
  .map(([mention]) => CLAIMS[DATA.mentions[mention][0]].happening));

// --- states ------------------------------------------------------------------------

const contents = [];
(STATES ? STATES.states : []).forEach(([from, ...changes], number) => {
  const size = DATA.sections.length + DATA.values.length;
  const content = number ? contents[from].slice() : new Array(size).fill(0);
  for (let n = 0; n < changes.length; n += 2) content[changes[n]] = changes[n + 1];
  contents.push(content);
});

const lists = new Map([[0, []]]);
const listOf = (number) => {
  const wanted = [];
  for (let n = number; !lists.has(n); n = STATES.fragments[n][0]) wanted.push(n);
  for (const n of wanted.reverse()) {
    const [from, at, gone, ...come] = STATES.fragments[n];
    const list = lists.get(from).slice();
    list.splice(at, gone, ...come);
    lists.set(n, list);
  }
  return lists.get(number);
};

const steps = [];
const stepsAt = (stop) => {
  const row = STATES.only_now ? 0 : stop;
  for (let n = steps.length; n <= row; n += 1) {
    const [kept, ...added] = STATES.rows[n];
    const found = n ? steps[n - 1].slice(0, kept) : [];
    for (let m = 0; m < added.length; m += 2) found.push([added[m], added[m + 1]]);
    steps.push(found);
  }
  return steps[row];
};

// A step is a claim, or -1 - claim for its end, which counts from the day after.
const claimOfStep = (step) => CLAIMS[step < 0 ? -1 - step : step];
const dayOfStep = (step) =>
  (step < 0 ? claimOfStep(step).endLast + 1 : claimOfStep(step).last);

// The steps that lead to the certain state of a day; without steps it is state 0.
const stepsBy = (day, stop) => {
  const all = stepsAt(stop);
  return all.slice(0, placeOf(all.map(([step]) => dayOfStep(step)), day) + 1);
};
const stateOn = (day, stop) => stepsBy(day, stop).at(-1)?.[1] ?? 0;
const knownStop = (stop) => (STATES.only_now ? DATA.known.length - 1 : stop);

const sectionOf = (state, place) => listOf(contents[state][place]);
const valueOf = (state, place) =>
  STATES.texts[contents[state][DATA.sections.length + place]];
const isPlans = (place) => place === 0;
const claimOf = (item, place) => CLAIMS[isPlans(place) ? STATES.plans[item][0] : item];
const planStatus = (item, day) => {
  const [, ...statuses] = STATES.plans[item];
  return statuses[2 * placeOf(statuses.filter((_, n) => n % 2 === 0), day) + 1] ?? "planned";
};

// The effects of undecided claims on a state: pairs of a claim and the state with it.
const effectsOn = (state) => {
  const pairs = STATES.effects[state] ?? [];
  return pairs.flatMap((claim, n) => (n % 2 ? [] : [[CLAIMS[claim], pairs[n + 1]]]));
};

// Claims in force: those that the sections marked `holds` list.
const heldOn = (day, stop) => {
  const held = new Set();
  if (!STATES) return held;
  const state = stateOn(day, stop);
  DATA.sections.forEach(([, holds], place) => {
    if (!holds) return;
    for (const item of sectionOf(state, place)) {
      const open = !isPlans(place) || /^(planned|due)/.test(planStatus(item, day));
      if (open) held.add(claimOf(item, place).number);
    }
  });
  return held;
};
const lasts = (claim, day) => claim.extent && claim.endLast > day;
