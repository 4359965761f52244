// Update the table of claims for the search, the filter and the sliders.
const PAGE = 200;
let shownRows = PAGE;

const fillTable = (looks, matching) => {
  let count = 0;
  CLAIMS.forEach((claim) => {
    const row = ROWS[claim.number];
    const found = matching.has(claim.number);
    count += found ? 1 : 0;
    row.hidden = !found || count > shownRows;
    if (row.hidden) return;
    const look = looks[claim.number];
    const words = statusWords(look) + (look.flagged ? "; sources differ" : "");
    if (row.cells[2].textContent !== words) row.cells[2].textContent = words;
    row.className = look.is;
  });
  const more = count > shownRows ? `, the first ${shownRows} listed` : "";
  const text = `${count.toLocaleString("en")} of ${CLAIMS.length.toLocaleString("en")} claims${more}. `;
  const button = make("button", { type: "button", id: "more" }, "List all");
  byId("found").replaceChildren(text, ...(more ? [button] : []));
};

const showKnownCitations = (stop) => {
  for (const row of ROWS) {
    if (row.hidden) continue;
    for (const item of row.querySelectorAll("li[data-t]")) {
      item.hidden = !isKnown(Number(item.dataset.t), stop);
    }
  }
};
