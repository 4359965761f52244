// The state beside the chart, with what changed, and the claim that was chosen.
const opened = new Set();
let base = null; // what was shown before the last change

const citesList = (claim) => {
  const items = citesOf(claim).map(({ source, where, quote }) => {
    const link = make("a", { href: `#s${source + 1}`, "data-source": source }, make("b", {}, `${source + 1}`), " ", own(datedSource(source)));
    return make("li", {}, link, where ? own(`, ${where}`) : "", quote ? make("q", { dir: "auto", lang: "" }, quote) : "");
  });
  return make("ul", { class: "cites" }, ...(items.length ? items : [make("li", {}, t("status.no_source"))]));
};
const claimLink = (number, extra = "") => {
  const claim = CLAIMS[number];
  const node = button("", { class: "item", "data-item": number, "data-key": `item${number}`, title: dateWords(claim.when) + t("sentence.colon") + claim.what }, () => choose(claim.group));
  node.append(make("span", { class: "when" }, dateWords(claim.when)), own(claim.what, { class: "what" }));
  if (extra) node.append(make("span", { class: "badge" }, extra));
  return make("li", {}, node);
};
const planText = ({ status, expected }) => (status
  ? (expected ? t("sources.dated", { title: t(`status.${status}`), date: t("status.expected", { when: dateWords(expected) }) }) : t(`status.${status}`)) : "");

const deltaOf = (value) => {
  const before = base?.told.find((one) => one.label === value.label);
  if (!before || before.text === value.text) return null;
  const isNumber = before.number !== null && value.number !== null;
  const change = value.number - before.number;
  const text = isNumber ? `${change > 0 ? "+" : "−"}${number(Math.abs(change))}` : t("status.was", { value: valueText(before) || "—" });
  return make("span", { class: "delta" }, text);
};
const isOpen = (item, now) => !item.status && now.looks[CLAIMS[item.claim].group].mayHaveEnded;
const bodyOf = (value, now) => {
  const steps = STATES.explain(value.place, view.day, view.stop);
  const maybe = STATES.maybe(value.place, view.day, view.stop);
  const items = STATES.itemsOf(value, view.day);
  const lines = items.map((item) => claimLink(item.claim, isOpen(item, now) ? t("status.ended") : planText(item)));
  const change = (step) => `${valueText(step.before) || "—"} → ${valueText(step.after) || "—"}`;
  if (!items.length) lines.push(...steps.slice(-100).map((step) => claimLink(step.claim, change(step))));
  const open = maybe.map((step) => claimLink(step.claim, `? ${change(step)}`));
  return make("ul", { class: "items" }, ...lines, ...open);
};
const fillValue = (value, now) => {
  const node = make("details", { class: "value", "data-value": value.label, "data-text": value.text });
  const maybe = STATES.complete ? STATES.maybe(value.place, view.day, view.stop) : [];
  const kept = DATA.holding.includes(value.label) ? STATES.itemsOf(value, view.day) : [];
  const ending = kept.filter((item) => isOpen(item, now)).length;
  const doubts = [maybe.length ? count("maybe", maybe.length) : "", ending ? `${t("status.ended")}: ${number(ending)}` : ""].filter(Boolean);
  const summary = make("summary", { "data-key": `value${value.label}` },
    make("span", { class: "label" }, named("labels", value.label || "value")),
    make("span", { class: "number" }, own(valueText(value) || "—"), doubts.length ? make("span", { class: "open", title: doubts.join("; ") }, ` ?${maybe.length + ending}`) : "", deltaOf(value) ?? ""));
  node.append(summary);
  if (opened.has(value.label)) {
    node.open = true;
    node.append(bodyOf(value, now));
  }
  node.addEventListener("toggle", () => {
    if (node.open === opened.has(value.label)) return;
    if (node.open) {
      opened.add(value.label);
      node.append(bodyOf(value, now));
    } else opened.delete(value.label);
  });
  return node;
};
const isShown = (value) => value.text !== "" && !(isRelationship && value.number === 0
  && !ALWAYS.includes(value.label) && !(base?.told.find((one) => one.label === value.label)?.number));
