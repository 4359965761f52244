// More claims than there is room for: counted by time, and opened by a zoom.
const BINS = 48;
const MOST_LANES = 8;
const AROUND = 8;
const BAR = 30;

// Bins are periods of the calendar, so that a date of a year is not cut: the first day
// of each, and the day after the last. The first and the last may be shorter.
const WITHIN = [Array.from({ length: 31 }, (_, n) => n + 1), [1, 6, 11, 16, 21, 26], [1, 11, 21], [1, 16]];
const monthStart = (month) => dayOf(Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);
const edgesOf = (from, to, most) => {
  const [year, month] = civil(from);
  const first = 12 * year + month - 1;
  const startsOf = (step, days) => {
    const found = [];
    for (let at = Math.floor(first / step) * step; found.length < most; at += step) {
      const [begin, end] = [monthStart(at), monthStart(at + step)];
      if (begin > to) break;
      found.push(...days.map((day) => begin + day - 1).filter((day) => day > from && day <= to && day < end));
    }
    return found;
  };
  const steps = [...WITHIN.map((days) => [1, days]), ...[1, 3, 6, ...YEARS.map((years) => 12 * years)].map((step) => [step, [1]])];
  for (const [step, days] of steps) {
    const inner = startsOf(step, days);
    if (inner.length < most) return [from, ...inner, to + 1];
  }
  return [from, to + 1];
};
// How many lie in each bin: for certain those of which all days do, at most those of
// which one may; apart from these, what comes later or does not count.
const countsIn = (edges, looks) => {
  const size = edges.length - 1;
  const [low, high, rest] = Array.from({ length: 3 }, () => new Array(size).fill(0));
  for (const { claim, is } of looks) {
    if (claim.last < edges[0] || claim.first >= edges[size]) continue;
    const first = Math.max(placeOf(edges, claim.first), 0);
    const last = Math.min(placeOf(edges, claim.last), size - 1);
    const isInside = edges[0] <= claim.first && claim.last < edges[size];
    if (is === CERTAIN && isInside && first === last) low[first] += 1;
    const rises = is === CERTAIN || is === PERHAPS ? high : rest;
    rises[first] += 1;
    if (last + 1 < size) rises[last + 1] -= 1;
  }
  for (const rises of [high, rest]) for (let n = 1; n < size; n += 1) rises[n] += rises[n - 1];
  return { low, high, rest, total: high.map((n, k) => n + rest[k]) };
};

const binsOf = (shown) => {
  const lanes = new Map();
  for (const look of shown) {
    const lane = laneOf(look.claim);
    if (!lanes.has(lane)) lanes.set(lane, { lane, looks: [] });
    lanes.get(lane).looks.push(look);
  }
  const all = [...lanes.values()].sort((a, b) => b.looks.length - a.looks.length).slice(0, MOST_LANES);
  const edges = edgesOf(view.from, view.to, BINS);
  for (const lane of all) lane.bins = countsIn(edges, lane.looks);
  return { lanes: all, edges, most: Math.max(1, ...all.flatMap((lane) => lane.bins.total)) };
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

const binText = (low, high, rest) => [
  low === high ? low && counted("claims", low) : t("page.bin_range", { low: number(low), high: number(high) }),
  rest && t("page.bin_rest", { n: number(rest) }),
].filter(Boolean).join(t("sentence.clause"));
const fillStrip = (found, at, edges, most) => {
  const strip = stripOf(found.lane);
  setText(strip.kind, laneName(found.lane));
  setTitle(strip.kind, strip.kind.textContent);
  strip.kind.className = `kind k${colourOf(found.lane)}`;
  setText(strip.text, number(found.looks.length));
  strip.bars.style.width = `${at.width}px`;
  const { low, high, rest, total } = found.bins;
  strip.buttons.forEach((bar, n) => {
    bar.hidden = !total[n];
    if (bar.hidden) return;
    const [start, end] = [edges[n], edges[n + 1] - 1];
    const left = at.begin(start);
    bar.style.left = `${left}px`;
    bar.style.width = `${Math.max(at.begin(end + 1) - left, 3)}px`;
    bar.style.height = `${Math.max((total[n] * BAR) / most, 4)}px`;
    [low[n], high[n] - low[n], rest[n]].forEach((part, k) => { bar.children[k].style.flexGrow = part; });
    const label = t("page.bins", { n: binText(low[n], high[n], rest[n]), start: dayWords(start), end: dayWords(end) });
    bar.title = label;
    bar.setAttribute("aria-label", `${strip.kind.textContent}: ${label}`);
    bar.dataset.from = start;
    bar.dataset.to = end;
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
  // One line for each pixel, however many claims there are; a date that is wider than
  // one is faint wherever it may lie.
  const strength = new Float32Array(Math.ceil(wide) + 1);
  const rises = new Float32Array(Math.ceil(wide) + 2);
  for (const { claim, is } of found.looks) {
    const [first, last] = [Math.floor(at.middle(claim.first)), Math.floor(at.middle(claim.last))];
    if (first === last) strength[first] += is === CERTAIN ? 0.4 : 0.12;
    else {
      rises[first] += 0.02;
      rises[last] -= 0.02;
    }
  }
  let faint = 0;
  strength.forEach((alpha, x) => {
    faint += rises[x];
    strength[x] = Math.min(alpha + Math.min(faint, 0.3), 1);
  });
  strength.forEach((alpha, x) => {
    if (alpha < 0.01) return;
    brush.globalAlpha = alpha;
    brush.fillRect(x, 0, 1, high);
  });
};

// The claims around the day shown: those whose days lie next to it, the more exact first.
const around = (looks) => {
  const far = ({ claim }) => Math.max(claim.first - view.day, view.day - claim.last, 0);
  const wide = ({ claim }) => claim.last - claim.first;
  const order = (a, b) => far(a) - far(b) || Math.min(wide(a), 1e9) - Math.min(wide(b), 1e9);
  const best = [];
  for (const look of looks) {
    if (best.length === AROUND && order(look, best.at(-1)) >= 0) continue;
    const place = best.findIndex((other) => order(other, look) > 0);
    best.splice(place < 0 ? best.length : place, 0, look);
    if (best.length > AROUND) best.pop();
  }
  return best.sort((a, b) => startOf(a.claim) - startOf(b.claim));
};
const fillBins = (chart, looks, shown, changed) => {
  const at = scaleOf(Math.max(isPhone() ? chart.clientWidth - 8 : ROOM.wide, 40));
  const inTime = shown.filter((look) => isInView(look.claim));
  // Bins have what may begin in the time shown, also where it has no earliest day.
  const { lanes, edges, most } = binsOf(shown.filter(({ claim }) => claim.first <= view.to && claim.last >= view.from));
  const x = at.begin(view.day + 1);
  const items = lanes.map((lane) => fillStrip(lane, at, edges, most));
  for (const lane of lanes) {
    const bars = stripOf(lane.lane).bars;
    let now = bars.querySelector(".now");
    if (!now) bars.append(now = make("i", { class: "now" }));
    now.hidden = view.day < view.from || view.day > view.to;
    now.style.left = `${x}px`;
  }
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
