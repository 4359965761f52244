// The controls below the chart, the two sliders, and the legend.
const setDates = (day, known) => {
  view.day = day;
  know(known);
  redraw();
};
const setStop = (name, place) => {
  const stops = name === "day" ? DATA.days : DATA.known;
  const within = clamped(place, 0, stops.length - 1);
  if (name === "day") view.day = stops[within];
  else know(stops[within]);
  redraw();
};
const move = (name, step) => {
  const [stops, day] = name === "day" ? [DATA.days, view.day] : [DATA.known, view.known];
  const place = placeOf(stops, day);
  setStop(name, step < 0 && stops[place] < day ? place : place + step);
};
const pick = (name, day) => {
  const last = DATA.basis === null ? Infinity : DATA.days.at(-1);
  if (name === "day") view.day = Math.min(day, last);
  else if (know(day) !== day) notice([computedNote(day)]);
  redraw();
};

const slider = (name) => {
  const range = make("input", { type: "range", id: name, min: 0, step: 1 });
  range.addEventListener("input", () => { isDragging = true; setStop(name, Number(range.value)); });
  return make("div", { class: "slider", id: `${name}-slider` },
    make("label", { for: name, id: `${name}-label` }), make("output", { id: `${name}-said`, for: name }),
    button("‹", { id: `${name}-back`, tabindex: "-1" }, () => move(name, -1)), range,
    button("›", { id: `${name}-on`, tabindex: "-1" }, () => move(name, 1)));
};
const setUpSliders = () => {
  byId("dates").append(slider("day"), ...(DATA.basis === null ? [slider("known")] : []),
    button("", { id: "more-dates", "aria-expanded": "false" }, () => {
      const isOpen = byId("dates").classList.toggle("open");
      byId("more-dates").setAttribute("aria-expanded", String(isOpen));
      redraw();
    }));
};
const fillSliders = () => {
  const fillOne = (name, stops, place, day) => {
    const range = byId(name);
    if (!range) return;
    const what = t(`page.${name}`);
    range.max = stops.length - 1;
    range.value = place;
    range.setAttribute("aria-valuetext", dayWords(day));
    setText(byId(`${name}-label`), what);
    setTitle(byId(`${name}-label`), t(`page.${name}_hint`));
    setText(byId(`${name}-said`), dayWords(day));
    byId(`${name}-back`).setAttribute("aria-label", t("page.back", { what }));
    byId(`${name}-on`).setAttribute("aria-label", t("page.forward", { what }));
  };
  fillOne("day", DATA.days, Math.max(placeOf(DATA.days, view.day), 0), view.day);
  fillOne("known", DATA.known, view.stop, view.known);
  const isOpen = byId("dates").classList.contains("open");
  byId("more-dates").hidden = DATA.basis !== null;
  setText(byId("more-dates"), isOpen ? t("page.less") : `${t("page.known")} ${asOf() ?? ""}`);
};

// --- tools -----------------------------------------------------------------------------------

