// Telling days: those of the author, or those on which most is new, late or disputed.
const MOST_STEPS = 6;

const newsAt = () => {
  const byStop = new Map();
  const at = (stop) => {
    if (!byStop.has(stop)) byStop.set(stop, { stop, score: 0, come: [], late: [], differ: [], corrected: [], withdrawn: [], last: -Infinity });
    return byStop.get(stop);
  };
  for (const claim of CLAIMS) {
    const known = firstKnown[claim.number];
    if (!Number.isFinite(known)) continue;
    const news = at(Math.max(placeOf(DATA.known, known), 0));
    news.come.push(claim);
    if (claim.bundle < 0) news.score += 1;
    if (yearsLate(claim) >= 1 && claim.last !== claim.first) news.late.push(claim);
  }
  for (const [mention, since, , reason] of DATA.asides) {
    const name = { disputed: "differ", superseded: "corrected", retracted: "withdrawn" }[reason];
    if (!name) continue;
    const known = MENTIONS[mention].known;
    if (reason === "disputed" || known === null || known < DATA.known[since]) at(since)[name].push(CLAIMS[MENTIONS[mention].claim]);
  }
  for (const news of byStop.values()) {
    news.score += 5 * Math.min(news.differ.length, 2) + 4 * Math.min(news.late.length, 2) + 4 * Math.min(news.corrected.length + news.withdrawn.length, 2);
  }
  return [...byStop.values()].sort((a, b) => a.stop - b.stop);
};
// What a step says: the most remarkable of what is new.
const noteOf = (news) => {
  const [name, claims] = ["differ", "late", "withdrawn", "corrected"].map((one) => [one, news[one]]).find(([, found]) => found.length) ?? ["new", news.come];
  if (!claims.length) return "";
  const rank = (claim) => (KINDS.indexOf(DATA.kinds[claim.kind]) + KINDS.length + 1) % (KINDS.length + 1);
  claims.sort((a, b) => rank(a) - rank(b) || b.last - a.last);
  if (name === "new" && claims.length > 1) {
    const main = claims.find((claim) => GROUPS[claim.group].parts.length);
    const kinds = new Map();
    for (const claim of claims) if (claim.bundle < 0) kinds.set(claim.kind, (kinds.get(claim.kind) ?? 0) + 1);
    const [kind, most] = [...kinds].sort((a, b) => b[1] - a[1])[0] ?? [claims[0].kind, 1];
    if (!main && most > 2 && isCounted(DATA.kinds[kind].toLowerCase())) return count(DATA.kinds[kind].toLowerCase(), most);
    return (main ?? claims.find((claim) => claim.bundle < 0) ?? claims[0]).what;
  }
  return t(`page.step_${name}`, { what: claims[0].what });
};
const STEPS = (() => {
  if (DATA.telling.length) {
    return DATA.telling.map(([day, known, note, picture]) => ({
      day, known: known ?? LAST_KNOWN, note: () => note, picture }));
  }
  if (DATA.basis !== null) return [];
  let last = -Infinity;
  const all = newsAt().map((news) => {
    const known = DATA.known[news.stop];
    for (const claim of news.come) if (claim.last <= known) last = Math.max(last, claim.last);
    return { ...news, day: Number.isFinite(last) ? last : known };
  });
  const kept = all.slice().sort((a, b) => b.score - a.score).slice(0, MOST_STEPS);
  return all.filter((news) => kept.includes(news)).map((news) => ({ day: news.day, known: DATA.known[news.stop], note: () => noteOf(news), picture: null }));
})();

const isStep = (step) => step.day === view.day && step.known === view.known;
const goTo = (place) => {
  const step = STEPS[clamped(place, 0, STEPS.length - 1)];
  setDates(step.day, step.known);
};
// The step shown, or the last one before the dates shown.
const stepNow = () => {
  const exact = STEPS.findIndex(isStep);
  if (exact >= 0) return exact;
  return STEPS.findLastIndex((step) => step.known <= view.known && step.day <= view.day);
};
let playing = 0;
const stopPlaying = () => {
  clearInterval(playing);
  playing = 0;
};
const play = () => {
  if (playing) stopPlaying();
  else {
    if (stepNow() >= STEPS.length - 1) goTo(0);
    playing = setInterval(() => {
      if (stepNow() >= STEPS.length - 1) stopPlaying();
      else goTo(stepNow() + 1);
      redraw();
    }, 2400);
  }
  redraw();
};
const fillSteps = () => {
  const place = byId("steps");
  place.hidden = STEPS.length < 2;
  if (place.hidden) return;
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", t("page.steps"));
  const cards = STEPS.map((step, n) => {
    const known = DATA.basis === null ? step.known : step.day;
    const note = step.note();
    const card = button("", { class: "step", "data-key": `step${n}`, "aria-current": isStep(step) ? "step" : null, title: note },
      () => { stopPlaying(); goTo(n); });
    card.append(make("b", {}, dayWords(known)), own(note, { class: "note" }));
    if (step.picture) card.append(make("img", { src: step.picture, alt: "" }));
    return card;
  });
  const way = (text, key, step) => button(text, { class: "way", "data-key": key, "aria-label": t(`page.${key}`), title: t(`page.${key}`) },
    () => { stopPlaying(); goTo(stepNow() + step); });
  refill(place, ...cards, way("‹", "previous", -1), way("›", "next", 1), button(playing ? `❚❚ ${t("page.pause")}` : `▶ ${t("page.play")}`, { class: "play", "data-key": "play" }, play));
  const current = place.querySelector("[aria-current]");
  if (current && place.scrollWidth > place.clientWidth) place.scrollLeft = current.offsetLeft - 40;
};
