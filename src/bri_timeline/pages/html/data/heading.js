// The sentence at the top as elements; both of its dates can be edited.
import { DATA } from "./data.js";
import { editing, openEditor } from "./dates.js";
import { drawn, redraw } from "./drawing.js";
import { byId, inlineButton, make, refill } from "./elements.js";
import { choose } from "./panel.js";
import { isLate, sentenceOf } from "./sentence.js";
import { asOf, view } from "./view.js";
import { capital, dayWords, t, table } from "./words.js";

/** @type {(name: string, text: string) => HTMLElement} */
const dateButton = (name, text) => {
  const label = t("page.change_date", { date: text });
  const about = { "aria-expanded": String(editing === name), "aria-label": label, title: label };
  return inlineButton(text, { class: "date", id: `edit-${name}`, ...about }, () => openEditor(name));
};
/** @type {(name: string) => void} */
const showOnly = (name) => {
  const show = ["differ", "perhaps"].includes(name) ? name : "all";
  view.show = view.show === show ? "all" : show;
  if (drawn && show === "all" && ["late", "overdue"].includes(name)) {
    const look = drawn.counted.find((look) => (name === "late" ? isLate(look) : look.plan?.status === name));
    choose(look ? look.group.number : null);
  }
  redraw();
};
/** @type {(drawn: Drawn) => void} */
export const fillSentence = ({ now, counted }) => {
  const { what, clauses } = sentenceOf(now, counted);
  const known = asOf();
  /** @type {Record<string, Child>} */
  const holes = {
    day: dateButton("day", dayWords(view.day)),
    known: known === null || DATA.basis !== null ? known : dateButton("known", known),
    what: make("span", { id: "told" }, what),
  };
  const pattern = String(table().sentence[known === null ? "everything" : "known"]);
  const nodes = pattern.split(/(\{[a-z]+\})/).map((part) => holes[part.slice(1, -1)] ?? part);
  const rest = clauses.flatMap(([name, text], n) => [
    t(n ? "sentence.clause" : "sentence.gap"),
    inlineButton(n ? text : capital(text), { class: `clause ${name}`, "data-key": `clause-${name}` }, () =>
      showOnly(name),
    ),
  ]);
  refill(byId("sentence"), ...nodes, ...rest, clauses.length ? t("sentence.stop") : "");
};
