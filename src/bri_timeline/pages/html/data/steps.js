// Telling days: those of the author, or those on which most is new, late or disputed.
import { DATA } from "./data.js";
import { setDates } from "./dates.js";
import { clamped, placeOf } from "./days.js";
import { redraw } from "./drawing.js";
import { button, byId, make, own, refill, set } from "./elements.js";
import { CLAIMS, firstKnown, GROUPS, LAST_KNOWN, MENTIONS, yearsLate } from "./model.js";
import { KINDS, view } from "./view.js";
import { dayWords, kindCount, t } from "./words.js";

const MOST_STEPS = 6;
const REASONS = /** @type {const} */ ({ disputed: "differ", superseded: "corrected", retracted: "withdrawn" });
// What is new on each day of knowledge, in their order, and how much it matters.
/** @type {() => News[]} */
const newsOf = () => {
  /** @type {News[]} */
  const days = DATA.known.map((_, stop) => {
    return { stop, score: 0, come: [], late: [], differ: [], corrected: [], withdrawn: [] };
  });
  for (const claim of CLAIMS) {
    const known = firstKnown[claim.number];
    if (!Number.isFinite(known)) continue;
    const news = days[Math.max(placeOf(DATA.known, known), 0)];
    news.come.push(claim);
    if (claim.bundle < 0) news.score += 1;
    if (yearsLate(claim) >= 1 && claim.last !== claim.first) news.late.push(claim);
  }
  for (const [mention, since, , reason] of DATA.asides) {
    if (reason !== "disputed" && reason !== "superseded" && reason !== "retracted") continue;
    const { claim, known } = MENTIONS[mention];
    if (reason === "disputed" || (known ?? -Infinity) < DATA.known[since])
      days[since][REASONS[reason]].push(CLAIMS[claim]);
  }
  for (const news of days) {
    const mended = news.corrected.length + news.withdrawn.length;
    news.score += 5 * Math.min(news.differ.length, 2) + 4 * Math.min(news.late.length, 2) + 4 * Math.min(mended, 2);
  }
  return days.filter((news) => news.score || news.come.length);
};
// What a step says: the most remarkable of what is new.
/** @type {(news: News) => string} */
const noteOf = (news) => {
  const name = /** @type {const} */ (["differ", "late", "withdrawn", "corrected"]).find((name) => news[name].length);
  const rank = (/** @type {Claim} */ { kind }) =>
    (KINDS.indexOf(DATA.kinds[kind]) + KINDS.length + 1) % (KINDS.length + 1);
  const claims = (name ? news[name] : news.come).toSorted((a, b) => rank(a) - rank(b) || b.last - a.last);
  if (name) return t(`page.step_${name}`, { what: claims[0].what });
  if (!claims.length) return "";
  const main = claims.find((claim) => GROUPS[claim.group].parts.length);
  const whole = claims.filter((claim) => claim.bundle < 0);
  const sizes = DATA.kinds.map((kind, n) => ({ kind, size: whole.filter((claim) => claim.kind === n).length }));
  const { kind, size } = sizes.reduce((most, next) => (next.size > most.size ? next : most));
  const counted = !main && size > 2 ? kindCount(kind, size) : "";
  return counted || (main ?? whole[0] ?? claims[0]).what;
};
/** @type {Step[]} */
export const STEPS = (() => {
  if (DATA.telling.length) {
    return DATA.telling.map(([day, known, note, picture]) => {
      return { day, known: known ?? LAST_KNOWN, note: () => note, picture };
    });
  }
  if (DATA.basis !== null) return [];
  const all = newsOf();
  const chosen = new Set(all.toSorted((a, b) => b.score - a.score).slice(0, MOST_STEPS));
  let last = -Infinity;
  return all.flatMap((news) => {
    const known = DATA.known[news.stop];
    for (const claim of news.come) if (claim.last <= known) last = Math.max(last, claim.last);
    const day = Number.isFinite(last) ? last : known;
    return chosen.has(news) ? { day, known, note: () => noteOf(news), picture: null } : [];
  });
})();
/** @type {(step: Step) => boolean} */
const isStep = (step) => step.day === view.day && step.known === view.known;
/** @type {(place: number) => void} */
export const goTo = (place) => {
  const step = STEPS[clamped(place, 0, STEPS.length - 1)];
  setDates(step.day, step.known);
};
// The step shown, or the last one before the dates shown.
export const stepNow = () => {
  const exact = STEPS.findIndex(isStep);
  if (exact >= 0) return exact;
  return STEPS.findLastIndex((step) => step.known <= view.known && step.day <= view.day);
};
export let playing = 0;
const stopPlaying = () => {
  clearInterval(playing);
  playing = 0;
};
const play = () => {
  if (playing) stopPlaying();
  else {
    if (stepNow() >= STEPS.length - 1) goTo(0);
    playing = window.setInterval(() => {
      if (stepNow() >= STEPS.length - 1) stopPlaying();
      else goTo(stepNow() + 1);
      redraw();
    }, 2400);
  }
  redraw();
};
/** @type {(place: number) => void} */
const leap = (place) => {
  stopPlaying();
  goTo(place);
};
export const fillSteps = () => {
  const place = byId("steps");
  place.hidden = STEPS.length < 2;
  if (place.hidden) return;
  set(place, { role: "group", "aria-label": t("page.steps") });
  const cards = STEPS.map((step, n) => {
    const note = step.note();
    const about = { class: "step", "data-key": `step${n}`, "aria-current": isStep(step) && "step", title: note };
    const card = button("", about, () => leap(n));
    const known = DATA.basis === null ? step.known : step.day;
    card.append(make("b", {}, dayWords(known)), own(note, { class: "note" }));
    if (step.picture) card.append(make("img", { src: step.picture, alt: "" }));
    return card;
  });
  /** @type {(text: string, key: string, step: number) => HTMLElement} */
  const way = (text, key, step) => {
    const label = t(`page.${key}`);
    return button(text, { class: "way", "data-key": key, "aria-label": label, title: label }, () =>
      leap(stepNow() + step),
    );
  };
  const text = playing ? `❚❚ ${t("page.pause")}` : `▶ ${t("page.play")}`;
  const player = button(text, { class: "play", "data-key": "play" }, play);
  refill(place, ...cards, way("‹", "previous", -1), way("›", "next", 1), player);
  const current = cards.find((card) => card.hasAttribute("aria-current"));
  if (current && place.scrollWidth > place.clientWidth) place.scrollLeft = current.offsetLeft - 40;
};
