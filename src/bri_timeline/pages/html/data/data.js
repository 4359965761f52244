// The data that the library writes into the page.
/** @type {PageData} */
export const DATA = JSON.parse(document.getElementById("page-data")?.textContent ?? "");
