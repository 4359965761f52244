// Elements are built by the DOM, never parsed: text cannot become markup.
const SVG = "http://www.w3.org/2000/svg";

const filled = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};
const make = (tag, attributes = {}, ...children) =>
  filled(document.createElement(tag), attributes, children);
const draw = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);
const byId = (name) => document.getElementById(name);

// --- marks ---------------------------------------------------------------------------

const NARROW = 14;
const line = (x1, y1, x2, y2, name) => draw("line", { x1, y1, x2, y2, class: name });
const shape = (number, x, y, name) =>
  draw("use", { href: `#shape${number % 8}`, x, y, class: name });

const dashed = (left, right, y, name) => {
  const middle = (left + right) / 2;
  const wide = Math.max(right - left, NARROW);
  const x = Math.min(left, middle - wide / 2);
  return draw("rect", { x, y: y - 5, width: wide, height: 10, rx: 2, class: `span ${name}` });
};

// The bar of an extent: solid where certain, dashed where possible.
const lasting = (claim, at, y, name) => {
  const left = at.begin(claim.last);
  const sure = at.begin(Math.max(claim.endFirst, claim.last) + 1);
  const last = at.begin(claim.endLast + 1);
  const width = Math.max(sure - left, 1);
  const bar = draw("rect", { x: left, y: y - 4, width, height: 8, class: `bar ${name}` });
  return last > sure + 1 ? [bar, dashed(sure, last, y, name)] : [bar];
};

const arrow = (from, to, y) => {
  const head = `M${to - 6} ${y - 4}L${to} ${y}L${to - 6} ${y + 4}`;
  return [line(from, y, to, y, "ink"), draw("path", { d: head, class: "ink head" })];
};

// An arrow head on a side where a date is unbounded.
const onwards = (x, y, side) =>
  draw("path", { d: `M${x - 4 * side} ${y - 4}L${x} ${y}L${x - 4 * side} ${y + 4}`, class: "ink" });

const question = (x, y) => [
  draw("circle", { cx: x, cy: y, r: 6.5, class: "paper" }),
  draw("text", { x, y: y + 3.5, class: "ask" }, "?"),
];

// `look` has the status, the flags and the lane of a claim.
const drawnMark = (claim, look, at, y, until) => {
  const lane = `k${look.lane % 8}`;
  const fill = look.is === "later" ? "hollow" : lane;
  const [left, right] = [at.middle(claim.first), at.middle(claim.last)];
  const parts = claim.extent ? lasting(claim, at, y, fill) : [];
  if (look.holds) {
    const from = claim.first === claim.last ? right : at.begin(claim.last + 1);
    parts.push(...arrow(from, Math.max(until, from + 14), y));
  }
  if (claim.first === claim.last) parts.push(shape(look.shape, left, y, `mark ${fill}`));
  else parts.push(dashed(at.begin(claim.first), at.begin(claim.last + 1), y, fill));
  if (claim.first === -Infinity) parts.push(onwards(Math.max(at.begin(claim.first), 0) + 4, y, -1));
  if (claim.last === Infinity) parts.push(onwards(Math.min(at.begin(claim.last), at.width) - 4, y, 1));
  const middle = (Math.max(left, 0) + Math.min(right, at.width ?? right)) / 2;
  if (look.is === "perhaps") parts.push(...question(middle, y));
  if (look.is === "aside") parts.push(line(left - 9, y, right + 9, y, "strike"));
  if (look.flagged) {
    const d = `M${right + 4} ${y + 3}v-14l9 3l-9 3`;
    parts.push(draw("path", { d, class: "flag" }));
  }
  return parts;
};

// The samples of the legend: width, claim and look.
const SAMPLES = {
  day: [24, { first: 1, last: 1 }, { is: "certain" }],
  span: [46, { first: 1, last: 4 }, { is: "certain" }],
  perhaps: [46, { first: 1, last: 4 }, { is: "perhaps" }],
  later: [24, { first: 1, last: 1 }, { is: "later" }],
  holds: [46, { first: 1, last: 1 }, { is: "certain", holds: true }],
  aside: [24, { first: 1, last: 1 }, { is: "aside" }],
  flag: [30, { first: 1, last: 1 }, { is: "certain", flagged: true }],
};

const fillLegend = () => {
  const at = { begin: (day) => 10 * day - 7, middle: (day) => 10 * day + 2 };
  for (const node of document.querySelectorAll(".sample")) {
    const [width, claim, look] = SAMPLES[node.dataset.sample];
    const parts = drawnMark(claim, { lane: 4, shape: 0, ...look }, at, 13, 42);
    const size = { width, height: 24, viewBox: `0 0 ${width} 24` };
    node.append(draw("svg", { ...size, "aria-hidden": "true" }, ...parts));
  }
};
