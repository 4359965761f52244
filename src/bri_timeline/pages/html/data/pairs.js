// Small multiples: for each set of parties its claims over time; one can be chosen.
const MOST_PAIRS = 24;
const MOST_MARKS = 40;
const PAIRS = (() => {
  const sizes = new Map();
  for (const claim of CLAIMS) {
    if (claim.bundle < 0) sizes.set(claim.party, (sizes.get(claim.party) ?? 0) + 1);
  }
  return [...sizes].sort((a, b) => b[1] - a[1]).slice(0, MOST_PAIRS);
})();
const fillPairs = (now) => {
  const place = byId("pairs");
  place.hidden = PAIRS.length < 2 || DATA.embed;
  if (place.hidden) return;
  const at = scaleFor(120, WHOLE[0], WHOLE[1] + 1, DAYS_SEEN, view.scale === "even");
  const lines = new Map(PAIRS.map(([party]) => [party, []]));
  for (const look of now.looks) if (look.claim.bundle < 0) lines.get(look.claim.party)?.push(look);
  const cards = PAIRS.map(([party]) => {
    const marks = lines.get(party);
    const certain = marks.filter(({ is }) => is === CERTAIN).length;
    const svg = draw("svg", { width: 120, height: 22, "aria-hidden": "true" },
      draw("line", { x1: 0, x2: 120, y1: 21, y2: 21, class: "grid" }),
      ...(marks.length > MOST_MARKS ? densityOf(marks, at) : marks.map(({ claim, is }) => tickOf(claim, is, at))));
    const card = button("", { class: "pair", "data-key": `pair${party}`, "aria-pressed": String(view.pair === party) }, () => {
      view.pair = view.pair === party ? null : party;
      redraw();
    });
    card.append(own(table().parties[party], { class: "name", title: table().parties[party] }), make("span", { class: "quiet" }, t("page.found", { n: number(certain), total: counted("claims", marks.length) })), svg);
    return card;
  });
  refill(place, make("h2", {}, t("page.pairs")), make("div", { class: "cards", role: "group", "aria-label": t("page.pairs"), "data-stops": "" }, ...cards));
};
// A line for a day, and a pale bar for days among which the date may lie.
const tickOf = (claim, is, at) => {
  const [x, end] = [at.middle(claim.first), at.middle(claim.last)];
  return end - x < 1 ? draw("line", { x1: x, x2: x, y1: 5, y2: 20, class: `tickmark ${LOOKS[is]}` })
    : draw("rect", { x, y: 9, width: end - x, height: 8, class: "tickmark wide" });
};
const densityOf = (marks, at) => {
  const edges = edgesOf(...WHOLE, MOST_MARKS);
  const { low, total } = countsIn(edges, marks);
  const most = Math.max(1, ...total);
  return [[total, " wide"], [low, ""]].flatMap(([counts, name]) => counts.map((n, k) => {
    const [x, end] = [at.begin(edges[k]), at.begin(edges[k + 1])];
    return draw("rect", { x, y: 21 - (18 * n) / most, width: Math.max(end - x - 0.6, 0.6), height: (18 * n) / most, class: `tickmark${name}` });
  }));
};
