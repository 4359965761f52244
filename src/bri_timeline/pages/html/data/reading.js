// What is read of an address, and what the page says of the rest.
import { follow, groupNamed, stateCode } from "./address.js";
import { DATA } from "./data.js";
import { parsed } from "./days.js";
import { drawn, redrawNow } from "./drawing.js";
import { byId, make, own, refill } from "./elements.js";
import { LAST_DAY, LAST_KNOWN, WHOLE } from "./model.js";
import { rove } from "./rows.js";
import { SCALE } from "./scale.js";
import { know, lanesBy, SHOWN, view } from "./view.js";
import { dayWords, language, setLanguage, TABLES, t } from "./words.js";

/** @type {(day: Day) => [string, string]} */
export const computedNote = (day) => [
  t("page.not_computed", { asked: dayWords(day), known: dayWords(view.known) }),
  "",
];
// Days that the library can be asked of, in years of four digits; a page of a view shows
// none after its own.
/** @type {(day: Day) => boolean} */
export const canShow = (day) =>
  day >= -3652424 && day <= (DATA.basis === null ? 3652059 : DATA.days[DATA.days.length - 1]);
// What could not be shown as it was asked for: said until something else is shown.
/** @type {{ lines: [string, string][]; at: string }} */
const noticed = { lines: [], at: "" };
const shownNow = () => JSON.stringify([{ ...view, off: [...view.off], open: 0 }, language]);
/** @type {(lines: [string, string][]) => void} */
export const notice = (lines) => {
  Object.assign(noticed, { lines, at: shownNow() });
};
/** @type {(key: "by" | "show" | "scale", names: string[]) => (name: string) => boolean} */
const chooser = (key, names) => (name) => {
  if (names.includes(name)) view[key] = name;
  return view[key] === name;
};
// By name, what reads a part of an address; false if it cannot be followed. Some need
// what others have read before them.
/** @type {Record<string, (text: string) => boolean>} */
const READERS = {
  lang: (code) => {
    if (!TABLES.has(code)) return false;
    setLanguage(code);
    return true;
  },
  day: (text) => {
    const day = parsed(text);
    if (day === null || !canShow(day)) return false;
    view.day = day;
    return true;
  },
  known: (text) => {
    const day = parsed(text);
    if (day === null || DATA.basis !== null) return day !== null && day === DATA.asOf;
    if (!canShow(day)) return false;
    if (know(day) !== day) noticed.lines.push(computedNote(day));
    return true;
  },
  state: (code) => {
    if (!/^[0-9a-f]{8}$/.test(code)) return false;
    if (code !== stateCode()) noticed.lines.push([t("page.changed"), ""]);
    return true;
  },
  claim: (name) => {
    view.claim = groupNamed(name);
    rove(view.claim);
    if (view.claim === null) noticed.lines.push([t("page.gone"), name]);
    return true;
  },
  by: chooser("by", ["kind", "party"]),
  without: (names) => {
    const lanes = names.split("|").map((name) => lanesBy().indexOf(name));
    view.off = new Set(lanes.filter((n) => n >= 0));
    return !lanes.includes(-1);
  },
  show: chooser("show", Object.keys(SHOWN)),
  find: (text) => {
    view.query = text;
    return true;
  },
  pair: (name) => {
    const pair = DATA.parties.indexOf(name);
    view.pair = pair < 0 ? null : pair;
    return pair >= 0;
  },
  zoom: (text) => {
    const [first, last, ...more] = text.split("/").map(parsed);
    if (first === null || typeof last !== "number" || more.length) return false;
    const [from, to] = [Math.max(first, WHOLE[0]), Math.min(last, WHOLE[1])];
    if (to - from < 2) return false;
    [view.from, view.to] = [from, to];
    return true;
  },
  scale: chooser("scale", ["time", "even"]),
};
const readAddress = () => {
  const text = location.hash.slice(1);
  // The links within the page leave what is shown.
  const isPlace = text !== "" && document.getElementById(text) !== null;
  if (isPlace && drawn) return;
  if (language !== DATA.language) setLanguage(DATA.language);
  Object.assign(view, { day: LAST_DAY, claim: null, off: new Set(), by: "kind", show: "all" });
  Object.assign(view, { query: "", pair: null, from: WHOLE[0], to: WHOLE[1], scale: SCALE });
  know(LAST_KNOWN);
  noticed.lines = [];
  const parts = new URLSearchParams(isPlace ? "" : text);
  const missed = [...parts].filter(([name]) => !Object.hasOwn(READERS, name));
  for (const [name, read] of Object.entries(READERS)) {
    const [first, ...repeats] = parts.getAll(name);
    if (first !== undefined && !read(first)) missed.push([name, first]);
    for (const value of repeats) missed.push([name, value]);
  }
  const names = missed.slice(0, 5).map(([name, value]) => (value ? `${name}=${value}` : name || "="));
  if (missed.length) noticed.lines.push([t("page.unread"), names.join(" & ") + (missed.length > 5 ? " …" : "")]);
  notice(noticed.lines);
};
const MOST_LETTERS = 100;
export const fillNotice = () => {
  const place = byId("notice");
  if (noticed.at !== shownNow()) noticed.lines = [];
  place.hidden = !noticed.lines.length;
  const lines = noticed.lines.map(([note, what]) => {
    const short = [...what.slice(0, 2 * MOST_LETTERS)].slice(0, MOST_LETTERS).join("");
    const cut = short.length < what.length ? `${short}…` : short;
    const shown = own(cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd"));
    return make("p", { class: "warn" }, note, t(what ? "sentence.colon" : "sentence.stop"), what ? shown : "");
  });
  refill(place, ...lines);
};
export const followAddress = () => {
  readAddress();
  follow(redrawNow);
};
