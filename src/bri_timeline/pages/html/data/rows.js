// The rows of the chart: one for each happening, with the text beside its marks.
const MOST_ROWS = 160;
const isPhone = () => innerWidth <= 600;
const rowNodes = new Map();
let roving = null; // the group whose row Tab reaches

const statusText = (look) => {
  if (look.plan && look.is === CERTAIN) {
    const expected = look.plan.expected ? t("sentence.pause") + t("status.expected", { when: dateWords(look.plan.expected) }) : "";
    return t(`status.${look.plan.status}`) + expected;
  }
  if (look.is === ASIDE) {
    const why = look.aside.because ? t("sentence.pause") + t("status.because", { why: look.aside.because }) : "";
    return t(`status.${look.aside.reason}`) + why;
  }
  return t(`status.${STATUS[look.is]}`) + (look.claim.isEstimate && look.is === CERTAIN ? t("sentence.pause") + t("status.estimate") : "")
    + (look.mayHaveEnded ? t("sentence.pause") + t("status.ended") : "");
};
// Who says so, in short; where sources differ, which of them is taken.
const saysText = (look) => {
  const { claim } = look;
  if (look.is === UNKNOWN) return "";
  const name = (one) => sourcesOf(one).map(shortOf)[0] ?? t("status.no_source");
  if (look.differs) {
    const taken = t("status.taken", { source: `${name(claim)} ${shortWhen(claim)}` });
    return `${t("status.differ")}${t("sentence.colon")}${[taken, ...look.rivals.map((one) => `${name(one)} ${shortWhen(one)}`)].join(t("sentence.comma"))}`;
  }
  const late = yearsLate(claim);
  if (late >= 1 && look.is !== ASIDE) {
    return t("status.first_late", { known: dayWords(reportedFirst[claim.group]), years: count("years", late) });
  }
  if (look.replaced.length) return t("status.superseded");
  const numbers = new Map();
  for (const one of sourcesOf(claim)) {
    numbers.set(shortOf(one), [...(numbers.get(shortOf(one)) ?? []), one + 1]);
  }
  return [...numbers].map(([source, all]) => `${source} [${all.join(", ")}]`).join(t("sentence.comma")) || t("status.no_source");
};
const shortWhen = (claim) => (claim.first === claim.last ? shortDay(claim.first) : dateWords(claim.when));
const dotsOf = (number) => (number > 4 ? `●×${number}` : "●".repeat(number) || "○");

const newRow = (group) => {
  const parts = {
    kind: make("span", { class: "kind" }),
    when: make("span", { class: "when" }),
    what: make("span", { class: "what", dir: "auto", lang: "" }),
    state: make("span", { class: "is" }),
    marks: draw("svg", { class: "marks", "aria-hidden": "true", height: HIGH }),
    count: make("span", { class: "count" }),
    says: make("span", { class: "says", dir: "auto" }),
  };
  const hit = make("button", { type: "button", class: "row", tabindex: "-1", "data-group": group.number },
    parts.kind, parts.when, make("span", { class: "text" }, parts.what, parts.state), parts.marks, parts.count, parts.says);
  const item = make("li", {}, hit);
  return { item, hit, ...parts, marked: "" };
};
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const setTitle = (node, text) => { if (node.title !== text) node.title = text; };

