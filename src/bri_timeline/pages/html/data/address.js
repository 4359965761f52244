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
// A report cannot know what comes after it: the last day of a log is that of its reports.
const LAST_DAY = (() => {
  if (DATA.basis !== null) return DATA.days.at(-1);
  const place = placeOf(DATA.days, DATA.known[LAST_STOP]);
  return DATA.days[Math.max(place, 0)];
})();

const view = {
  day: LAST_DAY,
  stop: LAST_STOP,
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
const laneName = (n) => (view.by === "kind" ? named("kinds", DATA.kinds[n]) : DATA.parties[n]);
// Colours in the order in which a reader asks for kinds; other lanes in their own.
const KINDS = ["Visits", "Meetings", "Agreements", "Positions", "Figures", "Memberships", "Projects", "Initiatives", "Plans"];
const colourOf = (lane) => {
  const place = view.by === "kind" ? KINDS.indexOf(DATA.kinds[lane]) : -1;
  return (place < 0 ? lane : place) % 8;
};
const isWhole = () => view.from === WHOLE[0] && view.to === WHOLE[1];

const addressOf = () => {
  const parts = new URLSearchParams();
  if (view.day !== LAST_DAY) parts.set("day", iso(view.day));
  if (view.stop !== LAST_STOP) parts.set("known", iso(DATA.known[view.stop]));
  if (view.claim !== null) parts.set("claim", view.claim);
  if (view.off.size) parts.set("without", [...view.off].map((n) => lanesBy()[n]).join("|"));
  if (view.by !== "kind") parts.set("by", view.by);
  if (view.show !== "all") parts.set("show", view.show);
  if (view.query) parts.set("find", view.query);
  if (view.pair !== null) parts.set("pair", DATA.parties[view.pair]);
  if (!isWhole()) parts.set("zoom", `${iso(view.from)}/${iso(view.to)}`);
  if (view.scale !== SCALE) parts.set("scale", view.scale);
  if (language !== DATA.language) parts.set("lang", language);
  return parts.toString();
};
const clamped = (value, low, high) => Math.min(Math.max(value, low), high);
const readAddress = () => {
  const parts = new URLSearchParams(location.hash.slice(1));
  const day = parsed(parts.get("day") ?? "");
  const known = parsed(parts.get("known") ?? "");
  view.day = day ?? LAST_DAY;
  if (DATA.basis !== null) view.day = Math.min(view.day, DATA.days.at(-1));
  view.stop = known === null ? LAST_STOP : Math.max(placeOf(DATA.known, known), 0);
  const claim = Number(parts.get("claim") ?? NaN);
  view.claim = GROUPS[claim] ? claim : null;
  view.by = parts.get("by") === "party" ? "party" : "kind";
  const without = (parts.get("without") ?? "").split("|");
  view.off = new Set(without.map((name) => lanesBy().indexOf(name)).filter((n) => n >= 0));
  view.show = SHOWN[parts.get("show")] ? parts.get("show") : "all";
  view.query = parts.get("find") ?? "";
  const pair = DATA.parties.indexOf(parts.get("pair"));
  view.pair = pair < 0 ? null : pair;
  const [from, to] = (parts.get("zoom") ?? "").split("/").map((text) => parsed(text ?? ""));
  [view.from, view.to] = from !== null && to !== undefined && to !== null && from < to ? [from, to] : WHOLE;
  view.scale = ["time", "even"].includes(parts.get("scale")) ? parts.get("scale") : SCALE;
  const code = parts.get("lang") ?? DATA.language;
  if (code !== language) setLanguage(code);
};
// A drag replaces the address, all else adds a step for the back button.
let isDragging = false;
const writeAddress = () => {
  const hash = addressOf();
  if (hash === location.hash.slice(1)) return;
  const url = hash ? `#${hash}` : location.pathname + location.search;
  if (isDragging) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
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
  return {
    group,
    claim,
    is: now.statuses[claim.number],
    aside: now.statuses[claim.number] === ASIDE ? asideOf(claim, view.stop) : null,
    plan: now.plans.get(claim.number) ?? null,
    holds: now.force.has(claim.number),
    differs: now.disputed.has(group.number),
    rivals: because("disputed").map(([one]) => one),
    replaced: because("superseded").map(([one, aside]) => ({ claim: one, because: aside.because })),
    withdrawn: because("retracted").map(([one, aside]) => ({ claim: one, because: aside.because })),
  };
};
const textOf = (group) => {
  group.text ??= group.claims.map((claim) => [claim.what, claim.when, dateWords(claim.when), ...claim.mentions.flatMap((n) => MENTIONS[n].cites.flatMap((cite) => [DATA.sources[cite.source][0], cite.where]))].join(" "))
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
