// The picture to take away, the same on any screen: all that is shown, with its legend
// and its sources, and no text cut.
import { linkOf } from "./address.js";
import { around, binsOf, laneText } from "./bins.js";
import { DATA } from "./data.js";
import { byId, draw, drawAll, make, SVG, set, widthOf } from "./elements.js";
import { legendOf } from "./legend.js";
import { HIGH, MID, marksOf, stroke } from "./marks.js";
import { entriesOf, foldText, saysText, statusText, whenText } from "./rows.js";
import { scaleOf, ticksOf } from "./scale.js";
import { colourOf, laneName, laneOf, sourcesOf, view } from "./view.js";
import { dayWords, t } from "./words.js";

const EDGE = 24;
const WIDTHS = { lane: 100, text: 310, marks: 470, says: 190 };
const WIDE = 2 * EDGE + WIDTHS.lane + WIDTHS.text + WIDTHS.marks + WIDTHS.says;
const [TEXTS_X, MARKS_X] = [EDGE + WIDTHS.lane, EDGE + WIDTHS.lane + WIDTHS.text];
const LOOK = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity", "fill-opacity"];
/** @type {(text: string, size: number, room: number) => string[]} */
const wrapped = (text, size, room) => {
  const lines = [""];
  for (const word of text.split(/(?<=[\s、，；])/)) {
    if (lines[lines.length - 1] && widthOf(lines[lines.length - 1] + word, size) > room) lines.push("");
    lines[lines.length - 1] += word;
    // A word that is wider than the room, as an address is, goes on in the next line.
    while (widthOf(lines[lines.length - 1], size) > room) {
      const letters = [...lines[lines.length - 1]];
      let fitting = letters.length - 1;
      while (fitting > 1 && widthOf(letters.slice(0, fitting).join(""), size) > room) fitting -= 1;
      lines.splice(-1, 1, letters.slice(0, fitting).join(""), letters.slice(fitting).join(""));
    }
  }
  return lines.map((line) => line.trim()).filter(Boolean);
};
/** @type {(drawn: Drawn) => { nodes: SVGElement[]; high: number }} */
const drawnBelow = (drawn) => {
  const { shown, inTime, isDense } = drawn;
  /** @type {SVGElement[]} */
  const nodes = [];
  let y = EDGE;
  // Write a text, in lines if need be; returns where it ends.
  /** @type {(text: string, size: number, look?: string, x?: number, room?: number, from?: number) => number} */
  const write = (text, size, look = "", x = EDGE, room = WIDE - 2 * EDGE, from = y) => {
    const lines = wrapped(text, size, room - 10);
    const about = { x, "font-size": size, class: `written ${look}`, "font-weight": look.includes("strong") && 650 };
    nodes.push(...lines.map((line, n) => draw("text", { ...about, y: from + size * (1 + 1.35 * n) }, line)));
    return from + 1.35 * size * lines.length;
  };
  /** @type {(x: number, top: number, shapes: Shape[]) => void} */
  const put = (x, top, shapes) => {
    nodes.push(draw("g", { transform: `translate(${x} ${top})` }, ...drawAll(shapes)));
  };
  y = write(DATA.title, 22, "strong");
  y = write(byId("sentence").textContent, 15) + 8;
  let x = EDGE;
  for (const [text, shapes] of legendOf(drawn)) {
    const from = shapes.length && 32;
    const wide = 18 + from + widthOf(text, 11);
    if (x + wide > WIDE) [x, y] = [EDGE, y + 18];
    put(x, y - MID + 7, shapes);
    write(text, 11, "quiet", x + from, wide);
    x += wide;
  }
  y += 28;
  const at = scaleOf(WIDTHS.marks);
  const today = at.middle(view.day);
  for (const tick of ticksOf(at, widthOf)) {
    const from = tick.x - widthOf(tick.text, 12) / 2;
    write(tick.text, 12, "quiet", MARKS_X + from, WIDTHS.marks);
    put(MARKS_X, y + 16, [["line", { x1: at.middle(tick.day), x2: at.middle(tick.day), y1: 0, y2: 6, class: "grid" }]]);
  }
  y += 24;
  const top = y;
  if (isDense) {
    const { lanes, edges } = binsOf(shown);
    for (const one of lanes) {
      const { lane, counts } = one;
      write(laneName(lane), 13, `strong k${colourOf(lane)}`, EDGE, WIDTHS.lane, y + 14);
      write(laneText(one), 13, "quiet", TEXTS_X, WIDTHS.text, y + 14);
      edges.slice(0, -1).forEach((start, n) => {
        const [from, end] = [at.begin(start), at.begin(edges[n + 1])];
        let base = 36;
        ["bin-in", "bin-maybe", "bin-rest"].forEach((name, k) => {
          const size = ([counts.low[n], counts.high[n] - counts.low[n], counts.rest[n]][k] * 30) / counts.most;
          base -= size;
          const box = { x: from, y: base, width: Math.max(end - from - 1, 1), height: size };
          if (size) put(MARKS_X, y, [["rect", { ...box, class: `k${colourOf(lane)} ${name}` }]]);
        });
      });
      y += 42;
    }
  }
  const near = isDense ? around(inTime).map((look) => ({ look, isInState: true, isSure: true, folded: [] })) : [];
  const entries = isDense ? near : entriesOf(drawn, true);
  let group = "";
  for (const entry of entries) {
    const { look, folded, isInState } = entry;
    const lane = laneOf(look.claim);
    const start = y + 4;
    if (folded.length) {
      y = write(foldText(entry), 11, "quiet", TEXTS_X, WIDTHS.text + WIDTHS.marks, start) + 4;
      continue;
    }
    const title = isInState ? laneName(lane) : t("page.also");
    if (title !== group) write(title, 13, isInState ? `strong k${colourOf(lane)}` : "quiet", EDGE, WIDTHS.lane, start);
    group = title;
    const end = write(look.claim.what, 13, isInState ? "" : "quiet", TEXTS_X, WIDTHS.text, start);
    const below = write(`${whenText(look)} · ${statusText(look)}`, 11, "quiet", TEXTS_X, WIDTHS.text, end + 1);
    const said = write(saysText(look), 11, "quiet", MARKS_X + WIDTHS.marks + 12, WIDTHS.says, start);
    const height = Math.max(below, said, start + HIGH - 8) - start;
    put(MARKS_X, start + height / 2 - MID, marksOf(look, at, view.day));
    y = start + height + 5;
    put(EDGE, y - MID, [stroke(0, WIDE - 2 * EDGE, 0, "rule")]);
  }
  if (view.day >= view.from && view.day <= view.to) {
    nodes.push(draw("line", { x1: MARKS_X + today, x2: MARKS_X + today, y1: top, y2: y, class: "now" }));
    write(dayWords(view.day), 11, "accent", MARKS_X + Math.min(today, WIDTHS.marks - 100), 140, y + 3);
  }
  y = write(t("page.sources"), 13, "strong", EDGE, WIDE, y + 26);
  const claims = entries.flatMap(({ look, folded }) => [look.claim, ...look.rivals, ...folded]);
  const cited = new Set(claims.flatMap(sourcesOf));
  for (const n of [...cited].sort((a, b) => a - b)) {
    y = write(`${n + 1}. ${byId(`s${n + 1}`).textContent}`, 11, "quiet", EDGE, WIDE - 2 * EDGE, y + 2);
  }
  y = write(
    [byId("colophon").textContent, location.protocol === "file:" ? "" : linkOf()].filter(Boolean).join(" · "),
    11,
    "quiet",
    EDGE,
    WIDE - 2 * EDGE,
    y + 10,
  );
  return { nodes, high: Math.ceil(y + EDGE) };
};
// The drawing as text, with the look of each shape as attributes: a file has no styles.
/** @type {(drawn: Drawn) => { text: string; high: number }} */
export const svgOf = (drawn) => {
  const { nodes, high } = drawnBelow(drawn);
  const { fontFamily, backgroundColor } = getComputedStyle(document.body);
  const about = { xmlns: SVG, width: WIDE, height: high, viewBox: `0 0 ${WIDE} ${high}`, "font-family": fontFamily };
  const paper = draw("rect", { width: WIDE, height: high });
  paper.style.fill = backgroundColor;
  const root = draw("svg", about, draw("title", {}, DATA.title), paper, ...nodes);
  const place = make("div", { class: "away" }, root);
  document.body.append(place);
  for (const node of root.querySelectorAll("rect, circle, line, text")) {
    const look = getComputedStyle(node);
    set(node, Object.fromEntries(LOOK.map((name) => [name, look.getPropertyValue(name)])));
    for (const name of ["class", "style"]) node.removeAttribute(name);
  }
  place.remove();
  return { text: new XMLSerializer().serializeToString(root), high };
};
/** @type {(drawn: Drawn) => Promise<Blob>} */
export const pngOf = async (drawn) => {
  const { text, high } = svgOf(drawn);
  const image = make("img", { src: `data:image/svg+xml,${encodeURIComponent(text)}` });
  await image.decode();
  const canvas = make("canvas", { width: 2 * WIDE, height: 2 * high });
  canvas.getContext("2d")?.drawImage(image, 0, 0, 2 * WIDE, 2 * high);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail()), "image/png"));
};
