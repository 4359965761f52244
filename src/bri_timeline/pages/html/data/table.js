// The table of claims, the accessible twin of the chart: filled while it is open.
const FIRST_ROWS = 200;
let rowsShown = FIRST_ROWS;

const setUpTable = () => {
  const place = byId("claims");
  place.hidden = false;
  const box = make("details", { id: "all" }, make("summary", {}, make("h2", { id: "claims-title" })),
    make("p", { id: "found", role: "status" }),
    make("div", { class: "scroll", role: "region", tabindex: "0", "aria-labelledby": "claims-title" },
      make("table", {}, make("thead", {}, make("tr")), make("tbody", { id: "rows" }))));
  box.addEventListener("toggle", () => { if (box.open) redraw(); });
  place.append(box);
  // A number of its own: those of hidden sources would be left out.
  document.querySelectorAll(".sources li").forEach((item, n) => Object.assign(item, { dir: "auto", lang: "", value: n + 1 }));
};
// The sources of what was known, each from its own day on.
const fillSources = (now) => onlyIfNew("sources", view.known, () => {
  const cited = new Set(CLAIMS.filter((claim) => now.statuses[claim.number] !== UNKNOWN).flatMap(sourcesOf));
  DATA.sources.forEach((_, n) => { byId(`s${n + 1}`).hidden = !cited.has(n); });
});
const listAll = () => {
  rowsShown = Infinity;
  redrawNow();
};
const statusWords = (claim, now) => {
  const look = now.looks[claim.group];
  const is = now.statuses[claim.number];
  const differ = look.differs ? `; ${t("status.differ")}` : "";
  if (claim === look.claim) return statusText(look) + differ;
  const aside = is === ASIDE ? asideOf(claim, view.stop) : null;
  if (!aside) return t(`status.${STATUS[is]}`) + differ;
  return t(`status.${aside.reason}`) + (aside.because ? t("sentence.pause") + t("status.because", { why: aside.because }) : "") + differ;
};
const fillTable = (now, matching) => {
  setText(byId("claims-title"), t("page.claims"));
  const every = CLAIMS.filter((claim) => !claim.mentions.every((n) => isAbsent(MENTIONS[n], now.stop)));
  const claims = matching.size === GROUPS.length ? every : every.filter((claim) => matching.has(claim.group));
  const [n, total] = [number(claims.length), number(every.length)];
  const isCut = claims.length > rowsShown;
  refill(byId("found"), `${t("page.found", { n, total })}${isCut ? `; ${t("page.listed", { n: number(rowsShown) })}` : ""} `,
    isCut ? button(t("page.list_all"), { id: "more" }, listAll) : "");
  if (!byId("all").open) {
    if (byId("rows").firstChild) byId("rows").replaceChildren();
    return;
  }
  const heads = ["page.when", "page.what", "page.status", "page.says"].map((key) => make("th", { scope: "col" }, t(key)));
  byId("claims").querySelector("thead tr").replaceChildren(...heads);
  const rows = claims.slice(0, rowsShown).map((claim) => make("tr", { id: `c${claim.number}`, class: STATUS[now.statuses[claim.number]] },
    make("th", { scope: "row", title: claim.when }, dateWords(claim.when)),
    make("td", { class: "what", dir: "auto", lang: "" }, claim.what),
    make("td", { class: "status" }, statusWords(claim, now)),
    make("td", { class: "who" }, citesList(claim))));
  refill(byId("rows"), ...rows);
};