const fillRow = (look, at, changed, isFirst) => {
  const { group, claim } = look;
  if (!rowNodes.has(group.number)) rowNodes.set(group.number, newRow(group));
  const row = rowNodes.get(group.number);
  const status = statusText(look);
  const sources = look.is === UNKNOWN ? 0 : sourcesOf(claim).length;
  setText(row.kind, laneName(laneOf(claim)));
  row.kind.className = `kind k${colourOf(laneOf(claim))}${isFirst ? "" : " again"}`;
  setTitle(row.kind, row.kind.textContent);
  const rivals = look.differs ? look.rivals.map((one) => dateWords(one.when)) : [];
  setText(row.when, formats.or.format([...new Set([dateWords(claim.when), ...rivals])]));
  setTitle(row.when, claim.when);
  setText(row.what, claim.what);
  setTitle(row.what, row.when.textContent + t("sentence.colon") + claim.what);
  setText(row.state, status);
  row.state.classList.toggle("plain", status === t("status.certain"));
  setText(row.count, look.is === UNKNOWN ? "" : dotsOf(sources));
  setTitle(row.count, look.is === UNKNOWN ? "" : count("sources", sources));
  row.count.setAttribute("aria-label", row.count.title);
  row.count.setAttribute("role", "img");
  row.count.classList.toggle("none", look.is === UNKNOWN);
  setText(row.says, saysText(look));
  setTitle(row.says, row.says.textContent);
  const isDay = claim.first === claim.last && !claim.lasts;
  row.hit.className = ["row", STATUS[look.is], look.differs ? "differs" : "", isDay ? "day" : "loose",
    claim.bundle < 0 ? "" : claim.isPart ? "part" : "part maybe", changed ? "changed" : ""].filter(Boolean).join(" ");
  row.hit.dataset.claim = claim.number;
  row.hit.dataset.status = STATUS[look.is];
  row.hit.setAttribute("aria-expanded", String(view.claim === group.number));
  if (at) {
    const shapes = marksOf(look, at, view.day);
    const x = at.begin(view.day + 1);
    const now = view.day >= view.from && view.day <= view.to ? [["line", { x1: x, x2: x, y1: -60, y2: HIGH + 60, class: "now" }]] : [];
    const drawn = JSON.stringify([at.width, now, shapes]);
    if (drawn !== row.marked) {
      row.marked = drawn;
      row.marks.setAttribute("width", at.width);
      row.marks.replaceChildren(...[...now, ...shapes].map(([tag, attributes]) => draw(tag, attributes)));
    }
  }
  return row.item;
};

const foldOf = (group, isSure) => `${group}${isSure ? "" : "?"}`;
// The parts of a bundle, folded: the certain ones in a line, the others in another.
const foldRow = (group, looks, parts, isSure) => {
  const names = parts.map((part) => looks[part].claim.what.replace(/^[^:：]{1,24}[:：] ?/, "").replace(/ ?[(（][^)）]*[)）]$/, ""));
  const text = `${t(isSure ? "status.part" : "status.maybe_part")}${t("sentence.colon")}${names.join(" · ")}`;
  const isOpen = view.open.has(foldOf(group.number, isSure));
  const hit = make("button", { type: "button", class: "row fold", tabindex: "-1", "data-fold": foldOf(group.number, isSure),
    "aria-expanded": String(isOpen), "data-key": `fold${group.number}${isSure}` },
  make("span", { class: "kind again" }), make("span", { class: "text", title: text }, own(`${isOpen ? "▾" : "▸"} ${text}`)),
  make("span", { class: "count" }), make("span", { class: "says" }, count("parts", parts.length)));
  return make("li", {}, hit);
};

const headRow = (at) => {
  const ticks = ticksOf(at);
  const svg = draw("svg", { class: "axis", width: at.width, height: 28, "aria-hidden": "true" },
    ...ticks.flatMap(({ x, text, day }) => [
      draw("text", { x, y: 14, class: "tick" }, text),
      draw("line", { x1: at.middle(day), x2: at.middle(day), y1: 20, y2: 27, class: "grid" })]));
  return make("div", { class: "head", id: "axis" }, make("span", { class: "kind" }), make("span", { class: "text" }), svg,
    make("span", { class: "count" }), make("span", { class: "says" }, t("page.says")));
};

const ROOM = { wide: 0 };
const measureRoom = () => {
  // Widths are read once, before anything is changed: reading later would cost a layout.
  ROOM.overview = Math.max(Math.floor(byId("picture").clientWidth), 60);
  ROOM.plane = Math.max(Math.floor(byId("plane").clientWidth), 120);
  // The width that the style sheet leaves for the marks.
  const probe = make("div", { class: "head probe" }, make("span", { class: "kind" }), make("span", { class: "text" }),
    make("span", { class: "axis" }), make("span", { class: "count" }), make("span", { class: "says" }));
  byId("chart").append(probe);
  ROOM.wide = Math.max(Math.floor(probe.children[2].getBoundingClientRect().width), 40);
  probe.remove();
};

