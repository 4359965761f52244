// More claims than there is room for: counted by time, and opened by a zoom.
const BINS = 48;
const MOST_LANES = 8;
const AROUND = 8;
const BAR = 30;

const edgesOf = (at) => Array.from({ length: BINS + 1 }, (_, n) => clamped(at.dayAt((n * at.width) / BINS), view.from, view.to + 1));
const timeOf = (claim) => (claim.first === claim.last ? claim.first : (startOf(claim) + Math.min(endOf(claim), Math.max(claim.last, startOf(claim)))) / 2);

const binsOf = (shown, at) => {
  const lanes = new Map();
  for (const look of shown) {
    const lane = laneOf(look.claim);
    if (!lanes.has(lane)) lanes.set(lane, { lane, size: 0, looks: [] });
    const found = lanes.get(lane);
    found.size += 1;
    found.looks.push(look);
  }
  const all = [...lanes.values()].sort((a, b) => b.size - a.size).slice(0, MOST_LANES);
  const edges = edgesOf(at);
  for (const lane of all) {
    lane.bins = Array.from({ length: BINS }, () => [0, 0, 0]);
    for (const { claim, is } of lane.looks) {
      const bin = lane.bins[clamped(Math.floor((at.middle(timeOf(claim)) * BINS) / at.width), 0, BINS - 1)];
      bin[is === CERTAIN ? 0 : is === PERHAPS ? 1 : 2] += 1;
    }
  }
  return { lanes: all, edges, most: Math.max(1, ...all.flatMap((lane) => lane.bins.map((bin) => bin[0] + bin[1] + bin[2]))) };
};

const AROUND_TITLE = make("li", { class: "title" }, make("h2"));
const strips = new Map();
const stripOf = (lane) => {
  if (!strips.has(lane)) {
    const kind = make("span", { class: "kind" });
    const text = make("span", { class: "text" });
    const bars = make("span", { class: "bars" });
    const rug = make("canvas", { class: "rug", "aria-hidden": "true" });
    const buttons = Array.from({ length: BINS }, (_, n) => {
      const bar = button("", { class: `bin k${colourOf(lane)}`, tabindex: "-1", "data-bin": n }, null);
      bar.append(make("i", { class: "sure" }), make("i", { class: "perhaps" }), make("i", { class: "rest" }));
      return bar;
    });
    bars.append(...buttons, rug);
    const item = make("li", {}, make("div", { class: "row strip" }, kind, text, bars));
    strips.set(lane, { item, kind, text, bars, rug, buttons });
  }
  return strips.get(lane);
};

const fillStrip = (found, at, edges, most) => {
  const strip = stripOf(found.lane);
  setText(strip.kind, laneName(found.lane));
  setTitle(strip.kind, strip.kind.textContent);
  strip.kind.className = `kind k${colourOf(found.lane)}`;
  setText(strip.text, number(found.size));
  strip.bars.style.width = `${at.width}px`;
  found.bins.forEach((bin, n) => {
    const total = bin[0] + bin[1] + bin[2];
    const bar = strip.buttons[n];
    bar.hidden = total === 0;
    if (!total) return;
    bar.style.left = `${(n * at.width) / BINS}px`;
    bar.style.width = `${at.width / BINS}px`;
    bar.style.height = `${Math.max((total * BAR) / most, 4)}px`;
    bin.forEach((part, k) => { bar.children[k].style.flexGrow = part; });
    const label = t("page.bins", { n: counted("claims", total), start: dayWords(edges[n]), end: dayWords(Math.max(edges[n + 1] - 1, edges[n])) });
    bar.title = label;
    bar.setAttribute("aria-label", `${strip.kind.textContent}: ${label}`);
    bar.dataset.from = edges[n];
    bar.dataset.to = Math.max(edges[n + 1] - 1, edges[n]);
  });
  paintRug(strip, found, at);
  return strip.item;
};
const paintRug = (strip, found, at) => {
  const [wide, high, ratio] = [at.width, 6, devicePixelRatio || 1];
  if (strip.rug.width !== wide * ratio) {
    strip.rug.width = wide * ratio;
    strip.rug.height = high * ratio;
    strip.rug.style.width = `${wide}px`;
  }
  const brush = strip.rug.getContext("2d");
  brush.setTransform(ratio, 0, 0, ratio, 0, 0);
  brush.clearRect(0, 0, wide, high);
  brush.fillStyle = colours[colourOf(found.lane)];
  // One line for each pixel, however many claims there are.
  const strength = new Float32Array(Math.ceil(wide) + 1);
  for (const { claim, is } of found.looks) {
    const x = Math.floor(at.middle(timeOf(claim)));
    strength[x] = Math.min(strength[x] + (is === CERTAIN ? 0.4 : 0.12), 1);
  }
  strength.forEach((alpha, x) => {
    if (!alpha) return;
    brush.globalAlpha = alpha;
    brush.fillRect(x, 0, 1, high);
  });
};

const around = (looks) => {
  const far = (look) => Math.abs(timeOf(look.claim) - view.day);
  const best = [];
  for (const look of looks) {
    const away = far(look);
    if (best.length === AROUND && away >= best.at(-1)[0]) continue;
    const place = best.findIndex(([other]) => other > away);
    best.splice(place < 0 ? best.length : place, 0, [away, look]);
    if (best.length > AROUND) best.pop();
  }
  return best.map(([, look]) => look).sort((a, b) => timeOf(a.claim) - timeOf(b.claim));
};
const fillBins = (chart, looks, shown, changed) => {
  const at = scaleOf(Math.max(isPhone() ? chart.clientWidth - 8 : ROOM.wide, 40));
  const inTime = shown.filter((look) => isInView(look.claim));
  const { lanes, edges, most } = binsOf(inTime, at);
  const x = at.begin(view.day + 1);
  const items = lanes.map((lane) => fillStrip(lane, at, edges, most));
  for (const lane of lanes) {
    const bars = stripOf(lane.lane).bars;
    let now = bars.querySelector(".now");
    if (!now) bars.append(now = make("i", { class: "now" }));
    now.hidden = view.day < view.from || view.day > view.to;
    now.style.left = `${x}px`;
  }
  // The claims around the day shown: the last before it, and the next.
  const near = around(inTime);
  const chosen = view.claim === null ? null : looks[view.claim];
  if (chosen && !near.includes(chosen) && shown.includes(chosen)) near[0] = chosen;
  setText(AROUND_TITLE.firstChild, t("page.around"));
  let list = chart.querySelector("ol.rows");
  if (!list) chart.replaceChildren(list = make("ol", { class: "rows", role: "list" }));
  chart.querySelector(".head")?.remove();
  list.before(isPhone() ? make("div", { class: "head" }) : headRow(at));
  const rows = near.map((look) => fillRow(look, isPhone() ? null : at, changed.has(look.group.number), true));
  arrange(list, [...items, AROUND_TITLE, ...rows]);
  const hits = [...list.querySelectorAll("button.bin:not([hidden]), button.row")];
  const current = hits.find((hit) => hit === document.activeElement) ?? hits.find((hit) => hit.tabIndex === 0) ?? hits[0];
  for (const hit of hits) hit.tabIndex = hit === current ? 0 : -1;
};
