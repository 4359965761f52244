// When the page is drawn again, and what was drawn last.
/** @type {Drawn | null} */
export let drawn = null;
/** @type {Now | null} */
export let base = null; // what was shown before the last change
/** @type {Act} */
let painter = () => null;
let pending = false;
/** @type {(paint: Act) => void} */
export const drawWith = (paint) => {
  painter = paint;
};
export const redrawNow = () => {
  pending = false;
  painter();
};
export const redraw = () => {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    if (pending) redrawNow();
  });
};
export let isDragging = false;
let settling = 0;
export const dragging = () => {
  isDragging = true;
  clearTimeout(settling);
  settling = window.setTimeout(() => {
    isDragging = false;
  }, 400);
};
// A drag is compared with where it began, a step with the step before.
/** @type {(next: Drawn) => Drawn} */
export const remember = (next) => {
  const before = drawn?.now;
  const isMoved = before && (before.day !== next.now.day || before.stop !== next.now.stop);
  if (isMoved && !(isDragging && base)) base = before;
  drawn = next;
  return next;
};
