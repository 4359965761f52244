// What can be taken away: a citation, a table, the data, and the picture.
const saved = (name, type, content) => {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = make("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};
const fileName = (suffix) => `${DATA.title.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "timeline"}-${iso(view.day)}.${suffix}`;

// Spreadsheets would run a cell that begins like a formula.
const cell = (text) => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const day = (value) => (Number.isFinite(value) ? iso(value) : "");
const csvOf = (now, matching) => {
  const heads = ["when", "earliest", "latest", "kind", "what", "status", "sources"];
  const rows = CLAIMS.filter((claim) => matching.has(claim.group)).map((claim) => [
    claim.when, day(claim.first), day(claim.last), DATA.kinds[claim.kind], claim.what, statusWords(claim, now),
    citesOf(claim).map(({ source, where }) => datedSource(source) + (where ? `, ${where}` : "")).join("; ")]);
  return [heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
};
const jsonOf = (now, matching) => JSON.stringify({
  title: DATA.title,
  day: iso(view.day),
  known_by: typeof basis() === "number" ? iso(basis()) : basis(),
  values: Object.fromEntries(now.told.map((value) => [value.label || "value", value.text])),
  claims: CLAIMS.filter((claim) => matching.has(claim.group)).map((claim) => ({
    when: claim.when,
    kind: DATA.kinds[claim.kind],
    what: claim.what,
    parties: DATA.parties[claim.party],
    status: STATUS[now.statuses[claim.number]],
    sources: citesOf(claim).map(({ source, where, quote }) => ({
      title: DATA.sources[source][0], container: DATA.sources[source][1], author: DATA.sources[source][2],
      published: DATA.sources[source][3], url: DATA.sources[source][4], locator: where, quote: quote || null })),
  })),
}, null, 1);

// --- citations of this state ------------------------------------------------------------

const citation = () => {
  const link = linkOf();
  const [day, known] = [dayWords(view.day), asOf()];
  const full = known === null ? `${DATA.title}: ${t("page.state", { day })}` : t("page.cite_text", { title: DATA.title, day, known });
  const today = new Date();
  const accessed = [today.getFullYear(), today.getMonth() + 1, today.getDate()];
  const text = [DATA.author, `“${full}”`, DATA.version && t("page.version", { version: DATA.version }), link].filter(Boolean).join(", ");
  const csl = { id: "timeline", type: "webpage", title: full, URL: link, accessed: { "date-parts": [accessed] } };
  if (!link) delete csl.URL;
  if (DATA.author) csl.author = [{ literal: DATA.author }];
  if (DATA.version) csl.version = DATA.version;
  // Braces and backslashes would end a field of BibTeX, or begin a command.
  const plain = (value) => String(value).replace(/[{}\\%#$&_~^]/g, (letter) => ({ "{": "(", "}": ")", "\\": "/", "~": "-", "^": "" }[letter] ?? `\\${letter}`));
  const fields = [["title", full], ["author", DATA.author && `{${plain(DATA.author)}}`], ["version", DATA.version], ["urldate", accessed.map((part) => String(part).padStart(2, "0")).join("-")]];
  const lines = fields.filter(([, value]) => value).map(([name, value]) => `  ${name} = {${name === "author" ? value : plain(value)}},`);
  if (link) lines.push(`  url = {${link}},`);
  const bibtex = `@online{timeline,\n${lines.join("\n")}\n}`;
  return { text, csl: JSON.stringify([csl], null, 1), bibtex };
};

// --- the picture: what the chart shows, as shapes that a file can hold ------------------------

const LOOK = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity"];
const pictureOf = () => {
  const shapes = [];
  const style = getComputedStyle(document.body);
  const chart = byId("chart");
  const box = chart.getBoundingClientRect();
  const wide = Math.ceil(box.width) + 40;
  let y = 24;
  const text = (x, at, words, size, colour, weight = 400) => shapes.push(["text", { x, y: at, "font-size": size, fill: colour, "font-weight": weight }, words]);
  const wrapped = (words, size, room) => {
    const lines = [""];
    for (const word of words.split(/(?<=\s)|(?<=[、，；])/)) {
      if (widthOf(lines.at(-1) + word, size) > room && lines.at(-1)) lines.push("");
      lines[lines.length - 1] += word;
    }
    return lines;
  };
  text(20, y + 4, DATA.title, 22, style.color, 700);
  for (const part of wrapped(byId("sentence").textContent, 15, wide - 40)) text(20, y += 24, part, 15, style.color);
  y += 16;
  const top = y - box.top;
  for (const node of chart.querySelectorAll("svg *, i, .kind, .text > .what, .text > bdi, .count, .says, .strip .text")) {
    const [found, looks] = [node.getBoundingClientRect(), getComputedStyle(node)];
    if (!found.width || looks.visibility === "hidden") continue;
    const x = found.left - box.left + 20;
    if (node.namespaceURI === SVG && node.tagName !== "text") {
      const a = { ...Object.fromEntries(LOOK.map((name) => [name, looks.getPropertyValue(name)])) };
      const shift = node.ownerSVGElement.getBoundingClientRect();
      const [dx, dy] = [shift.left - box.left + 20, shift.top + top];
      const n = (name) => Number(node.getAttribute(name));
      if (node.tagName === "rect") shapes.push(["rect", { x: n("x") + dx, y: n("y") + dy, width: n("width"), height: n("height"), ...a }]);
      else if (node.tagName === "circle") shapes.push(["circle", { cx: n("cx") + dx, cy: n("cy") + dy, r: n("r"), ...a }]);
      else if (node.classList.contains("now")) shapes.push(["line", { x1: n("x1") + dx, x2: n("x2") + dx, y1: dy - 4, y2: dy + HIGH + 4, ...a }]);
      else shapes.push(["line", { x1: n("x1") + dx, x2: n("x2") + dx, y1: n("y1") + dy, y2: n("y2") + dy, ...a }]);
    } else if (node.tagName === "I") {
      shapes.push(["rect", { x, y: found.top + top, width: found.width, height: found.height, fill: looks.backgroundColor, opacity: looks.opacity }]);
    } else if (node.tagName === "text") text(x, found.top + top + 11, node.textContent, 12, looks.fill);
    else {
      const size = parseFloat(looks.fontSize);
      const lines = wrapped(node.textContent, size, Math.max(found.width + 4, 40));
      lines.slice(0, Math.max(Math.round(found.height / (size * 1.3)), 1)).forEach((part, k) =>
        text(x, found.top + top + size + k * size * 1.3, part.trim(), size, looks.color, looks.fontWeight));
    }
  }
  const high = Math.ceil(top + box.bottom + 40);
  text(20, high - 14, [DATA.author, DATA.licence, location.protocol === "file:" ? "" : linkOf()].filter(Boolean).join(" · "), 11, style.color);
  return { wide, high, shapes, paper: style.backgroundColor, font: style.fontFamily };
};
const svgOf = () => {
  const { wide, high, shapes, paper, font } = pictureOf();
  const root = draw("svg", { xmlns: SVG, width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, "font-family": font },
    draw("title", {}, DATA.title), draw("rect", { width: wide, height: high, fill: paper }),
    ...shapes.map(([tag, attributes, words]) => draw(tag, attributes, ...(words === undefined ? [] : [words]))));
  return new XMLSerializer().serializeToString(root);
};
const pngOf = () => {
  const { wide, high, shapes, paper, font } = pictureOf();
  const canvas = make("canvas", { width: 2 * wide, height: 2 * high });
  const pencil = canvas.getContext("2d");
  pencil.scale(2, 2);
  pencil.fillStyle = paper;
  pencil.fillRect(0, 0, wide, high);
  for (const [tag, a, words] of shapes) {
    pencil.globalAlpha = Number(a.opacity ?? 1) * (tag === "text" ? 1 : Number(a["fill-opacity"] ?? 1));
    pencil.fillStyle = a.fill ?? "transparent";
    pencil.strokeStyle = a.stroke ?? "transparent";
    pencil.lineWidth = parseFloat(a["stroke-width"] ?? 1) || 1;
    pencil.setLineDash((a["stroke-dasharray"] ?? "none") === "none" ? [] : a["stroke-dasharray"].split(/[ ,]+/).map(parseFloat));
    pencil.beginPath();
    if (tag === "text") {
      pencil.font = `${a["font-weight"]} ${a["font-size"]}px ${font}`;
      pencil.fillText(words, a.x, a.y);
      continue;
    }
    if (tag === "rect") pencil.rect(a.x, a.y, a.width, a.height);
    else if (tag === "circle") pencil.arc(a.cx, a.cy, a.r, 0, 7);
    else {
      pencil.moveTo(a.x1, a.y1);
      pencil.lineTo(a.x2, a.y2);
    }
    if (tag !== "line" && a.fill !== "none") pencil.fill();
    if (a.stroke && a.stroke !== "none") pencil.stroke();
  }
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};
const download = async (kind) => {
  const { now, matching } = last;
  if (kind === "csv") saved(fileName("csv"), "text/csv;charset=utf-8", `\ufeff${csvOf(now, matching)}`);
  else if (kind === "json") saved(fileName("json"), "application/json", jsonOf(now, matching));
  else if (kind === "svg") saved(fileName("svg"), "image/svg+xml", svgOf());
  else saved(fileName("png"), "image/png", await pngOf());
};
