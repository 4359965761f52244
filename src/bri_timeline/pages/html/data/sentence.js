// The sentence at the top, written from the state; both of its dates can be edited.
const PHRASES = { Visits: "visits", Meetings: "meetings", Agreements: "agreements" };
const isRelationship = DATA.relationship;

const valueText = (value) => {
  if (value.amounts.length) return money(value.amounts);
  if (value.number !== null) return value.text.includes("/") ? value.text : number(value.number);
  return named("labels", value.text);
};
const partsOfState = (told) => {
  if (!isRelationship) {
    return told.filter((value) => value.text).slice(0, 6).map((value) =>
      t("sentence.value", { label: named("labels", value.label || "value"), value: valueText(value) }).trim());
  }
  const worth = told.find((value) => value.label === "Agreed value");
  return told.filter((value) => PHRASES[value.label] && value.number).map((value) => {
    const what = count(PHRASES[value.label], value.number);
    return value.label === "Agreements" && worth.amounts.length ? t("sentence.worth", { what, value: money(worth.amounts) }) : what;
  });
};
const partsOfKinds = (looks) => {
  const counts = new Map();
  for (const look of looks) {
    if (look.is === CERTAIN && look.claim.bundle < 0) counts.set(look.claim.kind, (counts.get(look.claim.kind) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([kind, n]) => {
    const name = DATA.kinds[kind];
    return isCounted(name.toLowerCase()) ? count(name.toLowerCase(), n) : `${name} (${number(n)})`;
  });
};
// Sources that differ, late reports, what may have happened, overdue plans.
const clausesOf = (now) => {
  let [differ, late, latest, maybe, overdue] = [0, 0, 0, 0, 0];
  for (const look of now.looks) {
    if (look.differs && look.is >= CERTAIN && look.is !== LATER) differ += 1;
    if (look.is === PERHAPS) maybe += 1;
    if (look.is !== CERTAIN) continue;
    const years = yearsLate(look.claim);
    if (years >= 1 && DATA.basis === null) {
      late += 1;
      latest = Math.max(latest, years);
    }
    if (look.plan?.status === "overdue") overdue += 1;
  }
  const found = [];
  if (differ) found.push(["differ", count("differ", differ)]);
  if (late) found.push(["late", count("late", late, { years: count("years", latest) })]);
  if (maybe) found.push(["perhaps", count("maybe", maybe)]);
  if (overdue) found.push(["overdue", count("overdue", overdue)]);
  return found;
};
const capital = (text) => text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1);

const sentenceOf = (now) => {
  const parts = STATES && now.told.some((value) => value.text) ? partsOfState(now.told) : partsOfKinds(now.looks);
  return { what: parts.length ? listed(parts) : t("sentence.nothing"), clauses: clausesOf(now) };
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
    rest.push(n ? t("sentence.clause") : language === "zh" ? "" : " ");
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
    const hit = last.looks.find((look) => look.is === CERTAIN
      && (name === "late" ? yearsLate(look.claim) >= 1 : look.plan?.status === "overdue"));
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
