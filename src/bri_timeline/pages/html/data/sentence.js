// The sentence at the top, written from the state; both of its dates can be edited.
const MOST_SPOKEN = 5;
const isRelationship = DATA.relationship;
// What two states have with each other; a relationship holds the rest as lists.
const ALWAYS = DATA.spoken.slice(0, 3);

const valueText = (value) => {
  if (value.amounts.length) return money(value.amounts);
  if (value.number !== null) return value.text.includes("/") ? value.text : number(value.number);
  return named("labels", value.text);
};
const partsOfState = (told) => {
  if (!isRelationship) {
    if (told.every((value) => value.text === STATES.valueOf(0, value.place).text)) return [];
    return told.filter((value) => value.text).map((value) =>
      [value.label ? t("sentence.value", { label: named("labels", value.label), value: valueText(value) }) : valueText(value), 1]);
  }
  const by = new Map(told.map((value) => [value.label, value]));
  const worth = by.get("Agreed value");
  return DATA.spoken.map((label) => by.get(label)).filter((value) => value.number).map((value) => {
    const what = count(value.label.toLowerCase(), value.number);
    return [value.label === "Agreements" && worth.amounts.length ? t("sentence.worth", { what, value: money(worth.amounts) }) : what, value.number];
  });
};
const partsOfKinds = (counted) => {
  const counts = new Map();
  for (const { claim } of counted) counts.set(claim.kind, (counts.get(claim.kind) ?? 0) + 1);
  return [...counts].map(([kind, n]) => [DATA.kinds[kind], n]).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name, n]) =>
    [isCounted(name.toLowerCase()) ? count(name.toLowerCase(), n) : `${name} (${number(n)})`, n]);
};
const spoken = (parts) => {
  const more = parts.slice(MOST_SPOKEN).reduce((sum, [, n]) => sum + n, 0);
  const said = parts.slice(0, MOST_SPOKEN).map(([text]) => text);
  return parts.length ? listed(more ? [...said, count("more", more)] : said) : t("sentence.nothing");
};
// What the sentence counts: only of these it says that sources differ, or were late.
const countedIn = (now) => {
  const certain = now.looks.filter((look) => look.is === CERTAIN);
  if (STATES && !isRelationship) {
    const moving = STATES.moving(now.day, now.stop);
    return certain.filter((look) => moving.has(look.group.number));
  }
  const whole = certain.filter(({ claim }) => claim.bundle < 0 || now.looks[claim.bundle].is !== CERTAIN);
  if (!STATES) return whole;
  const held = new Set(now.told.filter((value) => DATA.spoken.includes(value.label) && !ALWAYS.includes(value.label))
    .flatMap((value) => STATES.itemsOf(value, now.day)).map((item) => CLAIMS[item.claim].group));
  return whole.filter((look) => held.has(look.group.number) || ALWAYS.includes(DATA.kinds[look.claim.kind]));
};
// The shortest time in which more than half of some claims were first reported.
const sourceYears = (counted) => {
  const years = counted.map((look) => reportedFirst[look.group.number]).filter(Number.isFinite)
    .map((day) => civil(day)[0]).sort((a, b) => a - b);
  const half = years.length >> 1;
  let best = 0;
  for (let n = 0; n + half < years.length; n += 1) {
    if (years[n + half] - years[n] <= years[best + half] - years[best]) best = n;
  }
  const [from, to] = [bareYear(years[best]), bareYear(years[best + half])];
  return from === to ? from : `${from}–${to}`;
};
const isLate = (look) => DATA.basis === null && yearsLate(look.claim) >= 1;
const lateText = (counted) => {
  const late = counted.filter(isLate);
  if (late.length > 2 && 3 * late.length > counted.length) return t("sentence.mostly", { years: sourceYears(counted) });
  const most = late.reduce((found, look) => Math.max(found, yearsLate(look.claim)), 0);
  return late.length ? count("late", late.length, { years: count("years", most) }) : "";
};
const openIn = (now) => {
  if (STATES?.complete) return STATES.open(now.day, now.stop).length;
  return now.looks.reduce((sum, look) => sum + (look.is === PERHAPS), 0);
};
// Sources that differ, late reports, what may have happened, overdue plans.
const clausesOf = (now, counted) => {
  const many = (name, n) => (n ? count(name, n) : "");
  return [
    ["differ", many("differ", counted.filter((look) => look.differs).length)],
    ["late", lateText(counted)],
    ["perhaps", many("maybe", openIn(now))],
    ["overdue", many("overdue", counted.filter((look) => look.plan?.status === "overdue").length)],
  ].filter(([, text]) => text);
};
const capital = (text) => text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1);

