// The state beside the chart, with what changed, and the claim that was chosen.
import { DATA } from "./data.js";
import { base, redrawNow } from "./drawing.js";
import { all, button, byId, make, own, refill, set, span } from "./elements.js";
import { CERTAIN, CLAIMS, firstKnown, PERHAPS, UNKNOWN } from "./model.js";
import { rove, statusText } from "./rows.js";
import { ALWAYS, valueText } from "./sentence.js";
import { STATES } from "./states.js";
import { citesOf, datedSource, sinceText, view } from "./view.js";
import { capital, count, counted, dateWords, dayWords, named, number, t } from "./words.js";

/** @type {Set<string>} */
const opened = new Set();
/** @type {(claim: Claim) => HTMLElement} */
export const citesList = (claim) => {
  const items = citesOf(claim).map(({ source, where, quote }) => {
    const about = { href: `#s${source + 1}`, "data-source": source };
    const link = make("a", about, make("b", {}, `${source + 1}`), " ", own(datedSource(source)));
    return make("li", {}, link, where && own(`, ${where}`), quote && make("q", { dir: "auto", lang: "" }, quote));
  });
  return make("ul", { class: "cites" }, ...(items.length ? items : [make("li", {}, t("status.no_source"))]));
};
/** @type {(number: number, extra?: string) => HTMLElement} */
const claimLink = (number, extra = "") => {
  const { what, when, group } = CLAIMS[number];
  const words = dateWords(when);
  const title = words + t("sentence.colon") + what;
  const about = { class: "item", "data-item": number, "data-key": `item${number}`, title };
  const node = button("", about, () => choose(group));
  node.append(span("when", words), own(what, { class: "what" }), ...(extra ? [span("badge", extra)] : []));
  return make("li", {}, node);
};
/** @type {(item: Item) => string} */
const planText = ({ status, expected }) => {
  const title = status ? t(`status.${status}`) : "";
  if (!expected) return title;
  return t("sources.dated", { title, date: t("status.expected", { when: dateWords(expected) }) });
};
/** @type {(value: Value) => string} */
const shownText = (value) => valueText(value) || "—";
/** @type {(label: string) => Value | undefined} */
const valueBefore = (label) => base?.values.find((value) => value.label === label);
/** @type {(value: LabelledValue) => HTMLElement | null} */
const deltaOf = (value) => {
  const before = valueBefore(value.label);
  const isBack = base && (base.day > view.day || base.stop > view.stop);
  if (!before || isBack || before.text === value.text) return null;
  if (before.number === null || value.number === null) {
    return span("delta", t("status.was", { value: shownText(before) }));
  }
  const change = value.number - before.number;
  return span("delta", `${change > 0 ? "+" : "−"}${number(Math.abs(change))}`);
};
/** @type {(item: Item, now: Now) => boolean} */
const isOpen = (item, now) => !item.status && now.looks[CLAIMS[item.claim].group].mayHaveEnded;
/** @type {(value: LabelledValue, now: Now, states: States) => HTMLElement} */
const bodyOf = (value, now, states) => {
  const change = (/** @type {Change} */ { before, after }) => `${shownText(before)} → ${shownText(after)}`;
  const items = states.itemsOf(value, view.day);
  const steps = items.length ? [] : states.explain(value.place, view.day, view.stop).slice(-100);
  return make(
    "ul",
    { class: "items" },
    ...items.map((item) => claimLink(item.claim, isOpen(item, now) ? t("status.ended") : planText(item))),
    ...steps.map((step) => claimLink(step.claim, change(step))),
    ...states.maybe(value.place, view.day, view.stop).map((step) => claimLink(step.claim, `? ${change(step)}`)),
  );
};
/** @type {(value: LabelledValue, now: Now, states: States) => HTMLElement} */
const fillValue = (value, now, states) => {
  const { label } = value;
  const maybe = states.complete ? states.maybe(value.place, view.day, view.stop).length : 0;
  const items = DATA.holding.includes(label) ? states.itemsOf(value, view.day) : [];
  const ending = items.filter((item) => isOpen(item, now)).length;
  const notes = [
    maybe ? count("maybe", maybe) : "",
    ending ? t("status.ended") + t("sentence.colon") + number(ending) : "",
  ];
  const title = notes.filter(Boolean).join(t("sentence.clause"));
  const doubt = title ? make("span", { class: "open", title }, ` ?${maybe + ending}`) : "";
  const digits = span("number", own(shownText(value)), doubt, deltaOf(value));
  const summary = make(
    "summary",
    { "data-key": `value${label}` },
    span("label", named("labels", label || "value")),
    digits,
  );
  const about = { class: "value", "data-value": label, "data-text": value.text, open: opened.has(label) };
  const node = make("details", about, summary, opened.has(label) ? bodyOf(value, now, states) : null);
  node.addEventListener("toggle", () => {
    if (node.open === opened.has(label)) return;
    if (!opened.delete(label)) {
      opened.add(label);
      node.append(bodyOf(value, now, states));
    }
  });
  return node;
};
// Of a relationship, lists that are empty are left out, unless they just became so.
/** @type {(value: LabelledValue) => boolean} */
const isShown = ({ text, number, label }) => {
  if (text === "" || !DATA.relationship || number !== 0 || ALWAYS.includes(label)) return text !== "";
  return !!valueBefore(label)?.number;
};
/** @type {(now: Now) => void} */
export const fillState = (now) => {
  const place = byId("state");
  place.hidden = !STATES;
  if (!STATES) return;
  const states = STATES;
  const open = states.complete ? 0 : now.looks.filter((look) => look.is === PERHAPS).length;
  const text = capital(t("page.unknown_effects", { n: counted("events", open) }));
  refill(
    place,
    make("h2", {}, t("page.state", { day: dayWords(view.day) })),
    open ? make("p", { class: "warn", id: "not-tried" }, text) : "",
    ...now.values.filter(isShown).map((value) => fillValue(value, now, states)),
  );
};

