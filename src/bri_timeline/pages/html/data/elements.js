// Elements are built by the DOM, never parsed: text cannot become markup.
export const SVG = "http://www.w3.org/2000/svg";

/** @type {(children: Child[]) => (Node | string)[]} */
const present = (children) => children.flatMap((child) => child || []);
/**
 * @template {Element} E
 * @param {E} node
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
const filled = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, String(value));
  }
  node.append(...present(children));
  return node;
};
/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 */
export const make = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);
/** @type {(tag: string, attributes?: Attributes, ...children: Child[]) => SVGElement} */
export const draw = (tag, attributes = {}, ...children) =>
  filled(/** @type {SVGElement} */ (document.createElementNS(SVG, tag)), attributes, children);
/** @type {(name: string, ...children: Child[]) => HTMLElement} */
export const span = (name, ...children) => make("span", { class: name }, ...children);
/** @type {(shapes: Shape[]) => SVGElement[]} */
export const drawAll = (shapes) => shapes.map(([tag, attributes]) => draw(tag, attributes));
/** @type {(node: Element, attributes: Attributes) => void} */
export const set = (node, attributes) => void filled(node, attributes, []);

/** @type {Map<string, unknown>} */
const keys = new Map();
// Do what depends on a key alone only if the key is another than before.
/** @type {(name: string, key: unknown, act: Act) => void} */
export const onlyIfNew = (name, key, act) => {
  if (keys.get(name) === key) return;
  keys.set(name, key);
  act();
};
// An element that is there; the type is that of a control, which has all that is read.
/** @type {(name: string) => Control} */
export const byId = (name) => /** @type {Control} */ (document.getElementById(name));
/** @type {(node: ParentNode, selector: string) => HTMLElement[]} */
export const all = (node, selector) => [.../** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll(selector))];
// The element of a selector in which something happened.
/** @type {(event: Event, selector: string) => HTMLElement | null} */
export const within = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);
// Text of the log: its direction is its own, and reorders nothing around it; its language
// is not that of the page, and not known.
/** @type {(text: string, attributes?: Attributes) => HTMLElement} */
export const own = (text, attributes = {}) => make("bdi", { dir: "auto", lang: "", ...attributes }, text);
/** @type {(text: string, attributes: Attributes, act?: Act) => HTMLButtonElement} */
export const button = (text, attributes, act) => {
  const node = make("button", { type: "button", ...attributes }, text);
  if (act) node.addEventListener("click", act);
  return node;
};
// A button in running text, which breaks between lines as the text does.
/** @type {(text: string, attributes: Attributes, act: Act) => HTMLElement} */
export const inlineButton = (text, attributes, act) => {
  const node = make("span", { role: "button", tabindex: "0", ...attributes }, text);
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return node;
};
/** @type {(node: Node, text: string) => void} */
export const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
const pen = /** @type {CanvasRenderingContext2D} */ (make("canvas").getContext("2d"));
/** @type {Measure} */
export const widthOf = (text, size = 12) => {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
};
// A canvas of so many CSS pixels, cleared and ready to be painted.
/** @type {(canvas: HTMLCanvasElement, wide: number, high: number) => CanvasRenderingContext2D} */
export const penOn = (canvas, wide, high) => {
  const ratio = devicePixelRatio || 1;
  const [width, height] = [Math.round(wide * ratio), Math.round(high * ratio)];
  // Another size costs memory anew.
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.width = `${wide}px`;
  const pencil = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pencil.setTransform(ratio, 0, 0, ratio, 0, 0);
  pencil.clearRect(0, 0, wide, high);
  return pencil;
};
// Do what a key stands for, and nothing else.
/** @type {(event: KeyboardEvent, acts: Record<string, Act>) => void} */
export const actOn = (event, acts) => {
  if (!Object.hasOwn(acts, event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
};
// Follow a pointer from where it went down until it is lifted.
/** @type {(move: (pointer: PointerEvent) => void, end?: Act) => void} */
export const drag = (move, end = () => null) => {
  const ended = new AbortController();
  const { signal } = ended;
  const stop = () => {
    ended.abort();
    end();
  };
  addEventListener("pointermove", move, { signal });
  addEventListener("pointerup", stop, { signal });
  addEventListener("pointercancel", stop, { signal });
};

// --- focus -------------------------------------------------------------------------

const STOPS = "button, summary, [role=button]";
const CONTROLS = "button, input, select, summary, a, [tabindex]";
/** @type {(node: HTMLElement | null | undefined) => string | undefined} */
const keyOf = (node) => node?.id || node?.dataset.key;
/** @type {(controls: HTMLElement[], stop: HTMLElement | undefined) => void} */
const setStop = (controls, stop) => {
  for (const control of controls) control.tabIndex = control === stop ? 0 : -1;
};
// One stop for Tab in a group of controls: arrow keys go from one to the next.
/** @type {(group: HTMLElement) => void} */
export const setStops = (group) => {
  const controls = all(group, STOPS).filter((control) => !control.hidden);
  const isHere = controls.find((control) => control === document.activeElement);
  setStop(controls, isHere ?? controls.find((control) => keyOf(control) === group.dataset.stop) ?? controls[0]);
};
/** @type {(from: HTMLElement, step: number) => void} */
export const moveStop = (from, step) => {
  const group = /** @type {HTMLElement} */ (from.closest("[data-stops]"));
  const controls = all(group, STOPS).filter((control) => control.checkVisibility());
  const to = controls[Math.min(Math.max(controls.indexOf(from) + step, 0), controls.length - 1)];
  group.dataset.stop = keyOf(to);
  setStop(controls, to);
  to.focus();
};
/** @type {(node: HTMLElement) => HTMLElement | null} */
const focusIn = (node) =>
  node.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
// Replace what an element holds and keep the focus on the control of the same id or name.
/** @type {(node: HTMLElement, ...children: Child[]) => void} */
export const refill = (node, ...children) => {
  const focused = focusIn(node);
  const key = keyOf(focused);
  const place = focused ? all(node, CONTROLS).indexOf(focused) : -1;
  node.replaceChildren(...present(children));
  all(node, "[data-stops]").forEach(setStops);
  if (node.dataset.stops !== undefined) setStops(node);
  if (!focused || document.activeElement === focused) return;
  // A control that was put back where it was has lost the focus all the same.
  if (node.contains(focused)) {
    focused.focus();
    return;
  }
  const controls = all(node, CONTROLS);
  const same = controls.find((control) => key && keyOf(control) === key);
  const next = same ?? controls[Math.min(place, controls.length - 1)];
  (next ?? /** @type {HTMLElement} */ (node.closest("[tabindex]")) ?? byId("chart")).focus();
};
// Put nodes into a list in an order, moving as few as possible, with the focus where it was.
/** @type {(list: HTMLElement, nodes: HTMLElement[]) => void} */
export const arrange = (list, nodes) => {
  const focused = focusIn(list);
  const staying = new Set(nodes);
  for (const child of all(list, ":scope > *")) {
    if (!staying.has(child)) child.remove();
  }
  nodes.forEach((node, n) => {
    if (list.children[n] !== node) list.insertBefore(node, list.children[n] ?? null);
  });
  if (!focused || document.activeElement === focused) return;
  const key = keyOf(focused);
  const same = all(list, "button").find((control) => key && keyOf(control) === key);
  (focused.isConnected ? focused : (same ?? all(list, "button:not([hidden])")[0] ?? byId("chart"))).focus();
};