const sentenceOf = (now) => {
  const counted = countedIn(now);
  return { what: spoken(STATES ? partsOfState(now.told) : partsOfKinds(counted)), clauses: clausesOf(now, counted) };
};
const fillSentence = (now) => {
  const { what, clauses } = sentenceOf(now);
  const known = asOf();
  const holes = {
    day: dateButton("day", dayWords(view.day)),
    known: known === null ? "" : DATA.basis === null ? dateButton("known", known) : known,
    what: make("span", { id: "told" }, what),
  };
  const pattern = table().sentence[known === null ? "everything" : "known"];
  const nodes = pattern.split(/(\{[a-z]+\})/).map((part) => holes[part.slice(1, -1)] ?? part);
  const rest = [];
  clauses.forEach(([name, text], n) => {
    rest.push(t(n ? "sentence.clause" : "sentence.gap"));
    const node = inlineButton(n ? text : capital(text), { class: `clause ${name}`, "data-key": `clause-${name}` }, () => showOnly(name));
    rest.push(node);
  });
  if (clauses.length) rest.push(t("sentence.stop"));
  refill(byId("sentence"), ...nodes, ...rest);
};
const showOnly = (name) => {
  const show = { differ: "differ", perhaps: "perhaps" }[name] ?? "all";
  view.show = view.show === show ? "all" : show;
  if (name === "late" || name === "overdue") {
    const hit = countedIn(last.now).find((look) => (name === "late" ? isLate(look) : look.plan?.status === "overdue"));
    choose(hit ? hit.group.number : null);
  }
  redraw();
};
const dateButton = (name, text) => inlineButton(text, {
  class: "date", id: `edit-${name}`, "aria-expanded": String(editing === name),
  "aria-label": t("page.change_date", { date: text }), title: t("page.change_date", { date: text }),
}, () => openEditor(name));

// --- the editor of a date: day, month and year in the language of the page -------------

let editing = null;
const openEditor = (name) => {
  editing = editing === name ? null : name;
  redrawNow();
  if (editing) byId("editor").querySelector("input, select").focus();
};
const closeEditor = () => {
  const name = editing;
  editing = null;
  redrawNow();
  byId(`edit-${name}`)?.focus();
};
const dayShown = (name) => (name === "day" ? view.day : view.known);
const fillEditor = () => {
  const place = byId("editor");
  place.hidden = editing === null;
  if (editing === null) {
    place.replaceChildren();
    return;
  }
  const [year, month, day] = civil(dayShown(editing));
  const name = editing;
  const label = t(name === "day" ? "page.day" : "page.known");
  const apply = () => {
    const [d, m, y] = ["editor-day", "editor-month", "editor-year"].map((id) => Number(byId(id).value));
    if (!Number.isInteger(y) || Math.abs(y) > 9999 || !(d >= 1 && d <= 31)) return;
    const last = dayOf(m === 12 ? y + 1 : y, m === 12 ? 1 : m + 1, 1) - 1;
    pick(name, Math.min(dayOf(y, m, d), last));
  };
  const field = (id, text, node) => {
    node.addEventListener("change", apply);
    return make("label", {}, make("span", { class: "quiet" }, text), node);
  };
  const months = Array.from({ length: 12 }, (_, n) =>
    make("option", { value: n + 1, selected: n + 1 === month ? "" : null }, formatted(formats.monthName, 2000, n + 1, 1)));
  place.setAttribute("aria-label", label);
  refill(place,
    button("‹", { "data-key": "editor-back", "aria-label": t("page.back", { what: label }) }, () => move(name, -1)),
    field("day", t("dates.day"), make("input", { id: "editor-day", type: "number", min: 1, max: 31, value: day })),
    field("month", t("dates.month"), make("select", { id: "editor-month" }, ...months)),
    field("year", t("dates.year"), make("input", { id: "editor-year", type: "number", min: -9999, max: 9999, value: year })),
    button("›", { "data-key": "editor-on", "aria-label": t("page.forward", { what: label }) }, () => move(name, 1)),
    button(t("page.done"), { "data-key": "editor-done" }, closeEditor));
};