// --- the chosen claim ---------------------------------------------------------------------

/** @type {(label: string, content: Child) => HTMLElement[]} */
const line = (label, content) => [make("dt", {}, label), make("dd", {}, content)];
/** @type {(...children: Child[]) => HTMLElement} */
const warning = (...children) => make("div", { class: "warn" }, ...children);
/** @type {(...items: HTMLElement[]) => Child} */
const itemList = (...items) => (items.length ? make("ul", { class: "items" }, ...items) : "");
/** @type {(look: Look) => Child[]} */
const warningsOf = ({ claim, differs, rivals, replaced, withdrawn }) => {
  const others = rivals.flatMap((rival) => {
    const what = rival.what === claim.what ? [] : [t("sentence.colon"), own(rival.what)];
    return [make("p", {}, make("b", {}, dateWords(rival.when)), ...what), citesList(rival)];
  });
  const [stop, gap, colon] = [t("sentence.stop"), t("sentence.gap"), t("sentence.colon")];
  const latest = stop + gap + capital(t("status.latest")) + colon + dateWords(claim.when) + stop;
  const mended = [...replaced, ...withdrawn].map(({ claim: old, because }) => {
    const text = t("status.corrected", { what: old.what, when: dateWords(old.when) });
    const why = because && make("p", {}, own(t("status.because", { why: because })));
    return warning(make("p", {}, own(capital(text))), why, citesList(old));
  });
  return [differs ? warning(make("b", {}, capital(t("status.differ"))), latest, ...others) : "", ...mended];
};
/** @type {(now: Now) => void} */
export const fillDetail = (now) => {
  const place = byId("detail");
  place.hidden = view.claim === null;
  if (view.claim === null) {
    place.replaceChildren();
    return;
  }
  const look = now.looks[view.claim];
  const { claim, group } = look;
  const partLink = (/** @type {number} */ part, /** @type {string} */ text) =>
    claimLink(now.looks[part].claim.number, text);
  const parts = group.parts.map((part) => partLink(part, now.looks[part].claim.isPart ? "" : t("status.maybe_part")));
  const partly = claim.bundle < 0 ? "" : t(claim.isPart ? "status.part" : "status.maybe_part");
  const home = claim.home < 0 ? [] : [partLink(claim.home, partly)];
  const first = firstKnown[claim.number];
  const isInForce = look.holds && look.is === CERTAIN && !look.mayHaveEnded;
  const status = capital(statusText(look)) + (isInForce ? t("sentence.pause") + t("status.force") : "");
  const isDated = Number.isFinite(first) && look.is !== UNKNOWN;
  const lines = [
    ...line(t("page.when"), make("span", { title: claim.when }, dateWords(claim.when))),
    ...line(t("page.status"), status),
    ...(isDated ? line(t("page.reported"), sinceText([claim])) : []),
  ];
  set(place, { "aria-label": t("page.details") });
  refill(
    place,
    make("h2", {}, own(claim.what)),
    button("×", { id: "close", "aria-label": t("page.close") }, closeDetail),
    make("dl", {}, ...lines),
    ...warningsOf(look),
    itemList(...home),
    itemList(...parts),
    make("h3", {}, t("page.says")),
    look.is === UNKNOWN ? make("p", {}, t("status.unknown")) : citesList(claim),
  );
};
/** @type {(number: number | null) => void} */
export const choose = (number) => {
  view.claim = number;
  if (number !== null) rove(number);
  redrawNow();
};
export const closeDetail = () => {
  const number = view.claim;
  choose(null);
  const [hit] = [...all(byId("chart"), `button[data-group="${number}"]`), ...all(byId("chart"), "button")];
  hit?.focus();
};
/** @type {(number: number) => void} */
export const toSource = (number) => {
  const item = byId(`s${number + 1}`);
  item.tabIndex = -1;
  item.focus();
  item.scrollIntoView({ block: "center" });
};
