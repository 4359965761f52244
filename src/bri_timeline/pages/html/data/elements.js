// Elements are built by the DOM, never parsed: text cannot become markup.
const SVG = "http://www.w3.org/2000/svg";

const filled = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};
const make = (tag, attributes = {}, ...children) =>
  filled(document.createElement(tag), attributes, children);
const draw = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);
// Do what depends on a key alone only if the key is another than before.
const keys = new Map();
const onlyIfNew = (name, key, act) => {
  if (keys.get(name) === key) return;
  keys.set(name, key);
  act();
};
const byId = (name) => document.getElementById(name);
// Text of the log: its direction is its own, and reorders nothing around it; its language
// is not that of the page, and not known.
const own = (text, attributes = {}) => make("bdi", { dir: "auto", lang: "", ...attributes }, text);
const button = (text, attributes, act) => {
  const node = make("button", { type: "button", ...attributes }, text);
  if (act) node.addEventListener("click", act);
  return node;
};
// A button in running text, which breaks between lines as the text does.
const inlineButton = (text, attributes, act) => {
  const node = make("span", { role: "button", tabindex: "0", ...attributes }, text);
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return node;
};
// Replace what an element holds and keep the focus on the control of the same id or name.
// One stop for Tab in a group of controls: arrow keys go from one to the next.
const STOPS = "button, summary, [role=button]";
const setStops = (group) => {
  const all = [...group.querySelectorAll(STOPS)];
  const held = all.find((one) => one === document.activeElement) ?? all.find((one) => keyOf(one) === group.dataset.held) ?? all[0];
  for (const one of all) one.tabIndex = one === held ? 0 : -1;
};
const moveStop = (from, step) => {
  const group = from.closest("[data-stops]");
  const all = [...group.querySelectorAll(STOPS)].filter((one) => one.checkVisibility());
  const to = all[Math.min(Math.max(all.indexOf(from) + step, 0), all.length - 1)];
  group.dataset.held = keyOf(to);
  for (const one of all) one.tabIndex = one === to ? 0 : -1;
  to.focus();
};
const keyOf = (node) => node && (node.id || node.dataset?.key);
const refill = (node, ...children) => {
  const held = node.contains(document.activeElement) ? document.activeElement : null;
  const key = keyOf(held);
  const path = held ? [...node.querySelectorAll("button, input, select, summary, a, [tabindex]")].indexOf(held) : -1;
  node.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  for (const group of node.querySelectorAll("[data-stops]")) setStops(group);
  if (node.dataset.stops !== undefined) setStops(node);
  if (!held || document.activeElement === held) return;
  // A control that was put back where it was has lost the focus all the same.
  if (held.isConnected && node.contains(held)) {
    held.focus();
    return;
  }
  const all = [...node.querySelectorAll("button, input, select, summary, a, [tabindex]")];
  const same = key && all.find((one) => keyOf(one) === key);
  (same ?? all[Math.min(path, all.length - 1)] ?? node.closest("[tabindex]") ?? byId("chart"))?.focus();
};
// Put nodes into a list in an order, moving as few as possible, with the focus where it was.
const arrange = (list, nodes) => {
  const held = list.contains(document.activeElement) ? document.activeElement : null;
  const wanted = new Set(nodes);
  for (const child of [...list.children]) {
    if (!wanted.has(child)) child.remove();
  }
  nodes.forEach((node, n) => {
    if (list.children[n] !== node) list.insertBefore(node, list.children[n] ?? null);
  });
  if (!held || document.activeElement === held) return;
  const key = keyOf(held);
  const same = key && [...list.querySelectorAll("button")].find((one) => keyOf(one) === key);
  const to = held.isConnected ? held : same ?? list.querySelector("button:not([hidden])");
  (to ?? byId("chart")).focus();
};
