// What was known when: happened across, reported upwards. One point sets both dates.
import { DATA } from "./data.js";
import { move, setDates } from "./dates.js";
import { clamped } from "./days.js";
import { actOn, byId, drag, draw, make, onlyIfNew, penOn, set, setText, widthOf } from "./elements.js";
import { CLAIMS, DAYS_SEEN, firstKnown, LAST_DAY, LAST_KNOWN, WHOLE } from "./model.js";
import { colours, ROOM } from "./rows.js";
import { scaleFor, ticksOf } from "./scale.js";
import { colourOf, laneOf, view } from "./view.js";
import { dayWords, language, t } from "./words.js";

const HIGH_OF_PLANE = 200;
const BELOW = 30; // the labels of the days and the name of the axis
const BESIDE = 18; // the name of the other axis, whose labels stand inside
const AIR = 9; // so that points at the last day are whole
const LABEL = 10;
/** @param {number} wide */
const planeScales = (wide) => {
  const [low, high] = [Math.min(WHOLE[0], DATA.known[0]), Math.max(WHOLE[1], LAST_KNOWN) + 1];
  const seen = DAYS_SEEN.length <= 60 ? [...DAYS_SEEN, ...DATA.known] : [];
  const isEven = view.scale === "even" && seen.length > 0;
  // One scale for both, so that what was reported at once lies on the diagonal.
  const [across, up] = [wide - BESIDE - AIR, HIGH_OF_PLANE - BELOW - AIR].map((room) =>
    scaleFor(room, low, high, seen, isEven),
  );
  return {
    across,
    up,
    x: (/** @type {Day} */ day) => BESIDE + across.middle(day),
    y: (/** @type {Day} */ day) => HIGH_OF_PLANE - BELOW - up.middle(day),
    dayAt: (/** @type {number} */ x) => across.dayAt(clamped(x - BESIDE, 0, across.width)),
    knownAt: (/** @type {number} */ y) => up.dayAt(clamped(HIGH_OF_PLANE - BELOW - y, 0, up.width)),
  };
};
const HINT = make("span", { class: "quiet" });
const DOTS = make("canvas", { "aria-hidden": "true" });
const TICKS = draw("g", { "aria-hidden": "true" });
const [DIAGONAL, ACROSS, UP] = ["diagonal", "now across", "now up"].map((name) => draw("line", { class: name }));
const [TEXT_X, TEXT_Y] = ["plane-x", "plane-y"].map((id) => draw("text", { class: "tick", id }));
const HANDLE = draw("circle", { r: 7, class: "handle", tabindex: "0", role: "slider", id: "point" });
const AREA = draw("svg", { height: HIGH_OF_PLANE }, DIAGONAL, ACROSS, UP, TICKS, TEXT_X, TEXT_Y, HANDLE);
const PLANE_TITLE = make("h2");
export const setUpPlane = () => {
  byId("plane").append(PLANE_TITLE, make("div", { class: "plane" }, DOTS, AREA));
  AREA.addEventListener("pointerdown", dragPoint);
  HANDLE.addEventListener("keydown", onPlaneKey);
};
// A line for each day that is named: below, and at the left end above its line.
/** @type {(at: ReturnType<typeof planeScales>, wide: number) => SVGElement[]} */
const planeTicks = (at, wide) => [
  ...ticksOf(at.across, (text) => widthOf(text, LABEL)).flatMap(({ day, x, text }) => [
    draw("line", { x1: at.x(day), x2: at.x(day), y1: 0, y2: HIGH_OF_PLANE - BELOW, class: "rule" }),
    draw("text", { x: BESIDE + x, y: HIGH_OF_PLANE - BELOW + LABEL + 1, class: "tick" }, text),
  ]),
  ...ticksOf(at.up, () => LABEL, DATA.known.toReversed()).flatMap(({ day, text }) => [
    draw("line", { x1: BESIDE, x2: wide, y1: at.y(day), y2: at.y(day), class: "rule" }),
    draw("text", { x: BESIDE + 2, y: Math.max(at.y(day) - 2, LABEL), class: "tick up" }, text),
  ]),
];
export const fillPlane = () => {
  byId("plane").hidden = DATA.basis !== null || DATA.known.length < 2;
  if (byId("plane").hidden) return;
  const wide = ROOM.plane;
  const at = planeScales(wide);
  setText(HINT, t("page.plane_hint"));
  PLANE_TITLE.replaceChildren(t("page.plane"), " ", HINT);
  paintPlane(at, wide);
  onlyIfNew("plane", `${wide} ${view.scale} ${language}`, () => TICKS.replaceChildren(...planeTicks(at, wide)));
  const [x, y] = [at.x(view.day), at.y(view.known)];
  const [low, high] = [WHOLE[0], Math.max(WHOLE[1], LAST_KNOWN)];
  const floor = HIGH_OF_PLANE - BELOW;
  set(AREA, { width: wide });
  set(DIAGONAL, { x1: at.x(low), y1: at.y(low), x2: at.x(high), y2: at.y(high) });
  set(ACROSS, { x1: BESIDE, x2: wide, y1: y, y2: y });
  set(UP, { x1: x, x2: x, y1: 0, y2: floor });
  set(TEXT_X, { x: wide / 2, y: HIGH_OF_PLANE - 5 });
  set(TEXT_Y, { x: 11, y: floor / 2, transform: `rotate(-90 11 ${floor / 2})` });
  setText(TEXT_X, `${t("page.happened")} →`);
  setText(TEXT_Y, `${t("page.reported")} →`);
  set(HANDLE, {
    cx: x,
    cy: y,
    "aria-label": t("page.plane"),
    "aria-valuemin": DATA.known[0],
    "aria-valuemax": LAST_KNOWN,
    "aria-valuenow": view.known,
    "aria-valuetext": t("page.plane_value", { day: dayWords(view.day), known: dayWords(view.known) }),
  });
};
let dotsPainted = "";
/** @type {(at: ReturnType<typeof planeScales>, wide: number) => void} */
const paintPlane = (at, wide) => {
  const key = `${wide} ${view.scale} ${view.by} ${colours}`;
  if (key === dotsPainted) return;
  dotsPainted = key;
  const pencil = penOn(DOTS, wide, HIGH_OF_PLANE);
  /** @type {Map<string, { place: number[]; size: number; lane: number }>} */
  const points = new Map();
  for (const claim of CLAIMS) {
    const known = firstKnown[claim.number];
    if (!Number.isFinite(known) || claim.bundle >= 0) continue;
    const place = [at.x(claim.first), at.x(claim.last), at.y(known)].map(Math.round);
    const point = points.get(`${place}`) ?? { place, size: 0, lane: colourOf(laneOf(claim)) };
    point.size += 1;
    points.set(`${place}`, point);
  }
  // A date that is wider than a pixel is a line as long as it is.
  for (const { place, size, lane } of points.values()) {
    const [x, end, y] = place;
    pencil.fillStyle = colours[lane];
    pencil.strokeStyle = colours[lane];
    pencil.globalAlpha = end > x ? 0.5 : 0.75;
    pencil.lineWidth = Math.min(1 + Math.sqrt(size), 4);
    pencil.beginPath();
    if (end > x) {
      pencil.moveTo(x, y);
      pencil.lineTo(end, y);
      pencil.stroke();
    } else {
      pencil.arc(x, y, Math.min(3 + Math.sqrt(size), 9), 0, 7);
      pencil.fill();
    }
  }
};
/** @type {(event: PointerEvent) => void} */
const dragPoint = (event) => {
  const box = AREA.getBoundingClientRect();
  const at = planeScales(box.width);
  /** @type {(pointer: PointerEvent) => void} */
  const move = (pointer) => {
    const day = clamped(at.dayAt(pointer.clientX - box.left), DATA.days[0], DATA.days[DATA.days.length - 1]);
    setDates(day, at.knownAt(pointer.clientY - box.top));
  };
  event.preventDefault();
  drag(move, () => HANDLE.focus());
  move(event);
};
/** @type {(event: KeyboardEvent) => void} */
const onPlaneKey = (event) =>
  actOn(event, {
    ArrowLeft: () => move("day", -1),
    ArrowRight: () => move("day", 1),
    ArrowUp: () => move("known", 1),
    ArrowDown: () => move("known", -1),
    Home: () => setDates(DATA.days[0], DATA.known[0]),
    End: () => setDates(LAST_DAY, LAST_KNOWN),
  });