// The colours of lanes, for what is painted.
let colours = [];
const readColours = () => {
  colours = Array.from({ length: 8 }, (_, n) => getComputedStyle(byId(`colour${n}`)).color);
  ROOM.edge = getComputedStyle(byId("overview")).color;
};

// Fill the chart with rows, by lane or, on a telephone, by date.
const fillRows = (chart, looks, shown, changed) => {
  const phone = isPhone();
  const order = shown.filter((look) => !isFolded(look.group) || view.query || view.open.has(foldOf(look.claim.bundle, look.claim.isPart)) || look.group.number === view.claim);
  const time = (look) => (Number.isFinite(look.claim.last) ? look.claim.last : look.claim.first);
  const place = new Map(lanesBy().map((_, n) => [n, Infinity]));
  for (const look of looks) place.set(laneOf(look.claim), Math.min(place.get(laneOf(look.claim)), startOf(look.claim)));
  const laneOrder = (look) => [phone ? 0 : LANE_ORDER(laneOf(look.claim), place), phone ? 0 : laneOf(look.claim)];
  const home = (look) => (look.claim.bundle >= 0 ? looks[look.claim.bundle] : look);
  order.sort((a, b) => {
    const [x, y] = [home(a), home(b)];
    const lanes = laneOrder(x)[0] - laneOrder(y)[0] || laneOrder(x)[1] - laneOrder(y)[1];
    return lanes || time(x) - time(y) || x.group.number - y.group.number || (a === x ? -1 : b === y ? 1 : a.group.number - b.group.number);
  });
  const at = phone ? null : scaleOf(ROOM.wide);
  const items = [];
  let lane = null;
  for (const look of order) {
    const isFirst = phone || laneOf(look.claim) !== lane;
    lane = laneOf(look.claim);
    items.push(fillRow(look, at, changed.has(look.group.number), isFirst));
    const parts = look.group.parts.filter((part) => part !== look.group.number && looks[part].is !== UNKNOWN);
    for (const isSure of [true, false]) {
      const some = parts.filter((part) => looks[part].claim.isPart === isSure);
      if (some.length && !view.query) items.push(foldRow(look.group, looks, some, isSure));
    }
  }
  let list = chart.querySelector("ol.rows");
  if (!list) {
    list = make("ol", { class: "rows", role: "list" });
    refill(chart, list);
  }
  chart.querySelector(".head")?.remove();
  if (at) list.before(headRow(at));
  arrange(list, items);
  setRoving(list);
};
// Kinds in the order in which a reader asks for them, others by their first date.
const LANE_ORDER = (lane, place) => {
  const known = view.by === "kind" ? KINDS.indexOf(DATA.kinds[lane]) : -1;
  return known >= 0 ? known - 1e9 : place.get(lane);
};

const setRoving = (list) => {
  const hits = [...list.querySelectorAll("button.row")];
  const chosen = hits.find((hit) => Number(hit.dataset.group) === (roving ?? view.claim)) ?? hits[0];
  for (const hit of hits) hit.tabIndex = hit === chosen ? 0 : -1;
};
const moveRoving = (from, step) => {
  const hits = [...byId("chart").querySelectorAll("button.row, button.bin")];
  const place = hits.indexOf(from);
  const to = Math.abs(step) === Infinity ? (step > 0 ? hits.length - 1 : 0) : clamped(place + step, 0, hits.length - 1);
  for (const hit of hits) hit.tabIndex = -1;
  hits[to].tabIndex = 0;
  roving = hits[to].dataset.group === undefined ? roving : Number(hits[to].dataset.group);
  hits[to].focus();
};
