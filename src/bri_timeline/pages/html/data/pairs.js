// Small multiples: for each set of parties its claims over time; one can be chosen.
const MOST_PAIRS = 24;
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
  for (const { claim, is } of now.looks) {
    if (claim.bundle < 0) lines.get(claim.party)?.push([at.middle(timeOf(claim)), is]);
  }
  const most = 40;
  const cards = PAIRS.map(([party]) => {
    const marks = lines.get(party);
    const certain = marks.filter(([, is]) => is === CERTAIN).length;
    const svg = draw("svg", { width: 120, height: 22, "aria-hidden": "true" },
      draw("line", { x1: 0, x2: 120, y1: 21, y2: 21, class: "grid" }),
      ...(marks.length > most ? densityOf(marks) : marks.map(([x, is]) => draw("line", { x1: x, x2: x, y1: 5, y2: 20, class: `tickmark ${LOOKS[is]}` }))));
    const card = button("", { class: "pair", "data-key": `pair${party}`, "aria-pressed": String(view.pair === party) }, () => {
      view.pair = view.pair === party ? null : party;
      redraw();
    });
    card.append(own(DATA.parties[party], { class: "name", title: DATA.parties[party] }), make("span", { class: "quiet" }, t("page.found", { n: number(certain), total: counted("claims", marks.length) })), svg);
    return card;
  });
  refill(place, make("h2", {}, t("page.pairs")), make("div", { class: "cards", role: "group", "aria-label": t("page.pairs"), "data-stops": "" }, ...cards));
};
const densityOf = (marks) => {
  const bins = new Array(40).fill(0);
  for (const [x] of marks) bins[clamped(Math.floor(x / 3), 0, 39)] += 1;
  const most = Math.max(...bins);
  return bins.map((n, k) => draw("rect", { x: 3 * k, y: 21 - (18 * n) / most, width: 2.4, height: (18 * n) / most, class: "tickmark" }));
};