const fillState = (now) => {
  const place = byId("state");
  place.hidden = !STATES;
  if (!STATES) return;
  const notes = [];
  if (!STATES.complete) {
    let n = 0;
    for (const look of now.looks) if (look.is === PERHAPS) n += 1;
    if (n) notes.push(make("p", { class: "warn", id: "not-tried" }, capital(t("page.unknown_effects", { n: counted("events", n) }))));
  }
  refill(place, make("h2", {}, t("page.state", { day: dayWords(view.day) })), ...notes,
    ...now.told.filter(isShown).map((value) => fillValue(value, now)));
};

// --- the chosen claim ---------------------------------------------------------------------

const line = (label, ...content) => [make("dt", {}, label), make("dd", {}, ...content)];
const fillDetail = (now) => {
  const place = byId("detail");
  place.hidden = view.claim === null;
  if (view.claim === null) {
    place.replaceChildren();
    return;
  }
  const look = now.looks[view.claim];
  const { claim, group } = look;
  const when = dateWords(claim.when);
  const first = firstKnown[claim.number];
  const rest = [];
  if (look.differs) {
    const rivals = look.rivals.flatMap((one) => [make("p", {}, make("b", {}, dateWords(one.when)), one.what === claim.what ? "" : t("sentence.colon"), one.what === claim.what ? "" : own(one.what)), citesList(one)]);
    rest.push(make("div", { class: "warn" }, make("b", {}, capital(t("status.differ"))), t("sentence.stop"), t("sentence.gap"), capital(t("status.latest")), t("sentence.colon"), when, t("sentence.stop"), ...rivals));
  }
  for (const { claim: old, because } of [...look.replaced, ...look.withdrawn]) {
    const text = t("status.corrected", { what: old.what, when: dateWords(old.when) });
    rest.push(make("div", { class: "warn" }, make("p", {}, own(capital(text))), because ? make("p", {}, own(t("status.because", { why: because }))) : "", citesList(old)));
  }
  if (claim.bundle >= 0) rest.push(make("ul", { class: "items" }, claimLink(now.looks[claim.bundle].claim.number, t(claim.isPart ? "status.part" : "status.maybe_part"))));
  if (group.parts.length) rest.push(make("ul", { class: "items" }, ...group.parts.map((part) => claimLink(now.looks[part].claim.number, now.looks[part].claim.isPart ? "" : t("status.maybe_part")))));
  refill(place,
    make("h2", {}, own(claim.what)),
    button("×", { id: "close", "aria-label": t("page.close") }, () => closeDetail()),
    make("dl", {},
      ...line(t("page.when"), when === claim.when ? when : make("span", { title: claim.when }, when)),
      ...line(t("page.status"), capital(statusText(look)) + (look.holds && look.is === CERTAIN && !look.mayHaveEnded ? t("sentence.pause") + t("status.force") : "")),
      ...(Number.isFinite(first) && look.is !== UNKNOWN ? line(t("page.reported"), dayWords(first)) : [])),
    ...rest,
    make("h3", {}, t("page.says")),
    look.is === UNKNOWN ? make("p", {}, t("status.unknown")) : citesList(claim));
  place.setAttribute("aria-label", t("page.details"));
};
const choose = (number) => {
  view.claim = number;
  if (number !== null) roving = number;
  redrawNow();
};
const closeDetail = () => {
  const number = view.claim;
  choose(null);
  (byId("chart").querySelector(`button[data-group="${number}"]`) ?? byId("chart").querySelector("button"))?.focus();
};
const toSource = (number) => {
  const item = byId(`s${number + 1}`);
  item.tabIndex = -1;
  item.focus();
  item.scrollIntoView({ block: "center" });
};
