// What was known when: happened across, reported upwards. One point sets both dates.
import { DATA } from "./data.js";
import { move, setDates } from "./dates.js";
import { clamped } from "./days.js";
import { actOn, byId, drag, draw, make, penOn, set, setText } from "./elements.js";
import { CLAIMS, DAYS_SEEN, firstKnown, LAST_DAY, LAST_KNOWN, WHOLE } from "./model.js";
import { colours, ROOM } from "./rows.js";
import { scaleFor } from "./scale.js";
import { colourOf, laneOf, view } from "./view.js";
import { dayWords, t } from "./words.js";

const PLANE_HIGH = 150;
const PLANE_EDGE = 18;
const PLANE_AIR = 9; // so that points at the last day are whole
/** @param {number} wide */
const planeScales = (wide) => {
  const [low, high] = [Math.min(WHOLE[0], DATA.known[0]), Math.max(WHOLE[1], LAST_KNOWN) + 1];
  const seen = DAYS_SEEN.length <= 60 ? [...DAYS_SEEN, ...DATA.known] : [];
  // One scale for both, so that what was reported at once lies on the diagonal.
  const room = wide - PLANE_EDGE - PLANE_AIR;
  const at = scaleFor(room, low, high, seen, view.scale === "even" && seen.length > 0);
  const ratio = (PLANE_HIGH - PLANE_EDGE - PLANE_AIR) / room;
  return {
    x: (/** @type {Day} */ day) => PLANE_EDGE + at.middle(day),
    y: (/** @type {Day} */ day) => PLANE_HIGH - PLANE_EDGE - at.middle(day) * ratio,
    dayAt: (/** @type {number} */ x) => at.dayAt(clamped(x - PLANE_EDGE, 0, room)),
    knownAt: (/** @type {number} */ y) => at.dayAt(clamped((PLANE_HIGH - PLANE_EDGE - y) / ratio, 0, room)),
  };
};
const HINT = make("span", { class: "quiet" });
const DOTS = make("canvas", { "aria-hidden": "true" });
const [DIAGONAL, ACROSS, UP] = ["diagonal", "now across", "now up"].map((name) => draw("line", { class: name }));
const [TEXT_X, TEXT_Y] = ["plane-x", "plane-y"].map((id) => draw("text", { class: "tick", id }));
const HANDLE = draw("circle", { r: 7, class: "handle", tabindex: "0", role: "slider", id: "point" });
const AREA = draw("svg", { height: PLANE_HIGH }, DIAGONAL, ACROSS, UP, TEXT_X, TEXT_Y, HANDLE);
const PLANE_TITLE = make("h2");
export const setUpPlane = () => {
  byId("plane").append(PLANE_TITLE, make("div", { class: "plane" }, DOTS, AREA));
  AREA.addEventListener("pointerdown", dragPoint);
  HANDLE.addEventListener("keydown", onPlaneKey);
};
export const fillPlane = () => {
  byId("plane").hidden = DATA.basis !== null || DATA.known.length < 2;
  if (byId("plane").hidden) return;
  const wide = ROOM.plane;
  const at = planeScales(wide);
  setText(HINT, t("page.plane_hint"));
  PLANE_TITLE.replaceChildren(t("page.plane"), " ", HINT);
  paintPlane(at, wide);
  const [x, y] = [at.x(view.day), at.y(view.known)];
  const [low, high] = [WHOLE[0], Math.max(WHOLE[1], LAST_KNOWN)];
  set(AREA, { width: wide });
  set(DIAGONAL, { x1: at.x(low), y1: at.y(low), x2: at.x(high), y2: at.y(high) });
  set(ACROSS, { x1: PLANE_EDGE, x2: wide, y1: y, y2: y });
  set(UP, { x1: x, x2: x, y1: 0, y2: PLANE_HIGH - PLANE_EDGE });
  set(TEXT_X, { x: wide / 2, y: PLANE_HIGH - 4 });
  set(TEXT_Y, { x: 11, y: PLANE_HIGH / 2, transform: `rotate(-90 11 ${PLANE_HIGH / 2})` });
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
  const pencil = penOn(DOTS, wide, PLANE_HIGH);
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