let sheet = null; // which of the sheets is open: cite, download
const choices = (id, label, options, value, act) => {
  const list = make("select", { id }, ...options.map(([key, text]) => make("option", { value: key, selected: key === value ? "" : null }, text)));
  list.addEventListener("input", () => act(list.value));
  return make("label", {}, make("span", { class: "quiet" }, label), list);
};
const copy = async (text, node) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "away" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  node.textContent = `✓ ${t("page.copied")}`;
  node.focus();
  setTimeout(() => { node.textContent = node.dataset.text; }, 1600);
};
const copier = (label, text, id, name = null) => {
  const node = button(label, { id, "data-text": label, "aria-label": name }, () => copy(text(), node));
  return node;
};
const openSheet = (name) => {
  sheet = sheet === name ? null : name;
  redrawNow();
};
const sheetOf = () => {
  if (sheet === "cite") {
    const { text, csl, bibtex } = citation();
    return make("div", { class: "sheet", id: "cite-sheet" }, ...[["", text], ["CSL-JSON", csl], ["BibTeX", bibtex]].map(([name, content], n) =>
      make("div", {}, name ? make("h3", {}, name) : "", make("pre", { dir: "auto", tabindex: "0" }, content), copier("⧉", () => content, `copy${n}`, name || t("page.cite")))));
  }
  if (sheet === "download") {
    return make("div", { class: "sheet", id: "download-sheet" }, ...["png", "svg", "csv", "json"].map((kind) =>
      button(kind.toUpperCase(), { id: `download-${kind}` }, () => download(kind))));
  }
  return "";
};
const isDark = () => (document.documentElement.dataset.theme
  ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const fillTools = () => {
  const search = byId("search") ?? make("input", { type: "search", id: "search" });
  search.placeholder = t("page.search");
  search.setAttribute("aria-label", t("page.search"));
  if (document.activeElement !== search) search.value = view.query;
  if (!search.dataset.wired) {
    search.dataset.wired = "1";
    search.addEventListener("input", () => { view.query = search.value; isDragging = true; redraw(); });
  }
  const zooms = [["out", "−", "zoom_out", () => zoom(2)], ["in", "+", "zoom_in", () => zoom(0.5)], ["left", "←", "earlier", () => pan(-0.25)],
    ["right", "→", "later", () => pan(0.25)], ["all-time", "⤢", "zoom_all", showAll]];
  const held = document.activeElement === search;
  refill(byId("tools"),
    search,
    choices("show", t("page.filter"), Object.keys(SHOWN).map((key) => [key, t(`page.show_${key}`)]), view.show, (value) => { view.show = value; redraw(); }),
    DATA.parties.length > 1 ? choices("by", t("page.lanes"), [["kind", t("page.by_kind")], ["party", t("page.by_party")]], view.by, (value) => { view.by = value; view.off.clear(); redraw(); }) : "",
    choices("scale", t("page.scale"), [["time", t("page.scale_time")], ["even", t("page.scale_even")]], view.scale, (value) => { view.scale = value; redraw(); }),
    make("span", { class: "zoom", role: "group", "data-stops": "", "aria-label": t("page.scale") }, ...zooms.map(([id, text, key, act]) =>
      button(text, { id, "aria-label": t(`page.${key}`), title: t(`page.${key}`) }, act))),
    make("span", { class: "acts", role: "group", "aria-label": t("page.more"), "data-stops": "" },
    copier(t("page.link"), () => linkOf() || `#${addressOf(true)}`, "link"),
    button(t("page.cite"), { id: "cite", "aria-expanded": String(sheet === "cite") }, () => openSheet("cite")),
    button(t("page.download"), { id: "download", "aria-expanded": String(sheet === "download") }, () => openSheet("download")),
    button(t(isDark() ? "page.light" : "page.dark"), { id: "theme" }, () => {
      document.documentElement.dataset.theme = isDark() ? "light" : "dark";
      redrawNow();
    })),
    choices("language", t("page.language"), [...TABLES].map(([code, one]) => [code, one.language.name]), language, (code) => { setLanguage(code); redraw(); }),
    sheetOf());
  if (held) search.focus();
};

// --- lanes and legend ------------------------------------------------------------------------

const SAMPLE = { width: 26, begin: (day) => 6 * day, middle: (day) => 6 * day + 7 };
const sample = (shapes) => draw("svg", { width: 26, height: 14, viewBox: "0 8 26 14", "aria-hidden": "true" }, ...shapes.map(([tag, a]) => draw(tag, a)));
const circle = (x, name, r = 5) => ["circle", { cx: x, cy: MID, r, class: name }];
const fillLegend = (now, shown) => {
  const used = (test) => shown.some(test);
  const items = [[[circle(13, "mark k0")], "legend_day"]];
  if (used(({ claim }) => claim.first !== claim.last)) {
    items.push([[["rect", { x: 2, y: MID - 5, width: 22, height: 10, class: "span k0" }], ["line", { x1: 2.7, x2: 2.7, y1: MID - 6, y2: MID + 6, class: "edge k0" }], ["line", { x1: 23.3, x2: 23.3, y1: MID - 6, y2: MID + 6, class: "edge k0" }]], "legend_span"]);
  }
  if (used((look) => look.differs)) items.push([[circle(6, "ghost k0"), circle(19, "mark k0")], "legend_differ"]);
  if (used(({ claim }) => claim.bundle >= 0 && !claim.isPart)) items.push([[circle(13, "mark k0 maybe", 4)], "legend_part"]);
  if (used((look) => look.is === PERHAPS)) items.push([[["rect", { x: 2, y: MID - 5, width: 22, height: 10, class: "span k0 perhaps" }]], "legend_maybe"]);
  if (used((look) => look.is === LATER)) items.push([[circle(13, "mark k0 later")], "legend_later"]);
  if (used((look) => look.mayHaveEnded || hasFaintEnd(look.claim))) items.push([[["rect", { x: 2, y: MID - 4, width: 8, height: 8, rx: 1, class: "bar k0" }], ["rect", { x: 10, y: MID - 4, width: 6, height: 8, class: "span k0" }], ["line", { x1: 16, x2: 25, y1: MID, y2: MID, class: "force k0 ending" }]], "legend_ended"]);
  if (used((look) => look.holds && !look.mayHaveEnded)) items.push([[["line", { x1: 1, x2: 25, y1: MID, y2: MID, class: "force k0" }]], "legend_force"]);
  if (document.documentElement.classList.contains("dense")) {
    const bin = (name) => ["rect", { x: 8, y: MID - 6, width: 10, height: 12, class: `k0 ${name}` }];
    items.unshift([[bin("bin-in")], "bin_in"], [[bin("bin-maybe")], "bin_maybe"]);
  }
  refill(byId("legend"), ...items.map(([shapes, key]) => make("li", {}, sample(shapes), t(`page.${key}`))),
    make("li", {}, make("span", { class: "count" }, "●●"), t("page.legend_sources")));
};
const fillLanes = (now) => {
  const place = byId("lanes");
  const used = new Set(now.looks.map((look) => laneOf(look.claim)));
  const lanes = [...used].slice(0, 12);
  place.hidden = lanes.length < 2 || DATA.embed;
  place.setAttribute("aria-label", t("page.lanes"));
  refill(place, ...lanes.map((n) => {
    const chip = button("", { class: `chip k${colourOf(n)}`, "aria-pressed": String(!view.off.has(n)), "data-lane": n, "data-key": `lane${n}` }, () => {
      if (view.off.has(n)) view.off.delete(n);
      else view.off.add(n);
      redraw();
    });
    chip.append(own(laneName(n)));
    return chip;
  }));
};
const fillKeys = () => {
  const keys = ["tab", "enter", "steps", "zoom", "search", "escape"].map((name) => t(`page.key_${name}`));
  setText(byId("keys"), `${t("page.keys")}: ${keys.join(" · ")}`);
  setText(byId("skip"), t("page.skip"));
  setText(byId("sources-title"), t("page.sources"));
  const parts = [DATA.author && t("page.by", { author: DATA.author }), DATA.licence, DATA.version && t("page.version", { version: DATA.version })];
  setText(byId("colophon"), parts.filter(Boolean).join(" · "));
};
