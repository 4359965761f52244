// What is shown, and the part of the address after `#` that holds all of it.
const WHOLE = (() => {
  let [low, high] = [Infinity, -Infinity];
  for (const claim of CLAIMS) {
    for (const day of [claim.first, claim.last, claim.endFirst, claim.endLast]) {
      if (!Number.isFinite(day)) continue;
      low = Math.min(low, day);
      high = Math.max(high, day);
    }
  }
  // Days on which a plan is due lie after its claim.
  [low, high] = [Math.min(low, DATA.days[0]), Math.max(high, DATA.days.at(-1))];
  const air = Math.max(Math.round((high - low) / 50), 1);
  return [low - air, high + air];
})();
const LAST_STOP = DATA.known.length - 1;
const LAST_KNOWN = DATA.known[LAST_STOP];
// A report cannot know what comes after it: the last day of a log is that of its reports.
const LAST_DAY = (() => {
  if (DATA.basis !== null) return DATA.days.at(-1);
  const place = placeOf(DATA.days, LAST_KNOWN);
  return DATA.days[Math.max(place, 0)];
})();

const view = {
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
const lanesBy = () => (view.by === "kind" ? DATA.kinds : DATA.parties);
const laneOf = (claim) => (view.by === "kind" ? claim.kind : claim.party);
const laneName = (n) => (view.by === "kind" ? named("kinds", DATA.kinds[n]) : table().parties[n]);
// Colours in the order in which a reader asks for kinds; other lanes in their own.
const KINDS = ["Visits", "Meetings", "Agreements", "Positions", "Figures", "Memberships", "Projects", "Initiatives", "Plans"];
const colourOf = (lane) => {
  const place = view.by === "kind" ? KINDS.indexOf(DATA.kinds[lane]) : -1;
  return (place < 0 ? lane : place) % 8;
};
const isWhole = () => view.from === WHOLE[0] && view.to === WHOLE[1];

// Whoever opens a page sees its last day; all other addresses name both dates, so that
// they open the same state after the record has grown.
const addressOf = (isLink = false) => {
  const rest = new URLSearchParams();
  if (view.claim !== null) rest.set("claim", nameOf(view.claim));
  if (view.off.size) rest.set("without", [...view.off].map((n) => lanesBy()[n]).join("|"));
  if (view.by !== "kind") rest.set("by", view.by);
  if (view.show !== "all") rest.set("show", view.show);
  if (view.query) rest.set("find", view.query);
  if (view.pair !== null) rest.set("pair", DATA.parties[view.pair]);
  if (!isWhole()) rest.set("zoom", `${iso(view.from)}/${iso(view.to)}`);
  if (view.scale !== SCALE) rest.set("scale", view.scale);
  if (language !== DATA.language) rest.set("lang", language);
  const more = rest.toString();
  if (!isLink && !more && view.day === LAST_DAY && view.known === LAST_KNOWN) return "";
  const parts = new URLSearchParams({ day: iso(view.day) });
  if (typeof basis() === "number") parts.set("known", iso(basis()));
  parts.set("state", stateCode());
  return more ? `${parts}&${more}` : `${parts}`;
};
// The address of this state; none in a page that has no address of its own.
const linkOf = () => (["http:", "https:", "file:"].includes(location.protocol) ? `${location.href.split("#")[0]}#${addressOf(true)}` : "");

// --- names that last ------------------------------------------------------------------

// A claim is named by its id, or by the first digits of its digest.
const nameOf = (group) => {
  const claim = last?.looks[group].claim ?? GROUPS[group].claims[0];
  return DATA.ids[claim.number] || DATA.digests[claim.number];
};
const groupNamed = (name) => {
  const place = name ? DATA.ids.indexOf(name) : -1;
  if (place >= 0) return CLAIMS[place].group;
  if (!/^[0-9a-f]{8,32}$/.test(name)) return null;
  const found = new Set(CLAIMS.filter((claim) => DATA.digests[claim.number].startsWith(name.slice(0, 12))).map((claim) => claim.group));
  return found.size === 1 ? [...found][0] : null;
};
// A sum of the digests of the claims that count, and of those that may: another sum says
// that another state is shown than the one to which a link was made.
const stateCode = () => {
  const isDrawn = last?.now.day === view.day && last.now.stop === view.stop;
  let sum = 0;
  (isDrawn ? last.now.statuses : statusesAt(view.day, view.stop)).forEach((is, n) => {
    if (is === CERTAIN || is === PERHAPS) sum = (sum + Math.imul(parseInt(DATA.digests[n].slice(0, 8), 16), is === CERTAIN ? 1 : 3)) >>> 0;
  });
  return sum.toString(16).padStart(8, "0");
};

// A drag replaces the address, as does an address that says less than it could; all else
// adds a step for the back button.
let isDragging = false;
let isFollowing = false;
const writeAddress = () => {
  const hash = addressOf();
  if (hash === location.hash.slice(1)) return;
  const url = hash ? `#${hash}` : location.pathname + location.search;
  try {
    if (isDragging || isFollowing) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  } catch {
    return; // a page that another holds as text has no address of its own
  }
  if (isFollowing) return;
  isDragging = true;
  clearTimeout(settling);
  settling = setTimeout(() => { isDragging = false; }, 400);
};
let settling = 0;

// --- which groups are shown -------------------------------------------------------------

const isDiffering = (look) => look.differs;
const SHOWN = {
  all: () => true,
  certain: (look) => look.is === CERTAIN,
  perhaps: (look) => look.is === PERHAPS,
  differ: isDiffering,
  aside: (look) => look.is === ASIDE || look.replaced.length > 0,
};
const NONE = [];
// How a group looks on the day shown, as known by then.
const lookOf = (group, now) => {
  const claim = mainOf(group, now.statuses);
  const reasons = group.claims.length === 1 ? NONE : group.claims
    .filter((one) => one !== claim && now.statuses[one.number] === ASIDE).map((one) => [one, asideOf(one, view.stop)]);
  const because = (reason) => (reasons.length ? reasons.filter(([, aside]) => aside?.reason === reason) : NONE);
  const holds = now.force.has(claim.number);
  const ended = now.statuses[claim.number] === CERTAIN ? endedOn(claim, now.statuses, now.day) : GOES_ON;
  return {
    group,
    claim,
    is: now.statuses[claim.number],
    mayHaveEnded: ended === MAY_HAVE_ENDED || (holds && ended === ENDED),
    aside: now.statuses[claim.number] === ASIDE ? asideOf(claim, view.stop) : null,
    plan: now.plans.get(claim.number) ?? null,
    holds,
    differs: now.disputed.has(group.number),
    rivals: because("disputed").map(([one]) => one),
    replaced: because("superseded").map(([one, aside]) => ({ claim: one, because: aside.because })),
    withdrawn: because("retracted").map(([one, aside]) => ({ claim: one, because: aside.because })),
  };
};
const textOf = (group) => {
  if (group.spoken === language) return group.text;
  group.spoken = language;
  group.text = group.claims.map((claim) => [claim.what, claim.when, dateWords(claim.when), ...claim.mentions.flatMap((n) => MENTIONS[n].cites.flatMap((cite) => [datedSource(cite.source), cite.where]))].join(" "))
    .join(" ").toLowerCase();
  return group.text;
};
const startOf = (claim) => (Number.isFinite(claim.first) ? claim.first : Math.min(claim.last, WHOLE[1]));
const endOf = (claim) => {
  const end = claim.lasts ? claim.endLast : claim.last;
  return Number.isFinite(end) ? end : Math.max(startOf(claim), WHOLE[1]);
};
const isInView = (claim) => {
  if (isWhole()) return true;
  const first = claim.first === -Infinity ? claim.last : claim.first;
  return first <= view.to && endOf(claim) >= view.from;
};
const matches = (look, words) =>
  !view.off.has(laneOf(look.claim))
  && (view.pair === null || look.claim.party === view.pair)
  && SHOWN[view.show](look)
  && words.every((word) => textOf(look.group).includes(word));

// Everything that one redrawing needs, computed once.
const snapshot = () => {
  const now = {
    day: view.day,
    stop: view.stop,
    statuses: statusesAt(view.day, view.stop),
    disputed: disputedAt(view.stop),
    plans: plansOn(view.day, view.stop),
    force: inForceOn(view.day, view.stop),
    told: STATES ? STATES.at(view.day, view.stop) : [],
  };
  now.looks = GROUPS.map((group) => lookOf(group, now));
  return now;
};
