// All of the time in a strip, with the part that is shown; and zooming.
import { countsIn, edgesOf } from "./bins.js";
import { clamped } from "./days.js";
import { redraw } from "./drawing.js";
import { actOn, byId, drag, make, penOn, set, within } from "./elements.js";
import { CERTAIN, CLAIMS, WHOLE } from "./model.js";
import { ROOM } from "./rows.js";
import { dayUnder, scaleOf, scaleOfAll } from "./scale.js";
import { isWhole, view } from "./view.js";
import { dayWords, t } from "./words.js";

const HIGH_OF_STRIP = 28;
/** @type {(from: Day, to: Day) => void} */
export const zoomTo = (from, to) => {
  const [low, high] = [Math.max(Math.round(from), WHOLE[0]), Math.min(Math.round(to), WHOLE[1])];
  if (high - low < 2) return;
  [view.from, view.to] = [low, high];
  redraw();
};
// Zoom around a day, by default the middle of what is looked at.
/** @type {(factor: number, centre?: Day) => void} */
export const zoom = (factor, centre = (view.from + view.to) / 2) =>
  zoomTo(centre - (centre - view.from) * factor, centre + (view.to - centre) * factor);
/** @type {(days: number, from?: Day, to?: Day) => void} */
const shift = (days, from = view.from, to = view.to) => {
  const step = clamped(days, WHOLE[0] - from, WHOLE[1] - to);
  zoomTo(from + step, to + step);
};
/** @type {(part: number) => void} */
export const pan = (part) => shift(part * (view.to - view.from));
export const showAll = () => zoomTo(WHOLE[0], WHOLE[1]);
const STRIP = make("canvas", { "aria-hidden": "true" });
const WINDOW = make("i", { class: "window" });
export const setUpOverview = () => {
  byId("overview").append(STRIP, WINDOW);
  byId("overview").addEventListener("pointerdown", brush);
  byId("overview").addEventListener("keydown", onOverviewKey);
};
export const fillOverview = () => {
  const place = byId("overview");
  place.hidden = CLAIMS.length <= 40 && isWhole();
  if (place.hidden) return;
  const wide = ROOM.overview;
  const at = scaleOfAll(wide);
  set(place, {
    "aria-label": t("page.overview"),
    "aria-valuetext": `${dayWords(view.from)} – ${dayWords(view.to)}`,
    "aria-valuemin": WHOLE[0],
    "aria-valuemax": WHOLE[1],
    "aria-valuenow": Math.round((view.from + view.to) / 2),
  });
  paintOverview(at, wide);
  WINDOW.style.left = `${at.begin(view.from)}px`;
  WINDOW.style.width = `${Math.max(at.begin(view.to + 1) - at.begin(view.from), 4)}px`;
};
let stripPainted = "";
/** @type {(at: Scale, wide: number) => void} */
const paintOverview = (at, wide) => {
  const key = `${wide} ${view.scale} ${ROOM.edge}`;
  if (key === stripPainted) return;
  stripPainted = key;
  const pencil = penOn(STRIP, wide, HIGH_OF_STRIP);
  const edges = edgesOf(WHOLE[0], WHOLE[1], Math.max(Math.floor(wide / 3), 1));
  const looks = CLAIMS.map((claim) => ({ claim, is: CERTAIN }));
  const { low, high, most } = countsIn(edges, looks);
  pencil.fillStyle = ROOM.edge;
  // Pale is what may lie there.
  [high, low].forEach((counts, isSure) => {
    pencil.globalAlpha = isSure ? 1 : 0.45;
    counts.forEach((value, n) => {
      const [x, end] = [at.begin(edges[n]), at.begin(edges[n + 1])];
      const tall = value ? Math.max((value * 24) / most, 2) : 0;
      pencil.fillRect(x, HIGH_OF_STRIP - tall, Math.max(end - x - 1, 1), tall);
    });
  });
};
// Drag a window; a click centres it.
/** @type {(event: PointerEvent) => void} */
const brush = (event) => {
  const place = byId("overview");
  const box = place.getBoundingClientRect();
  const at = scaleOfAll(box.width);
  const start = dayUnder(event, box, at);
  const [from, to] = [view.from, view.to];
  const isInside = !isWhole() && start >= from && start <= to;
  let moved = false;
  /** @type {(pointer: PointerEvent) => void} */
  const move = (pointer) => {
    const day = dayUnder(pointer, box, at);
    if (Math.abs(pointer.clientX - event.clientX) < 4) return;
    moved = true;
    if (isInside) shift(day - start, from, to);
    else zoomTo(Math.min(start, day), Math.max(start, day));
  };
  drag(move, () => {
    if (!moved && !isWhole()) zoomTo(start - (to - from) / 2, start + (to - from) / 2);
  });
};
/** @type {(event: KeyboardEvent) => void} */
const onOverviewKey = (event) =>
  actOn(event, {
    ArrowLeft: () => pan(-0.25),
    ArrowRight: () => pan(0.25),
    ArrowUp: () => zoom(0.5),
    ArrowDown: () => zoom(2),
    Home: showAll,
  });
// The wheel zooms where there is time under it, with the key for it: else it scrolls.
/** @type {(event: WheelEvent) => void} */
export const onWheel = (event) => {
  const over = within(event, "#axis, .bars, #overview, .marks");
  if (!over || !event.ctrlKey) return;
  event.preventDefault();
  const box = (over.querySelector("svg") ?? over).getBoundingClientRect();
  const at = over.id === "overview" ? scaleOfAll(box.width) : scaleOf(box.width);
  zoom(event.deltaY > 0 ? 1.25 : 0.8, dayUnder(event, box, at));
};
// Dragging the axis or the bars moves the time shown.
/** @type {(event: PointerEvent) => void} */
export const onDrag = (event) => {
  const over = within(event, "#axis svg, .bars");
  if (!over || isWhole()) return;
  const box = over.getBoundingClientRect();
  const at = scaleOf(box.width);
  const [from, to] = [view.from, view.to];
  drag((pointer) => {
    if (fingers.size > 1) return; // two fingers zoom
    if (Math.abs(pointer.clientX - event.clientX) <= 4) return;
    shift(dayUnder(event, box, at) - dayUnder(pointer, box, at), from, to);
  });
};
// Two fingers on the time zoom by how far apart they move.
/** @type {Map<number, number>} */
const fingers = new Map();
/** @type {(event: PointerEvent) => void} */
export const onPinch = (event) => {
  if (event.type !== "pointermove") {
    fingers.delete(event.pointerId);
    if (event.type === "pointerdown" && within(event, "#axis, .bars, #overview")) {
      fingers.set(event.pointerId, event.clientX);
    }
    return;
  }
  if (!fingers.has(event.pointerId)) return;
  const apart = () => {
    const [first, second] = fingers.values();
    return Math.max(Math.abs(first - second), 20);
  };
  const before = apart();
  fingers.set(event.pointerId, event.clientX);
  if (fingers.size === 2 && before !== apart()) zoom(before / apart());
};
