// The controls below the chart: search, filters, zoom, and what can be taken away.
import { addressOf, linkOf } from "./address.js";
import { DATA } from "./data.js";
import { dragging, redraw, redrawNow } from "./drawing.js";
import { button, byId, make, refill, set, setText, span } from "./elements.js";
import { citation, download } from "./exports.js";
import { pan, showAll, zoom } from "./overview.js";
import { SHOWN, view } from "./view.js";
import { language, setLanguage, TABLES, t, table } from "./words.js";

/** @type {string | null} */
export let sheet = null; // which of the sheets is open: cite, download
/** @type {(name: string) => void} */
export const openSheet = (name) => {
  sheet = sheet === name ? null : name;
  redrawNow();
};
/** @type {(id: string, label: string, options: string[][], value: string, act: (value: string) => unknown) => HTMLElement} */
const choices = (id, label, options, value, act) => {
  const items = options.map(([key, text]) => make("option", { value: key, selected: key === value }, text));
  const list = make("select", { id }, ...items);
  list.addEventListener("input", () => {
    act(list.value);
    redraw();
  });
  return make("label", {}, span("quiet", label), list);
};
/** @type {(text: string, node: HTMLElement, label: string) => Promise<void>} */
const copy = async (text, node, label) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "away" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  setText(node, `✓ ${t("page.copied")}`);
  node.focus();
  setTimeout(() => setText(node, label), 1600);
};
/** @type {(label: string, text: () => string, id: string, name?: string | null) => HTMLElement} */
const copier = (label, text, id, name = null) => {
  const node = button(label, { id, "aria-label": name }, () => copy(text(), node, label));
  return node;
};
/** @type {(name: string) => HTMLElement} */
const opener = (name) =>
  button(t(`page.${name}`), { id: name, "aria-expanded": String(sheet === name) }, () => openSheet(name));
/** @type {() => HTMLElement[]} */
const sheetItems = () => {
  if (sheet === "download") {
    return ["png", "svg", "csv", "json"].map((kind) =>
      button(kind.toUpperCase(), { id: `download-${kind}` }, () => download(kind)),
    );
  }
  return citation().map(([name, content], n) => {
    const copying = copier("⧉", () => content, `copy${n}`, name || t("page.cite"));
    const text = make("pre", { dir: "auto", tabindex: "0" }, content);
    return make("div", {}, name ? make("h3", {}, name) : "", text, copying);
  });
};
const SEARCH = make("input", { type: "search", id: "search" });
SEARCH.addEventListener("input", () => {
  view.query = SEARCH.value;
  dragging();
  redraw();
});
const isDark = () =>
  (document.documentElement.dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
/** @type {[string, string, string, Act][]} */
const ZOOMS = [
  ["out", "−", "zoom_out", () => zoom(2)],
  ["in", "+", "zoom_in", () => zoom(0.5)],
  ["left", "←", "earlier", () => pan(-0.25)],
  ["right", "→", "later", () => pan(0.25)],
  ["all-time", "⤢", "zoom_all", showAll],
];
export const fillTools = () => {
  set(SEARCH, { placeholder: t("page.search"), "aria-label": t("page.search") });
  const isSearching = document.activeElement === SEARCH;
  if (!isSearching) SEARCH.value = view.query;
  /** @type {(prefix: string, keys: string[]) => string[][]} */
  const options = (prefix, keys) => keys.map((key) => [key, t(`page.${prefix}_${key}`)]);
  const zooms = ZOOMS.map(([id, text, key, act]) => {
    return button(text, { id, "aria-label": t(`page.${key}`), title: t(`page.${key}`) }, act);
  });
  const theme = button(t(isDark() ? "page.light" : "page.dark"), { id: "theme" }, () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    redrawNow();
  });
  const names = [...TABLES].map(([code, table]) => [code, table.language.name]);
  const setBy = (/** @type {string} */ value) => {
    view.by = value;
    view.off.clear();
  };
  const group = { role: "group", "data-stops": "" };
  refill(
    byId("tools"),
    SEARCH,
    choices("show", t("page.filter"), options("show", Object.keys(SHOWN)), view.show, (value) => {
      view.show = value;
    }),
    DATA.parties.length > 1 ? choices("by", t("page.lanes"), options("by", ["kind", "party"]), view.by, setBy) : "",
    choices("scale", t("page.scale"), options("scale", ["time", "even"]), view.scale, (value) => {
      view.scale = value;
    }),
    make("span", { class: "zoom", "aria-label": t("page.scale"), ...group }, ...zooms),
    make(
      "span",
      { class: "acts", "aria-label": t("page.more"), ...group },
      copier(t("page.link"), () => linkOf() || `#${addressOf(true)}`, "link"),
      opener("cite"),
      opener("download"),
      theme,
    ),
    choices("language", t("page.language"), names, language, setLanguage),
    sheet ? make("div", { class: "sheet", id: `${sheet}-sheet` }, ...sheetItems()) : "",
  );
  if (isSearching) SEARCH.focus();
};
export const fillKeys = () => {
  set(document.documentElement, { lang: language, dir: table().language.direction });
  const keys = ["tab", "enter", "steps", "zoom", "search", "escape"].map((name) => t(`page.key_${name}`));
  setText(byId("keys"), t("page.keys") + t("sentence.colon") + keys.join(" · "));
  setText(byId("skip"), t("page.skip"));
  setText(byId("sources-title"), t("page.sources"));
  setText(byId("colophon"), colophon().join(" · "));
};
/** @type {() => string[]} */
const colophon = () => [
  ...(DATA.author ? [t("page.by", { author: DATA.author })] : []),
  ...(DATA.licence ? [DATA.licence] : []),
  ...(DATA.version ? [t("page.version", { version: DATA.version })] : []),
];
