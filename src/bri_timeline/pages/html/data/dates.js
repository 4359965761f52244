// The two dates: moved by sliders, by keys, and in the editor of the sentence.
import { DATA } from "./data.js";
import { civil, clamped, dayOf, placeOf } from "./days.js";
import { dragging, redraw, redrawNow } from "./drawing.js";
import { button, byId, drag, make, refill, set, setText } from "./elements.js";
import { canShow, computedNote, notice } from "./reading.js";
import { isPhone, ROOM } from "./rows.js";
import { dayUnder, scaleOf } from "./scale.js";
import { asOf, know, view } from "./view.js";
import { dayWords, formats, formatted, t } from "./words.js";

/** @type {(day: Day, known: Day) => void} */
export const setDates = (day, known) => {
  view.day = day;
  know(known);
  redraw();
};
/** @type {(name: string) => { stops: Day[]; day: Day }} */
const dateOf = (name) =>
  name === "day" ? { stops: DATA.days, day: view.day } : { stops: DATA.known, day: view.known };
/** @type {(name: string, place: number) => void} */
const moveTo = (name, place) => {
  const { stops } = dateOf(name);
  const day = stops[clamped(place, 0, stops.length - 1)];
  if (name === "day") view.day = day;
  else know(day);
  redraw();
};
/** @type {(name: string, step: number) => void} */
export const move = (name, step) => {
  const { stops, day } = dateOf(name);
  const place = placeOf(stops, day);
  moveTo(name, step < 0 && stops[place] < day ? place : place + step);
};
/** @type {(name: string, day: Day) => void} */
const pick = (name, day) => {
  notice([]);
  if (name === "day") view.day = day;
  else if (know(day) !== day) notice([computedNote(day)]);
  redraw();
};

/** @type {(name: string) => HTMLElement} */
const slider = (name) => {
  const range = make("input", { type: "range", id: name, min: 0, step: 1 });
  range.addEventListener("input", () => {
    dragging();
    moveTo(name, Number(range.value));
  });
  const said = [
    make("label", { for: name, id: `${name}-label` }),
    make("output", { id: `${name}-said`, for: name }),
    button("‹", { id: `${name}-back`, tabindex: "-1" }, () => move(name, -1)),
    button("›", { id: `${name}-on`, tabindex: "-1" }, () => move(name, 1)),
  ];
  const track = make("div", { class: "track", id: `${name}-track` }, range, make("i", { class: "knob" }));
  return make("div", { class: "slider", id: `${name}-slider` }, make("div", { class: "said" }, ...said), track);
};
// The track of the day has the scale of the axis above it, which the browser's own does
// not; keys move that one. On a telephone there is no axis, and the browser's is shown.
/** @type {(event: PointerEvent) => void} */
const onTrack = (event) => {
  if (isPhone()) return;
  const box = byId("day-track").getBoundingClientRect();
  const at = scaleOf(box.width);
  /** @type {(pointer: PointerEvent) => void} */
  const follow = (pointer) => {
    const x = pointer.clientX - box.left;
    const place = placeOf(DATA.days, dayUnder(pointer, box, at));
    const [before, after] = [DATA.days[Math.max(place, 0)], DATA.days[place + 1] ?? Infinity];
    dragging();
    moveTo("day", x - at.middle(before) <= at.middle(after) - x ? Math.max(place, 0) : place + 1);
  };
  event.preventDefault();
  byId("day").focus();
  drag(follow);
  follow(event);
};
export const setUpSliders = () => {
  const more = button("", { id: "more-dates", "aria-expanded": "false" }, () => {
    set(more, { "aria-expanded": String(byId("dates").classList.toggle("open")) });
    redraw();
  });
  byId("dates").append(slider("day"), ...(DATA.basis === null ? [slider("known")] : []), more);
  byId("day-track").addEventListener("pointerdown", onTrack);
};
export const fillSliders = () => {
  for (const name of DATA.basis === null ? ["day", "known"] : ["day"]) {
    const { stops, day } = dateOf(name);
    const what = t(`page.${name}`);
    byId(name).max = String(stops.length - 1);
    byId(name).value = String(Math.max(placeOf(stops, day), 0));
    set(byId(name), { "aria-valuetext": dayWords(day) });
    setText(byId(`${name}-label`), what);
    byId(`${name}-label`).title = t(`page.${name}_hint`);
    setText(byId(`${name}-said`), dayWords(day));
    set(byId(`${name}-back`), { "aria-label": t("page.back", { what }) });
    set(byId(`${name}-on`), { "aria-label": t("page.forward", { what }) });
  }
  byId("day-track").style.setProperty("--at", `${scaleOf(ROOM.wide).middle(view.day)}px`);
  const isOpen = byId("dates").classList.contains("open");
  byId("more-dates").hidden = DATA.basis !== null;
  setText(byId("more-dates"), isOpen ? t("page.less") : `${t("page.known")} ${asOf() ?? ""}`);
};

// --- the editor of a date: day, month and year in the language of the page -------------

/** @type {string | null} */
export let editing = null;
/** @type {(name: string) => void} */
export const openEditor = (name) => {
  editing = editing === name ? null : name;
  redrawNow();
  if (editing) byId("editor-day").focus();
};
export const closeEditor = () => {
  const name = editing;
  editing = null;
  redrawNow();
  byId(`edit-${name}`)?.focus();
};
export const fillEditor = () => {
  const place = byId("editor");
  place.hidden = editing === null;
  if (editing === null) {
    place.replaceChildren();
    return;
  }
  const name = editing;
  const [year, month, day] = civil(dateOf(name).day);
  const label = t(`page.${name}`);
  const apply = () => {
    const parts = ["editor-year", "editor-month", "editor-day"].map((id) => Number(byId(id).value));
    const [y, m, d] = parts;
    const asked = dayOf(y, m, d);
    const isDay = Math.abs(y) <= 9999 && `${civil(asked)}` === `${parts}`;
    if (isDay && canShow(asked)) pick(name, asked);
    else {
      notice([[t("page.no_day"), ""]]);
      redraw();
    }
  };
  /** @type {(text: string, node: HTMLElement) => HTMLElement} */
  const field = (text, node) => {
    node.addEventListener("change", apply);
    return make("label", {}, make("span", { class: "quiet" }, text), node);
  };
  const number = { type: "number" };
  const months = Array.from({ length: 12 }, (_, n) =>
    make("option", { value: n + 1, selected: n + 1 === month }, formatted(formats.monthName, 2000, n + 1, 1)),
  );
  set(place, { "aria-label": label });
  refill(
    place,
    button("‹", { "data-key": "editor-back", "aria-label": t("page.back", { what: label }) }, () => move(name, -1)),
    field(t("dates.day"), make("input", { id: "editor-day", ...number, min: 1, max: 31, value: day })),
    field(t("dates.month"), make("select", { id: "editor-month" }, ...months)),
    field(t("dates.year"), make("input", { id: "editor-year", ...number, min: -9999, max: 9999, value: year })),
    button("›", { "data-key": "editor-on", "aria-label": t("page.forward", { what: label }) }, () => move(name, 1)),
    button(t("page.done"), { "data-key": "editor-done" }, closeEditor),
  );
};
