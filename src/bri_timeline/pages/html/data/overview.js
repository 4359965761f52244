// All of the time in a strip, with the part that is shown; and zooming.
const zoomTo = (from, to) => {
  const [low, high] = [Math.max(Math.round(from), WHOLE[0]), Math.min(Math.round(to), WHOLE[1])];
  if (high - low < 2) return;
  [view.from, view.to] = [low, high];
  redraw();
};
// Zoom around a day, by default the middle of what is looked at.
const zoom = (factor, around = (view.from + view.to) / 2) => {
  const before = around - view.from;
  const after = view.to - around;
  zoomTo(around - before * factor, around + after * factor);
};
const pan = (part) => {
  const length = view.to - view.from;
  const shift = clamped(part * length, WHOLE[0] - view.from, WHOLE[1] - view.to);
  zoomTo(view.from + shift, view.to + shift);
};
const showAll = () => zoomTo(...WHOLE);

const overviewScale = (width) => scaleFor(width, WHOLE[0], WHOLE[1] + 1, DAYS_SEEN, view.scale === "even");
const fillOverview = () => {
  const place = byId("overview");
  place.hidden = CLAIMS.length <= 40 && isWhole();
  if (place.hidden) return;
  if (!place.firstChild) {
    place.append(make("canvas", { "aria-hidden": "true" }), make("i", { class: "window" }));
    place.addEventListener("pointerdown", brush);
    place.addEventListener("keydown", onOverviewKey);
  }
  const wide = ROOM.overview;
  const at = overviewScale(wide);
  place.setAttribute("aria-label", t("page.overview"));
  place.setAttribute("aria-valuetext", `${dayWords(view.from)} – ${dayWords(view.to)}`);
  place.setAttribute("aria-valuemin", WHOLE[0]);
  place.setAttribute("aria-valuemax", WHOLE[1]);
  place.setAttribute("aria-valuenow", Math.round((view.from + view.to) / 2));
  paintOverview(place.firstChild, at, wide);
  const box = place.lastChild;
  box.style.left = `${at.begin(view.from)}px`;
  box.style.width = `${Math.max(at.begin(view.to + 1) - at.begin(view.from), 4)}px`;
};
let painted = "";
const paintOverview = (canvas, at, wide) => {
  const key = `${wide} ${view.scale} ${document.documentElement.dataset.theme}`;
  if (key === painted) return;
  painted = key;
  const ratio = devicePixelRatio || 1;
  canvas.width = wide * ratio;
  canvas.height = 28 * ratio;
  canvas.style.width = `${wide}px`;
  const pencil = canvas.getContext("2d");
  pencil.scale(ratio, ratio);
  const edges = edgesOf(...WHOLE, Math.max(Math.floor(wide / 3), 1));
  const { low, high } = countsIn(edges, CLAIMS.map((claim) => ({ claim, is: CERTAIN })));
  const most = Math.max(1, ...high);
  pencil.fillStyle = ROOM.edge;
  // Pale is what may lie there.
  for (const [counts, alpha] of [[high, 0.45], [low, 1]]) {
    pencil.globalAlpha = alpha;
    counts.forEach((value, n) => {
      const [x, end] = [at.begin(edges[n]), at.begin(edges[n + 1])];
      const tall = value ? Math.max((value * 24) / most, 2) : 0;
      pencil.fillRect(x, 28 - tall, Math.max(end - x - 1, 1), tall);
    });
  }
};
// Drag a window; a click centres it.
const brush = (event) => {
  const place = byId("overview");
  const box = place.getBoundingClientRect();
  const at = overviewScale(box.width);
  const dayOfEvent = (one) => at.dayAt(clamped(one.clientX - box.left, 0, box.width));
  const start = dayOfEvent(event);
  const [from, to] = [view.from, view.to];
  const inside = !isWhole() && start >= from && start <= to;
  let moved = false;
  const move = (one) => {
    const now = dayOfEvent(one);
    if (Math.abs(one.clientX - event.clientX) < 4) return;
    moved = true;
    if (inside) {
      const shift = clamped(now - start, WHOLE[0] - from, WHOLE[1] - to);
      zoomTo(from + shift, to + shift);
    } else zoomTo(Math.min(start, now), Math.max(start, now));
  };
  const end = () => {
    place.removeEventListener("pointermove", move);
    place.removeEventListener("pointerup", end);
    if (!moved && !isWhole()) {
      const half = (to - from) / 2;
      zoomTo(start - half, start + half);
    }
  };
  place.setPointerCapture(event.pointerId);
  place.addEventListener("pointermove", move);
  place.addEventListener("pointerup", end);
};
const onOverviewKey = (event) => {
  const moves = { ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), ArrowUp: () => zoom(0.5), ArrowDown: () => zoom(2), Home: showAll };
  if (!moves[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  moves[event.key]();
};
// The wheel zooms where there is time under it; over rows only with the key for it.
const onWheel = (event) => {
  const over = event.target.closest?.("#axis, .bars, #overview, .marks");
  if (!over || (over.matches(".marks") && !event.ctrlKey)) return;
  event.preventDefault();
  const box = (over.querySelector("svg") ?? over).getBoundingClientRect();
  const at = over.id === "overview" ? overviewScale(box.width) : scaleOf(box.width);
  zoom(event.deltaY > 0 ? 1.25 : 0.8, at.dayAt(clamped(event.clientX - box.left, 0, box.width)));
};
// Dragging the axis or the bars moves the time shown.
const onDrag = (event) => {
  const over = event.target.closest?.("#axis svg, .bars");
  if (!over || isWhole()) return;
  const at = scaleOf(over.getBoundingClientRect().width);
  const [from, to, x] = [view.from, view.to, event.clientX];
  const move = (one) => {
    if (fingers.size > 1) return; // two fingers zoom
    const days = at.dayAt(clamped(x - over.getBoundingClientRect().left, 0, at.width)) - at.dayAt(clamped(one.clientX - over.getBoundingClientRect().left, 0, at.width));
    const shift = clamped(days, WHOLE[0] - from, WHOLE[1] - to);
    if (Math.abs(one.clientX - x) > 4) zoomTo(from + shift, to + shift);
  };
  const end = () => {
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
};
// Two fingers on the time zoom by how far apart they move.
const fingers = new Map();
const onPinch = (event) => {
  const over = event.target.closest?.("#axis, .bars, #overview");
  if (event.type !== "pointermove") {
    fingers.delete(event.pointerId);
    if (event.type === "pointerdown" && over) fingers.set(event.pointerId, event.clientX);
    return;
  }
  if (!fingers.has(event.pointerId)) return;
  const apart = () => {
    const [one, other] = fingers.values();
    return Math.max(Math.abs(one - other), 20);
  };
  if (fingers.size !== 2) {
    fingers.set(event.pointerId, event.clientX);
    return;
  }
  const before = apart();
  fingers.set(event.pointerId, event.clientX);
  if (before !== apart()) zoom(before / apart());
};
