// What was known when: happened across, reported upwards. One point sets both dates.
const PLANE_HIGH = 150;
const PLANE_EDGE = 18;
const PLANE_AIR = 9; // so that points at the last day are whole

const planeScales = (wide) => {
  const finite = DATA.known.filter(Number.isFinite);
  const [low, high] = [Math.min(WHOLE[0], finite[0]), Math.max(WHOLE[1], finite.at(-1)) + 1];
  const seen = DAYS_SEEN.length <= 60 ? [...DAYS_SEEN, ...finite] : [];
  // One scale for both, so that what was reported at once lies on the diagonal.
  const x = scaleFor(wide - PLANE_EDGE - PLANE_AIR, low, high, seen, view.scale === "even" && seen.length > 0);
  const ratio = (PLANE_HIGH - PLANE_EDGE - PLANE_AIR) / (wide - PLANE_EDGE - PLANE_AIR);
  return {
    x: (day) => PLANE_EDGE + x.middle(day),
    y: (day) => PLANE_HIGH - PLANE_EDGE - x.middle(day) * ratio,
    dayAt: (px) => x.dayAt(clamped(px - PLANE_EDGE, 0, wide - PLANE_EDGE - PLANE_AIR)),
    knownAt: (py) => x.dayAt(clamped((PLANE_HIGH - PLANE_EDGE - py) / ratio, 0, wide - PLANE_EDGE - PLANE_AIR)),
  };
};
let planePainted = "";
const fillPlane = () => {
  const place = byId("plane");
  place.hidden = DATA.basis !== null || DATA.known.length < 2;
  if (place.hidden) return;
  if (!place.firstChild) {
    const handle = draw("circle", { r: 7, class: "handle", tabindex: "0", role: "slider", id: "point" });
    place.append(
      make("h2", {}),
      make("div", { class: "plane" }, make("canvas", { "aria-hidden": "true" }), draw("svg", {},
        draw("line", { class: "diagonal" }), draw("line", { class: "now across" }), draw("line", { class: "now up" }),
        draw("text", { class: "tick", id: "plane-x" }), draw("text", { class: "tick", id: "plane-y" }), handle)));
    place.querySelector("svg").addEventListener("pointerdown", dragPoint);
    handle.addEventListener("keydown", onPlaneKey);
  }
  const wide = ROOM.plane;
  const at = planeScales(wide);
  place.querySelector("h2").replaceChildren(t("page.plane"), " ", make("span", { class: "quiet" }, t("page.plane_hint")));
  const [canvas, svg] = place.querySelector(".plane").children;
  paintPlane(canvas, at, wide);
  const set = (node, attributes) => { for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value); };
  set(svg, { width: wide, height: PLANE_HIGH });
  const [x, y] = [at.x(view.day), at.y(view.known)];
  const [diagonal, across, up, textX, textY, handle] = svg.children;
  const low = DATA.known[0];
  set(diagonal, { x1: at.x(WHOLE[0]), y1: at.y(WHOLE[0]), x2: at.x(Math.max(WHOLE[1], DATA.known.at(-1))), y2: at.y(Math.max(WHOLE[1], DATA.known.at(-1))) });
  set(across, { x1: PLANE_EDGE, x2: wide, y1: y, y2: y });
  set(up, { x1: x, x2: x, y1: 0, y2: PLANE_HIGH - PLANE_EDGE });
  set(textX, { x: wide / 2, y: PLANE_HIGH - 4 });
  set(textY, { x: 11, y: PLANE_HIGH / 2, transform: `rotate(-90 11 ${PLANE_HIGH / 2})` });
  setText(textX, `${t("page.happened")} →`);
  setText(textY, `${t("page.reported")} →`);
  set(handle, { cx: x, cy: y, "aria-label": t("page.plane"), "aria-valuemin": low, "aria-valuemax": DATA.known.at(-1),
    "aria-valuenow": view.known, "aria-valuetext": t("page.plane_value", { day: dayWords(view.day), known: dayWords(view.known) }) });
};
const paintPlane = (canvas, at, wide) => {
  const key = `${wide} ${view.scale} ${view.by} ${document.documentElement.dataset.theme} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  if (key === planePainted) return;
  planePainted = key;
  const ratio = devicePixelRatio || 1;
  canvas.width = wide * ratio;
  canvas.height = PLANE_HIGH * ratio;
  canvas.style.width = `${wide}px`;
  const pencil = canvas.getContext("2d");
  pencil.scale(ratio, ratio);
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
  for (const { place: [x, end, y], size, lane } of points.values()) {
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
const dragPoint = (event) => {
  const svg = byId("plane").querySelector("svg");
  const box = svg.getBoundingClientRect();
  const at = planeScales(box.width);
  const move = (one) => {
    const day = clamped(at.dayAt(one.clientX - box.left), DATA.days[0], DATA.days.at(-1));
    setDates(day, at.knownAt(one.clientY - box.top));
  };
  const end = () => {
    svg.removeEventListener("pointermove", move);
    svg.removeEventListener("pointerup", end);
    byId("point").focus();
  };
  event.preventDefault();
  svg.setPointerCapture(event.pointerId);
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerup", end);
  move(event);
};
const onPlaneKey = (event) => {
  const moves = {
    ArrowLeft: () => move("day", -1),
    ArrowRight: () => move("day", 1),
    ArrowUp: () => move("known", 1),
    ArrowDown: () => move("known", -1),
    Home: () => setDates(DATA.days[0], DATA.known[0]),
    End: () => setDates(LAST_DAY, LAST_KNOWN),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  moves[event.key]();
};
