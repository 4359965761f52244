// The current view of the page, and the functions that draw it.
const view = {
  day: DATA.days.at(-1),
  stop: DATA.known.length - 1,
  from: null,
  to: null,
  chosen: null,
  off: new Set(),
};
const bounds = CLAIMS.flatMap((c) => [c.first, c.last, ...(c.extent ? [c.endFirst, c.endLast] : [])])
  .concat(DATA.days).filter(Number.isFinite);
const span = { first: Math.min(...bounds), last: Math.max(...bounds) };
const air = Math.max(Math.ceil((span.last - span.first) / 40), 1);
[view.from, view.to] = [span.first - air, span.last + air];
const whole = [view.from, view.to];

const evenStops = [...new Set([whole[0], whole[1] + 1, ...bounds, ...bounds.map((day) => day + 1)])]
  .sort((a, b) => a - b);

const lookOf = (claim, disputed, held) => {
  const found = statusOf(claim, view.day, view.stop);
  const counts = found.is === "certain";
  return {
    ...found,
    flagged: found.is !== "unknown" && disputed.has(claim.happening),
    holds: counts && (held.has(claim.number) || lasts(claim, view.day)),
  };
};

const matches = (claim, look) => {
  const words = byId("search").value.toLowerCase().trim();
  const wanted = byId("show").value;
  const fits = wanted === "all" || look.is === wanted || (wanted === "flagged" && look.flagged);
  return fits && claim.text.includes(words) && !view.off.has(laneOf(claim));
};
const laneOf = (claim) => claim[byId("by").value === "kinds" ? "kind" : "party"];

const lanesOf = (items) => {
  const lanes = new Map();
  for (const item of items) {
    const number = laneOf(item.claim);
    const title = DATA[byId("by").value][number];
    if (!lanes.has(number)) lanes.set(number, { number, title, items: [] });
    lanes.get(number).items.push(item);
  }
  return [...lanes.values()].sort((a, b) => a.number - b.number);
};

const isInView = (claim) => {
  const last = claim.extent ? claim.endLast : claim.last;
  return claim.first <= view.to && last >= view.from;
};

const fillPicture = (looks, matching) => {
  const width = Math.max(byId("chart").clientWidth, 280);
  const visible = CLAIMS.filter((claim) =>
    matching.has(claim.number) && looks[claim.number].is !== "unknown" && isInView(claim));
  const labelled = visible.length <= MOST_LABELS;
  const items = visible.map((claim) => {
    const lane = laneOf(claim);
    const look = { ...looks[claim.number], lane, shape: lane + Math.floor(lane / 8) };
    return { claim, look, label: labelled ? claim.what : "" };
  });
  const even = byId("spacing").value === "even";
  const at = even ? evenScale(evenStops, view.from, view.to, width)
    : timeScale(view.from, view.to, width);
  const ticks = even ? evenTicks(DATA.days, at) : ticksOf(at, Math.max(Math.floor(width / 90), 2));
  const focused = document.activeElement?.closest?.("#chart [data-claim]")?.dataset.claim;
  byId("chart").replaceChildren(drawnPicture({
    at, ticks, labelled, day: view.day, lanes: lanesOf(items), narrow: width < 560, count: items.length,
  }));
  if (focused) byId("chart").querySelector(`[data-claim="${focused}"]`)?.focus();
  const notes = [];
  if (even) notes.push("Evenly spaced: distances do not show how much time passed.");
  if (!labelled) notes.push(`${items.length.toLocaleString("en")} marks: zoom in, search or filter to read their labels.`);
  if (!items.length) notes.push("Nothing to show: no claim that was known by then fits the search and the filter.");
  byId("note").textContent = notes.join(" ");
};

const fillLanes = () => {
  const titles = DATA[byId("by").value];
  byId("lanes").replaceChildren(...titles.slice(0, 24).map((title, number) => {
    const pressed = String(!view.off.has(number));
    const look = draw("svg", { width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
      shape(number + Math.floor(number / 8), 0, 0, `mark k${number % 8}`));
    return make("button", { type: "button", class: "chip", "aria-pressed": pressed, "data-lane": number },
      look, title);
  }));
};

const fillSliders = () => {
  const place = Math.max(placeOf(DATA.days, view.day), 0);
  byId("day").value = String(place);
  fillSlider("day", view.day);
  if (DATA.basis === null) {
    byId("known").value = String(view.stop);
    fillSlider("known", DATA.known[view.stop]);
  }
};
const fillSlider = (name, day) => {
  byId(`${name}-said`).textContent = inWords(day);
  byId(name).setAttribute("aria-valuetext", inWords(day));
  const [year] = civil(day);
  byId(`${name}-pick`).value = year >= 1 && year <= 9999 ? iso(day) : "";
};

const counted = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
const fillSummary = (looks, disputed) => {
  const having = (is) => looks.filter((look) => look.is === is).length;
  const counts = [
    `${counted(having("certain"), "claim", "claims")} certain`,
    `${having("perhaps")} perhaps`,
    ...(having("later") ? [`${having("later")} later`] : []),
    ...(having("aside") ? [`${having("aside")} set aside`] : []),
  ];
  const differ = disputed.size
    ? ` Sources differ about ${counted(disputed.size, "happening", "happenings")}.` : "";
  byId("summary").textContent =
    `On ${inWords(view.day)}, ${asKnown(view.stop)}: ${counts.join(", ")}.${differ}`;
};

let pending = false;
const redraw = () => {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    redrawNow();
  });
};

const redrawNow = () => {
  const [disputed, held] = [disputedAt(view.stop), heldOn(view.day, view.stop)];
  const looks = CLAIMS.map((claim) => lookOf(claim, disputed, held));
  const matching = new Set(CLAIMS.filter((c) => matches(c, looks[c.number])).map((c) => c.number));
  fillSliders();
  fillSummary(looks, disputed);
  fillPicture(looks, matching);
  fillTable(looks, matching);
  showKnownCitations(view.stop);
  fillState(view.day, view.stop);
  const chosen = view.chosen === null ? null : CLAIMS[view.chosen];
  fillDetail(chosen, chosen && looks[chosen.number], view.stop);
  for (const node of document.querySelectorAll("[data-claim]")) {
    const on = Number(node.dataset.claim) === view.chosen;
    if (on) node.setAttribute("aria-pressed", "true");
    else if (node.closest("#chart")) node.removeAttribute("aria-pressed");
  }
};
