// The modules that need no browser, against what the library says of the same log.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ANSWERS = JSON.parse(readFileSync("answers.json", "utf8"));
const textContent = JSON.stringify(ANSWERS.data);
Object.assign(globalThis, { document: { getElementById: () => ({ textContent }) } });

const { civil, dayOf, iso, parsed, placeOf, yearsTo } = await import("./days.js");
const { count, dateWords, dayWords, fill, setLanguage, t, table } = await import("./words.js");
const { CERTAIN, CLAIMS, isDay, PERHAPS } = await import("./model.js");
const { know, snapshot, view } = await import("./view.js");
const { edgesOf, countsIn } = await import("./bins.js");
const { scaleFor, ticksOf } = await import("./scale.js");
const { marksOf } = await import("./marks.js");
const { countedIn, sentenceOf } = await import("./sentence.js");

const DIGESTS = ANSWERS.data.digests;

/** Show what a view of the library shows. */
const show = ({ day, known }) => {
  view.day = day;
  know(typeof known === "string" && parsed(known) !== null ? parsed(known) : view.known);
  return snapshot();
};

test("days are numbered and written as in Python", () => {
  for (const [day, text, parts] of ANSWERS.days) {
    assert.equal(iso(day), text);
    assert.deepEqual(civil(day), parts);
    assert.equal(dayOf(...parts), day);
    assert.equal(parsed(text), day);
  }
  assert.equal(parsed("2015-04-31"), null);
  assert.equal(yearsTo(dayOf(2015, 2, 28), dayOf(2020, 2, 27)), 4);
  assert.equal(yearsTo(dayOf(2015, 2, 28), dayOf(2020, 2, 28)), 5);
  assert.deepEqual(
    [-1, 0, 1, 1].map((value) => placeOf([0, 1], value)),
    [-1, 0, 1, 1],
  );
});

test("days, dates and counts are worded as by the library", () => {
  for (const [code, answers] of Object.entries(ANSWERS.words)) {
    setLanguage(code);
    for (const [day, text] of answers.days) assert.equal(dayWords(day), text);
    for (const [number, text] of answers.counts) assert.equal(count("visits", number), text);
    for (const [date, text] of answers.dates) {
      if (CLAIMS.some((claim) => claim.when === date)) assert.equal(dateWords(date), text);
    }
  }
  setLanguage("en");
});

test("claims say the same in each language as in the library", () => {
  for (const [code, said] of Object.entries(ANSWERS.said)) {
    setLanguage(code);
    for (const claim of CLAIMS) assert.equal(claim.what, said[DIGESTS[claim.number]]);
  }
  setLanguage("en");
});

test("bins have the edges of pictures", () => {
  for (const [first, last, most, edges] of ANSWERS.edges) assert.deepEqual(edgesOf(first, last, most), edges);
});

test("a scale that is true to time is that of pictures, and each leads back to its day", () => {
  for (const [first, last, places] of ANSWERS.scales) {
    const scale = scaleFor(700, first, last + 1, [], false);
    const even = scaleFor(
      700,
      first,
      last + 1,
      places.map(([day]) => day),
      true,
    );
    for (const [day, begin, middle] of places) {
      assert.ok(Math.abs(scale.begin(day) - begin) < 1e-6);
      assert.ok(Math.abs(scale.middle(day) - middle) < 1e-6);
      if (day >= first && day <= last) assert.equal(even.dayAt(even.middle(day)), day);
    }
  }
});

test("labels of the axis do not overlap", () => {
  for (const name of ["time", "even"]) {
    view.scale = name;
    const scale = scaleFor(700, view.from, view.to + 1, [], name === "even");
    const labels = ticksOf(scale, (text) => 7 * text.length);
    labels.slice(1).forEach((label, n) => {
      assert.ok(label.x - labels[n].x >= 3.5 * (label.text.length + labels[n].text.length));
    });
  }
});

test("rows, bins and sentences are those of pictures", () => {
  for (const answer of ANSWERS.views) {
    const now = show(answer);
    const rows = now.looks
      .filter(({ is }) => is === CERTAIN || is === PERHAPS)
      .map((look) => ({
        digest: DIGESTS[look.claim.number],
        status: look.is === CERTAIN ? "certain" : "undecided",
        holds: look.is === CERTAIN && look.holds && !look.claim.lasts,
        ended: look.mayHaveEnded,
      }));
    const byDigest = (a, b) => (a.digest < b.digest ? -1 : 1);
    assert.deepEqual(rows.sort(byDigest), answer.rows.sort(byDigest));
    for (const { rivals, replaced, claim } of now.looks) {
      const ghosts = [...rivals, ...replaced.map((old) => old.claim)].map((ghost) => DIGESTS[ghost.number]);
      for (const digest of answer.ghosts[DIGESTS[claim.number]] ?? []) assert.ok(ghosts.includes(digest));
    }
    const [edges, low, high] = answer.bins;
    const { low: certain, high: possible } = countsIn(edges, now.looks);
    assert.deepEqual([certain, possible], [low, high]);
    const { what, clauses } = sentenceOf(now, countedIn(now));
    const parts = [what, ...clauses.filter(([name]) => name !== "late").map(([, text]) => text)];
    const values = { day: dayWords(view.day), known: dayWords(view.known), what: parts.join(t("sentence.clause")) };
    const pattern = ANSWERS.data.known.length && answer.sentence.includes("all that is known") ? "everything" : "known";
    // Pages write amounts as the language does.
    const [page, picture] = [fill(table().sentence[pattern], values), answer.sentence].map((text) =>
      text.replaceAll(/ worth \$?[\d,.]*\d( million)?( USD)?/g, ""),
    );
    assert.equal(page, picture);
  }
});

test("a mark stands at its day, from its first day to its last, and is struck if set aside", () => {
  for (const answer of ANSWERS.views) {
    const scale = scaleFor(700, view.from, view.to + 1, [], false);
    for (const look of show(answer).looks) {
      const shapes = marksOf(look, scale, view.day);
      const { claim } = look;
      const dots = shapes.filter(([tag, { class: name }]) => tag === "circle" && !`${name}`.startsWith("ghost"));
      if (isDay(claim))
        assert.deepEqual(
          dots.map(([, { cx }]) => cx),
          [scale.middle(claim.first)],
        );
      else assert.equal(dots.length, 0);
      const [span] = shapes.filter(([tag, { class: name }]) => tag === "rect" && !`${name}`.includes("fade"));
      if (!claim.lasts && Number.isFinite(claim.last - claim.first) && !isDay(claim)) {
        assert.equal(span[1].x, scale.begin(claim.first));
      }
      assert.equal(
        shapes.some(([, { class: name }]) => name === "strike"),
        look.aside !== null,
      );
    }
  }
});
