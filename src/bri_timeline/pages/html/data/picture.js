// The timeline: lanes of marks with labels, in few rows without overlaps.
const AXIS = 30;
const LANE = 28;
const AIR = 16;
const MOST_LABELS = 160;

const measure = document.createElement("canvas").getContext("2d");
measure.font = "13px system-ui, sans-serif";
const widths = new Map();
const wide = (text) => {
  if (!widths.has(text)) widths.set(text, measure.measureText(text).width + 4);
  return widths.get(text);
};
const shortened = (text, room) => {
  if (wide(text) <= room) return text;
  let kept = Math.floor((text.length * room) / wide(text));
  while (kept > 0 && wide(`${text.slice(0, kept)}\u2026`) > room) kept -= 1;
  return kept > 3 ? `${text.slice(0, kept).trimEnd()}\u2026` : "";
};

// The position of a label: beside its mark if all of it fits, otherwise above it.
const beside = (text, left, right, width, narrow) => {
  const size = wide(text);
  const [before, after] = [left - 6, width - right - 6];
  const room = size <= after ? after : Math.max(before, after);
  if (!narrow && size <= room) {
    return room === after ? { label: text, x: right + 6, side: "right" } : { label: text, x: before, side: "left" };
  }
  const label = shortened(text, width - 4);
  const start = right - left > 2 * NARROW ? left : (left + right - wide(label)) / 2;
  return { label, x: Math.max(2, Math.min(start, width - wide(label))), side: "above" };
};

const placed = (items, at, until, narrow) => {
  const used = [];
  const free = (begin, rows) => {
    for (let row = rows - 1; ; row += 1) {
      const taken = used.slice(row + 1 - rows, row + 1).some((end) => end > begin);
      if (!taken) return row;
    }
  };
  return items.map((item) => {
    const { claim, look } = item;
    let left = Math.min(at.begin(claim.first), at.middle(claim.last) - 9);
    let right = Math.max(at.begin(claim.last + 1), at.middle(claim.first) + 9);
    if (claim.extent) right = Math.max(right, at.begin(claim.endLast + 1));
    if (look.holds) right = Math.max(right, until, at.middle(claim.last) + 14);
    if (look.flagged) right += 14;
    [left, right] = [Math.max(left, 0), Math.min(right, at.width)];
    const text = item.label ? beside(item.label, left, right, at.width, narrow) : null;
    let [begin, end] = [left, right];
    if (text) {
      begin = text.side === "left" ? text.x - wide(text.label) : Math.min(left, text.x);
      end = text.side === "left" ? right : Math.max(right, text.x + wide(text.label));
    }
    const rows = text?.side === "above" ? 2 : 1;
    const row = free(begin, rows);
    while (used.length <= row) used.push(-Infinity);
    for (let n = row + 1 - rows; n <= row; n += 1) used[n] = end + AIR;
    return { ...item, row, text };
  });
};

const labelText = (item, y) => {
  const { label, x, side } = item.text;
  const struck = item.look.is === "aside" ? " struck" : "";
  const later = item.look.is === "later" ? " faint" : "";
  const at = { x, y: side === "above" ? y - 13 : y + 4.5 };
  const name = `label ${side}${struck}${later}`;
  return draw("text", { ...at, class: name, "aria-hidden": "true", "data-label": item.claim.number }, label);
};

const spoken = (claim, look) => {
  const flag = look.flagged ? ", sources differ" : "";
  const holds = look.holds ? ", in force" : "";
  return `${claim.when}: ${claim.what}. ${statusWords(look)}${flag}${holds}`;
};

const markGroup = (item, at, y, until, height) => {
  const { claim, look } = item;
  const parts = drawnMark(claim, look, at, y, until);
  const hit = draw("rect", {
    x: Math.max(Math.min(at.begin(claim.first), at.middle(claim.last) - 10), 0),
    y: y - height / 2,
    width: Math.max(at.begin(claim.last + 1) - at.begin(claim.first), 20),
    height,
    class: "hit",
  });
  return draw("g", {
    class: "claim",
    tabindex: "0",
    role: "button",
    "aria-label": spoken(claim, look),
    "data-claim": claim.number,
    "data-status": look.is,
  }, ...(item.text ? [] : [draw("title", {}, spoken(claim, look))]), hit, ...parts);
};

const axis = (at, ticks, day) => {
  let end = -Infinity;
  const parts = ticks.flatMap(([tick, label]) => {
    const x = at.begin(tick);
    const atEnd = x + wide(label) > at.width;
    const start = atEnd ? x - wide(label) : x;
    if (start < end) return [];
    end = start + wide(label) + 8;
    return [draw("text", { x, y: 14, class: atEnd ? "tick end" : "tick" }, label)];
  });
  const x = at.middle(day);
  const now = isWithin(x, at) ? [line(x, 22, x, AXIS, "now"), draw("circle", { cx: x, cy: 22, r: 4, class: "now" })] : [];
  return sheet(at.width, AXIS, { "aria-hidden": "true" }, ...parts, ...now);
};
const isWithin = (x, at) => x >= 0 && x <= at.width;

const laneSheet = (lane, picture, until) => {
  const { at, day, ticks } = picture;
  const height = picture.labelled ? 24 : 16;
  const items = placed(lane.items, at, until, picture.narrow);
  const size = LANE + height * (1 + Math.max(0, ...items.map((item) => item.row))) + 8;
  const rules = ticks.map(([tick]) => line(at.begin(tick), 0, at.begin(tick), size, "grid"));
  const x = at.middle(day);
  return sheet(at.width, size, { role: "group", "aria-label": lane.title },
    ...rules,
    ...(isWithin(x, at) ? [line(x, 0, x, size, "now")] : []),
    draw("rect", { x: 0, y: 0, width: at.width, height: size - 4, rx: 8, class: `lane k${lane.number % 8}` }),
    draw("text", { x: 10, y: 19, class: "lane-title" }, lane.title),
    ...items.flatMap((item) => {
      const y = LANE + height * (item.row + 0.5);
      const mark = markGroup(item, at, y, until, height);
      return item.text?.label ? [mark, labelText(item, y)] : [mark];
    }));
};

const sheet = (width, height, attributes, ...parts) =>
  draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, ...attributes }, ...parts);

// An SVG for the axis and one for each lane, so that printed pages can break between
// lanes.
const drawnPicture = (picture) => {
  const { at, day, ticks, lanes } = picture;
  const until = Math.min(at.middle(day), at.width);
  return make("div", { role: "group", "aria-label": `Timeline with ${picture.count} claims` },
    axis(at, ticks, day), ...lanes.map((lane) => laneSheet(lane, picture, until)));
};
