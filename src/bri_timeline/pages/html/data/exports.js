// What can be taken away: a citation, a table, the data, and the picture.
import { linkOf } from "./address.js";
import { DATA } from "./data.js";
import { iso } from "./days.js";
import { drawn } from "./drawing.js";
import { make } from "./elements.js";
import { ASIDE, asideOf, CERTAIN, CLAIMS, isHere, reportedOn, UNKNOWN } from "./model.js";
import { pngOf, svgOf } from "./picture.js";
import { asOf, basisText, citesOf, datedSource, view } from "./view.js";
import { dayWords, t } from "./words.js";

/** @type {(kind: string, type: string, content: BlobPart) => void} */
const save = (kind, type, content) => {
  const words = DATA.title.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-");
  const name = words.replace(/^-+|-+$/g, "").slice(0, 60) || "timeline";
  const url = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: url, download: `${name}-${iso(view.day)}.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
};
// Spreadsheets would run a cell that begins like a formula.
/** @type {(text: string) => string} */
const cell = (text) => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
/** @type {(day: Day) => string | null} */
const dayText = (day) => (Number.isFinite(day) ? iso(day) : null);
const WORDS = ["not reported yet", "set aside", "reported", "may have happened", "after this day"];
// The word for a status, the same in each file and language.
/** @type {(claim: Claim, now: Now) => string} */
const statusOfClaim = (claim, now) => {
  const is = now.statuses[claim.number];
  const reason = is === ASIDE ? asideOf(claim, now.stop)?.reason : "";
  const plan = is === CERTAIN ? now.plans.get(claim.number)?.status : "";
  return reason || plan || WORDS[is];
};
/** @type {(claim: Claim, now: Now) => Record<string, string | null>} */
const recordOf = (claim, now) => ({
  when: claim.when,
  earliest: dayText(claim.first),
  latest: dayText(claim.last),
  kind: DATA.kinds[claim.kind],
  what: claim.what,
  parties: DATA.parties[claim.party],
  status: statusOfClaim(claim, now),
  reported: now.statuses[claim.number] === UNKNOWN ? null : dayText(reportedOn(claim)),
});
/** @type {(now: Now, claims: Claim[]) => string} */
const csvOf = (now, claims) => {
  const rows = claims.map((claim) => {
    const cites = citesOf(claim);
    const sources = cites.map(({ source, where }) => datedSource(source) + (where ? `, ${where}` : "")).join("; ");
    return { ...recordOf(claim, now), sources, quotes: cites.flatMap(({ quote }) => quote || []).join("; ") };
  });
  const heads = "when earliest latest kind what parties status reported sources quotes".split(" ");
  const lines = [heads, ...rows.map((row) => Object.values(row).map((value) => value ?? ""))];
  return `\ufeff${lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("")}`;
};
// A value of the state: amounts of money with their currency, a number, or a text.
/** @type {(value: Value) => unknown} */
const plainValue = ({ amounts, number, text }) =>
  amounts.length ? amounts.map(([digits, currency]) => ({ amount: Number(digits), currency })) : (number ?? text);
/** @type {(now: Now, claims: Claim[]) => string} */
const jsonOf = (now, shown) => {
  const claims = shown.map((claim) => ({
    ...recordOf(claim, now),
    sources: citesOf(claim).map(({ source, where, quote }) => {
      const [title, container, author, published, url] = DATA.sources[source];
      return { title, container, author, published, url, locator: where, quote: quote || null };
    }),
  }));
  const values = Object.fromEntries(now.values.map((value) => [value.label || "value", plainValue(value)]));
  return JSON.stringify({ title: DATA.title, day: iso(view.day), known_by: basisText(), values, claims }, null, 1);
};
// Braces and backslashes would end a field of BibTeX, or begin a command.
/** @type {Record<string, string>} */
const PLAIN = { "{": "(", "}": ")", "\\": "/", "~": "-", "^": "" };
/** @type {(value: string) => string} */
const plain = (value) => value.replace(/[{}\\%#$&_~^]/g, (letter) => PLAIN[letter] ?? `\\${letter}`);
// Citations of this state by their format: a line of text, CSL-JSON, BibTeX.
/** @type {() => [string, string][]} */
export const citation = () => {
  const link = linkOf();
  const { title, author, version } = DATA;
  const [day, known] = [dayWords(view.day), asOf()];
  const full =
    known === null
      ? title + t("sentence.colon") + t("page.state", { day })
      : t("page.cite_text", { title, day, known });
  const today = new Date();
  const accessed = [today.getFullYear(), today.getMonth() + 1, today.getDate()];
  const text = [author, `“${full}”`, version && t("page.version", { version }), link].filter(Boolean).join(", ");
  const csl = {
    id: "timeline",
    type: "webpage",
    title: full,
    URL: link || undefined,
    accessed: { "date-parts": [accessed] },
    author: author ? [{ literal: author }] : undefined,
    version: version ?? undefined,
  };
  const fields = [
    ["title", plain(full)],
    ["author", author && `{${plain(author)}}`],
    ["version", version && plain(version)],
    ["urldate", accessed.map((part) => String(part).padStart(2, "0")).join("-")],
    ["url", link],
  ];
  const lines = fields.filter(([, value]) => value).map(([name, value]) => `  ${name} = {${value}},`);
  return [
    ["", text],
    ["CSL-JSON", JSON.stringify([csl], null, 1)],
    ["BibTeX", `@online{timeline,\n${lines.join("\n")}\n}`],
  ];
};
/** @type {(kind: string) => Promise<void>} */
export const download = async (kind) => {
  if (!drawn) return;
  const { now, matching } = drawn;
  const claims = CLAIMS.filter((claim) => matching.has(claim.group) && isHere(claim, now.stop));
  if (kind === "csv") save(kind, "text/csv;charset=utf-8", csvOf(now, claims));
  else if (kind === "json") save(kind, "application/json", jsonOf(now, claims));
  else if (kind === "svg") save(kind, "image/svg+xml", svgOf(drawn).text);
  else save(kind, "image/png", await pngOf(drawn));
};
