// Telling days: those of the author, or those on which most is new, late or disputed.
import { DATA } from "./data.js";
import { setDates } from "./dates.js";
import { clamped, placeOf } from "./days.js";
import { redraw } from "./drawing.js";
import { button, byId, make, own, refill, set, span } from "./elements.js";
import {
  CLAIMS,
  ENDINGS,
  endedBy,
  firstKnown,
  isEnd,
  LAST_KNOWN,
  MENTIONS,
  reportedFirst,
  sizesOf,
  yearsLate,
} from "./model.js";
import { isPhone } from "./rows.js";
import { STATES } from "./states.js";
import { view } from "./view.js";
import { count, kindCount, language, listed, number, shortDate, t } from "./words.js";

const MOST_STEPS = 6;
const MOST_ADDED = 2;
// In a log of so many claims a day stands out by so many times the usual news.
const [MOST_CLAIMS, OUTSTANDING] = [160, 4];
const REASONS = /** @type {const} */ ({ disputed: "differ", superseded: "corrected", retracted: "withdrawn" });
const REMARKABLE = /** @type {const} */ (["differ", "late", "withdrawn", "corrected"]);
/** @type {(known: Day) => (claim: Claim) => boolean} */
const isKnownBy = (known) => (claim) => firstKnown[claim.number] <= known;
// What is new on each day of knowledge, in their order, and how much it matters.
/** @type {() => News[]} */
const newsOf = () => {
  /** @type {News[]} */
  const days = DATA.known.map((_, stop) => {
    return { stop, score: 0, day: 0, before: 0, come: [], late: [], differ: [], corrected: [], withdrawn: [] };
  });
  for (const claim of CLAIMS) {
    const known = firstKnown[claim.number];
    if (!Number.isFinite(known)) continue;
    const news = days[Math.max(placeOf(DATA.known, known), 0)];
    news.come.push(claim);
    if (claim.bundle < 0) news.score += 1;
    if (yearsLate(claim) >= 1 && claim.last !== claim.first && !isEnd(claim, isKnownBy(known))) news.late.push(claim);
  }
  for (const [mention, since, , reason] of DATA.asides) {
    if (reason !== "disputed" && reason !== "superseded" && reason !== "retracted") continue;
    const { claim, known } = MENTIONS[mention];
    if (reason === "disputed" || (known ?? -Infinity) < DATA.known[since])
      days[since][REASONS[reason]].push(CLAIMS[claim]);
  }
  let last = -Infinity;
  for (const news of days) {
    const known = DATA.known[news.stop];
    news.before = last;
    for (const claim of news.come) if (claim.last <= known) last = Math.max(last, claim.last);
    news.day = Number.isFinite(last) ? last : known;
    const mended = news.corrected.length + news.withdrawn.length;
    news.score += 5 * Math.min(news.differ.length, 2) + 4 * Math.min(news.late.length, 2) + 4 * Math.min(mended, 2);
  }
  return days.filter((news) => news.score || news.come.length);
};
// In digits, also where the words for one of a kind begin with a word for one; a number
// stands in the line of what is counted.
/** @type {(kind: string, size: number) => string} */
const plus = (kind, size) => {
  const digits = `${size < 0 ? "−" : "+"}${number(Math.abs(size))}`;
  const text = kindCount(kind, Math.abs(size), digits);
  return (text.includes(digits) ? text : text.replace(/^\S+/, digits)).replace(" ", "\u00a0");
};
// By how much the values of a relationship grew, or how much of each kind came; what is
// over by then, or was known before, adds nothing. What others end for certain is taken
// away, if it came before them.
/** @type {(news: News) => [string, number][]} */
const addedBy = ({ stop, day, before, come }) => {
  /** @type {(claim: Claim) => boolean} */
  const isCounted = (claim) =>
    claim.bundle < 0 &&
    !(claim.lasts && claim.endLast <= DATA.known[stop]) &&
    firstKnown[claim.number] === (reportedFirst[claim.subject] ?? firstKnown[claim.number]);
  if (!STATES || !DATA.relationship) {
    const [isThere, isNew] = [isKnownBy(DATA.known[stop]), new Set(come)];
    /** @type {(claim: Claim) => Claim[]} */
    const endersOf = (claim) =>
      ENDINGS[claim.number]
        .filter(([way]) => way === 1 || way === 3)
        .flatMap(([way, enders]) => {
          const since = claim.last + (way === 3 ? 1 : 0);
          return enders.map((n) => CLAIMS[n]).filter((ender) => since <= ender.first);
        })
        .filter((ender) => ender.group !== claim.group && isThere(ender));
    const added = come.filter((claim) => isCounted(claim) && !isEnd(claim, isThere) && !endersOf(claim).length);
    const ended = new Set(come.flatMap(endedBy));
    const over = [...ended].filter((claim) => {
      const enders = endersOf(claim);
      const isOpen = isThere(claim) && !isNew.has(claim) && isCounted(claim);
      return isOpen && enders.length && enders.every((ender) => isNew.has(ender));
    });
    const taken = sizesOf(over).map(([kind, size]) => /** @type {[string, number]} */ ([kind, -size]));
    return [...sizesOf(added), ...taken];
  }
  const [now, then] = [STATES.at(day, stop), STATES.at(before, stop - 1)];
  return now
    .map(
      ({ label, number }, n) =>
        /** @type {[string, number]} */ ([label, (number ?? 0) - (stop && (then[n].number ?? 0))]),
    )
    .filter(([label, change]) => DATA.spoken.includes(label) && change > 0);
};
// What a step says: what it adds, with the number of what is left out, and what is
// remarkable of what is new.
/** @type {(news: News) => string} */
const noteOf = (news) => {
  // What comes to light is added too: it is told once, if that is all of its kind.
  const late = new Map(sizesOf(news.late));
  const added = addedBy(news)
    .filter(([kind, size]) => late.get(kind) !== size)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  // More of something cannot stand for less of something else.
  const told = added.filter(([, size], n) => n < MOST_ADDED || size < 0);
  const more = added.reduce((sum, part) => sum + (told.includes(part) ? 0 : part[1]), 0);
  const parts = told.map(([kind, size]) => plus(kind, size));
  const names = REMARKABLE.filter((name) => news[name].length);
  const remarks = names.map((name) => {
    const what = listed(sizesOf(news[name]).map(([kind, size]) => kindCount(kind, size)));
    return t(`page.step_${name}`, { what });
  });
  const [comma, and] = [t("sentence.comma"), t("sentence.and")];
  const said = parts.join(comma) + (more ? and + count("more", more) : "");
  return [said, ...remarks].filter(Boolean).join(t("sentence.clause"));
};
// The days on which most is new; if none stands out, parts of the record of equal size.
/** @type {(all: News[]) => News[]} */
const chosenOf = (all) => {
  const best = all.toSorted((a, b) => b.score - a.score).slice(0, MOST_STEPS);
  const total = all.reduce((sum, news) => sum + news.score, 0);
  if (CLAIMS.length < MOST_CLAIMS || best[best.length - 1].score > (OUTSTANDING * total) / all.length) return best;
  /** @type {News[]} */
  const parts = [];
  let score = 0;
  for (const news of all) {
    const n = Math.min(Math.floor((MOST_STEPS * score) / total), MOST_STEPS - 1);
    const { before, come } = parts[n] ?? { before: news.before, come: [] };
    parts[n] = {
      ...news,
      before,
      come: come.concat(news.come),
      ...{ differ: [], late: [], corrected: [], withdrawn: [] },
    };
    score += news.score;
  }
  return parts.filter(Boolean);
};
// The note of a step in the language of the page, which is found once for each.
/** @type {(news: News) => () => string} */
const notesOf = (news) => {
  /** @type {Record<string, string>} */
  const notes = {};
  return () => {
    notes[language] ??= noteOf(news);
    return notes[language];
  };
};
/** @type {Step[]} */
export const STEPS = (() => {
  if (DATA.telling.length) {
    return DATA.telling.map(([day, known, note, picture]) => {
      return { day, known: known ?? LAST_KNOWN, note: () => note, picture };
    });
  }
  const all = DATA.basis === null ? newsOf() : [];
  const chosen = all.length ? chosenOf(all).toSorted((a, b) => a.stop - b.stop) : [];
  const steps = chosen.map((news) => {
    return { day: news.day, known: DATA.known[news.stop], note: notesOf(news), picture: null };
  });
  return steps.filter((step) => step.note());
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
  const here = Math.max(stepNow(), 0);
  const cards = STEPS.map((step, n) => {
    const note = step.note();
    const about = { class: "step", "data-key": `step${n}`, "aria-current": isStep(step) && "step", title: note };
    const card = button("", about, () => leap(n));
    const known = DATA.basis === null ? step.known : step.day;
    // Where there is room for one only, it says which of them it is.
    card.hidden = isPhone() && n !== here;
    const order = isPhone() && t("page.found", { n: n + 1, total: STEPS.length });
    card.append(make("b", {}, shortDate(known)), order ? span("quiet", order) : "");
    if (note) card.append(own(note, { class: "note" }));
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
};
