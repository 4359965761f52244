// The table of claims, the accessible twin of the chart: filled while it is open.
import { DATA } from "./data.js";
import { redraw, redrawNow } from "./drawing.js";
import { all, button, byId, make, onlyIfNew, refill, setText } from "./elements.js";
import { ASIDE, asideOf, CERTAIN, CLAIMS, isHere, PERHAPS, STATUS, UNKNOWN } from "./model.js";
import { citesList } from "./panel.js";
import { asideText, statusText } from "./rows.js";
import { sourcesOf, view } from "./view.js";
import { dateWords, number, t } from "./words.js";

let rowsShown = 200;
const MOST_PRINTED = 600;
let isPrinted = false;
export const setUpTable = () => {
  byId("claims").hidden = false;
  byId("all").addEventListener("toggle", () => {
    if (byId("all").open) redraw();
  });
  // A number of its own: those of hidden sources would be left out.
  all(document, ".sources li").forEach((item, n) => {
    Object.assign(item, { dir: "auto", lang: "", value: n + 1 });
  });
};
// The sources of what was known, each from its own day on; on paper of what is listed.
/** @type {(now: Now, listed: Claim[]) => void} */
const fillSources = (now, listed) =>
  onlyIfNew("sources", `${view.known} ${isPrinted}`, () => {
    const claims = isPrinted ? listed : CLAIMS.filter((claim) => now.statuses[claim.number] !== UNKNOWN);
    const cited = new Set(claims.flatMap(sourcesOf));
    DATA.sources.forEach((_, n) => {
      byId(`s${n + 1}`).hidden = !cited.has(n);
    });
  });
const listAll = () => {
  rowsShown = Infinity;
  redrawNow();
};
/** @type {(forPaper: boolean) => void} */
export const listForPaper = (forPaper) => {
  isPrinted = forPaper;
  redrawNow();
};
// What is listed of some claims: the first, or on paper, of very many, the last that count
// on the day.
/** @type {(claims: Claim[], now: Now) => Claim[]} */
const listedOf = (claims, now) => {
  if (!isPrinted) return claims.slice(0, rowsShown);
  if (claims.length <= MOST_PRINTED) return claims;
  return claims.filter(({ number }) => [CERTAIN, PERHAPS].includes(now.statuses[number])).slice(-MOST_PRINTED);
};
/** @type {(claim: Claim, now: Now) => string} */
const statusWords = (claim, now) => {
  const look = now.looks[claim.group];
  const is = now.statuses[claim.number];
  const aside = is === ASIDE ? asideOf(claim, view.stop) : null;
  const status = claim === look.claim ? statusText(look) : aside ? asideText(aside) : t(`status.${STATUS[is]}`);
  return status + (look.differs ? t("sentence.clause") + t("status.differ") : "");
};
/** @type {(now: Now, matching: Set<number>) => void} */
export const fillTable = (now, matching) => {
  setText(byId("claims-title"), t("page.claims"));
  const every = CLAIMS.filter((claim) => isHere(claim, now.stop));
  const claims = every.filter((claim) => matching.has(claim.group));
  const listed = listedOf(claims, now);
  fillSources(now, listed);
  const isCut = claims.length > listed.length;
  const found = t("page.found", { n: number(claims.length), total: number(every.length) });
  const more = isCut ? button(t("page.list_all"), { id: "more" }, listAll) : "";
  const note = t(isPrinted ? "page.printed" : "page.listed", {
    n: number(listed.length),
    more: number(claims.length - listed.length),
  });
  refill(byId("found"), isCut ? `${found}; ${note} ` : found, more);
  if (!byId("all").open) {
    if (byId("rows").firstChild) byId("rows").replaceChildren();
    return;
  }
  const heads = ["when", "what", "status", "says"].map((key) => make("th", { scope: "col" }, t(`page.${key}`)));
  byId("heads").replaceChildren(make("tr", {}, ...heads));
  const rows = listed.map((claim) => {
    const cells = [
      make("th", { scope: "row", title: claim.when }, dateWords(claim.when)),
      make("td", { class: "what", dir: "auto", lang: "" }, claim.what),
      make("td", { class: "status" }, statusWords(claim, now)),
      make("td", { class: "who" }, citesList(claim)),
    ];
    return make("tr", { id: `c${claim.number}`, class: STATUS[now.statuses[claim.number]] }, ...cells);
  });
  refill(byId("rows"), ...rows);
};
