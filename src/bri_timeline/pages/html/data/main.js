// Start: fill in the page, and add the event handlers.
document.documentElement.classList.add("alive");
byId("sliders").hidden = false;
byId("board").hidden = false;
if (isCrowded()) byId("spacing").value = "even";
if (DATA.basis !== null) byId("basis").textContent = DATA.basis.replace(/^./, (letter) => letter.toUpperCase());
fillLegend();
fillLanes();
wireTheme();
wireSlider("day", DATA.days, () => placeOf(DATA.days, view.day));
wireSlider("known", DATA.known, () => view.stop);
for (const name of ["search", "show", "spacing"]) byId(name).addEventListener("input", redraw);
byId("by").addEventListener("input", () => {
  view.off.clear();
  fillLanes();
  redraw();
});
byId("in").addEventListener("click", () => zoom(0.5));
byId("out").addEventListener("click", () => zoom(2));
byId("left").addEventListener("click", () => zoom(1, -0.25));
byId("right").addEventListener("click", () => zoom(1, 0.25));
byId("all").addEventListener("click", showAll);
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
addEventListener("resize", redraw);
addEventListener("beforeprint", () => layOut(true));
addEventListener("afterprint", () => layOut(false));
redrawNow();
