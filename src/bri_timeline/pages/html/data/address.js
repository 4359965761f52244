// The part of the address after `#` that holds all that is shown.
import { DATA } from "./data.js";
import { iso } from "./days.js";
import { dragging, drawn, isDragging } from "./drawing.js";
import { CERTAIN, CLAIMS, GROUPS, LAST_DAY, LAST_KNOWN, PERHAPS, statusesAt } from "./model.js";
import { SCALE } from "./scale.js";
import { basis, basisText, isWhole, lanesBy, view } from "./view.js";
import { language } from "./words.js";

// Whoever opens a page sees its last day; all other addresses name both dates, so that
// they open the same state after the record has grown.
/** @type {(isLink?: boolean) => string} */
export const addressOf = (isLink = false) => {
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
  if (typeof basis() === "number") parts.set("known", `${basisText()}`);
  parts.set("state", stateCode());
  return more ? `${parts}&${more}` : `${parts}`;
};
// The address of this state; none in a page that has no address.
export const linkOf = () => {
  const own = ["http:", "https:", "file:"].includes(location.protocol) ? location.href.split("#")[0] : DATA.url;
  return own ? `${own}#${addressOf(true)}` : "";
};
// A claim is named by its id, or by the first digits of its digest.
/** @type {(group: number) => string} */
const nameOf = (group) => {
  const claim = drawn?.now.looks[group].claim ?? GROUPS[group].claims[0];
  return DATA.ids[claim.number] || DATA.digests[claim.number];
};
/** @type {(name: string) => number | null} */
export const groupNamed = (name) => {
  const place = name ? DATA.ids.indexOf(name) : -1;
  if (place >= 0) return CLAIMS[place].group;
  if (!/^[0-9a-f]{8,32}$/.test(name)) return null;
  const isNamed = (/** @type {Claim} */ claim) => DATA.digests[claim.number].startsWith(name.slice(0, 10));
  const groups = new Set(CLAIMS.filter(isNamed).map((claim) => claim.group));
  return groups.size === 1 ? [...groups][0] : null;
};
// A sum of the digests of the claims that count, and of those that may: another sum says
// that another state is shown than the one to which a link was made.
export const stateCode = () => {
  const now = drawn?.now;
  const statuses = now?.day === view.day && now.stop === view.stop ? now.statuses : statusesAt(view.day, view.stop);
  let sum = 0;
  statuses.forEach((is, n) => {
    if (is !== CERTAIN && is !== PERHAPS) return;
    sum = (sum + Math.imul(parseInt(DATA.digests[n].slice(0, 8), 16), is === CERTAIN ? 1 : 3)) >>> 0;
  });
  return sum.toString(16).padStart(8, "0");
};
// The history of a page that frames this one is its own.
export const isFramed = parent !== window;
let isFollowing = false;
/** @type {(act: Act) => void} */
export const follow = (act) => {
  isFollowing = true;
  act();
  isFollowing = false;
};
// A drag replaces the address, as does an address that says less than it could; all else
// adds a step for the back button.
export const writeAddress = () => {
  const hash = addressOf();
  if (hash === location.hash.slice(1)) return;
  const url = hash ? `#${hash}` : location.pathname + location.search;
  try {
    if (isDragging || isFollowing || isFramed) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
  } catch {
    return; // a page that another holds as text has no address of its own
  }
  if (!isFollowing) dragging();
};
