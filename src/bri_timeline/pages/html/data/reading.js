// What is read of an address, and what the page says of the rest.
const clamped = (value, low, high) => Math.min(Math.max(value, low), high);
// Show a day of knowledge; of a log that takes too long, the last before it that was
// computed. Returns the one shown.
const know = (day) => {
  view.stop = Math.max(placeOf(DATA.known, day), 0);
  view.known = DATA.skips && view.stop < LAST_STOP ? DATA.known[view.stop] : day;
  return view.known;
};
const computedNote = (day) => [t("page.not_computed", { asked: dayWords(day), known: dayWords(view.known) }), ""];
// Days that the library can be asked of, in years of four digits.
const askable = (text) => {
  const day = parsed(text);
  return day !== null && day >= -3652424 && day <= 3652059 ? day : null;
};
// By name, what reads a part of an address; false if it cannot be followed. Some need
// what others have read before them.
const READERS = new Map(Object.entries({
  lang: (code) => TABLES.has(code) && (setLanguage(code), true),
  day: (text) => {
    const day = askable(text);
    if (day === null || (DATA.basis !== null && day > DATA.days.at(-1))) return false;
    view.day = day;
    return true;
  },
  known: (text) => {
    const day = askable(text);
    if (DATA.basis !== null) return day !== null && day === DATA.asOf;
    if (day !== null && know(day) !== day) noticed.lines.push(computedNote(day));
    return day !== null;
  },
  state: (code) => {
    if (!/^[0-9a-f]{8}$/.test(code)) return false;
    if (code !== stateCode()) noticed.lines.push([t("page.changed"), ""]);
    return true;
  },
  claim: (name) => {
    view.claim = groupNamed(name);
    if (view.claim === null) noticed.lines.push([t("page.gone"), name]);
    return true;
  },
  by: (name) => {
    view.by = name === "party" ? name : "kind";
    return view.by === name;
  },
  without: (names) => {
    const found = names.split("|").map((name) => lanesBy().indexOf(name));
    view.off = new Set(found.filter((n) => n >= 0));
    return !found.includes(-1);
  },
  show: (name) => {
    view.show = Object.hasOwn(SHOWN, name) ? name : "all";
    return view.show === name;
  },
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
    const days = text.split("/").map(parsed);
    if (days.length !== 2 || days.includes(null)) return false;
    const [from, to] = [Math.max(days[0], WHOLE[0]), Math.min(days[1], WHOLE[1])];
    if (to - from < 2) return false;
    [view.from, view.to] = [from, to];
    return true;
  },
  scale: (name) => {
    view.scale = ["time", "even"].includes(name) ? name : SCALE;
    return view.scale === name;
  },
}));
const readAddress = () => {
  const text = location.hash.slice(1);
  // The links within the page leave what is shown.
  const isPlace = text !== "" && document.getElementById(text) !== null;
  if (isPlace && last) return;
  if (language !== DATA.language) setLanguage(DATA.language);
  Object.assign(view, { day: LAST_DAY, claim: null, off: new Set(), by: "kind", show: "all", query: "", pair: null, from: WHOLE[0], to: WHOLE[1], scale: SCALE });
  know(LAST_KNOWN);
  noticed.lines = [];
  const parts = new URLSearchParams(isPlace ? "" : text);
  const missed = [...parts].filter(([name]) => !READERS.has(name));
  for (const [name, read] of READERS) {
    const [first, ...others] = parts.getAll(name);
    if (first !== undefined && !read(first)) missed.push([name, first]);
    missed.push(...others.map((value) => [name, value]));
  }
  const some = missed.slice(0, 5).map(([name, value]) => (value ? `${name}=${value}` : name || "=")).join(" & ");
  if (missed.length) noticed.lines.push([t("page.unread"), missed.length > 5 ? `${some} …` : some]);
  notice(noticed.lines);
};
// What could not be shown as it was asked for: said until something else is shown.
const noticed = { lines: [], at: "" };
const shownNow = () => JSON.stringify([{ ...view, off: [...view.off], open: 0 }, language]);
const notice = (lines) => Object.assign(noticed, { lines, at: shownNow() });
const MOST_LETTERS = 100;
const fillNotice = () => {
  const place = byId("notice");
  if (noticed.at !== shownNow()) noticed.lines = [];
  place.hidden = !noticed.lines.length;
  refill(place, ...noticed.lines.map(([said, what]) => {
    const short = [...what.slice(0, 2 * MOST_LETTERS)].slice(0, MOST_LETTERS).join("");
    const cut = short.length < what.length ? `${short}…` : short;
    return make("p", { class: "warn" }, said, what ? ": " : ".", what ? own(cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd")) : "");
  }));
};
const followAddress = () => {
  readAddress();
  isFollowing = true;
  redrawNow();
  isFollowing = false;
};
