// The words of the page in the language that is chosen.
const DATA = JSON.parse(document.getElementById("page-data").textContent);
const TABLES = new Map(DATA.languages.map((table) => [table.language.code, table]));
const FORMATS = { en: "en-GB" }; // a day before its month
let language = DATA.language;
let formats = null;

const table = () => TABLES.get(language);
const fill = (text, values) =>
  text.replace(/\{([a-z]+)\}/g, (hole, name) => values[name] ?? hole);
const t = (key, values = {}) => {
  const place = key.indexOf(".");
  return fill(table()[key.slice(0, place)][key.slice(place + 1)], values);
};
// A name that the table need not have: then the name itself.
const named = (section, name) => (Object.hasOwn(table()[section], name) ? table()[section][name] : name);
const isCounted = (name) => Object.hasOwn(table().counts, name);

const setLanguage = (code) => {
  language = TABLES.has(code) ? code : "en";
  const locale = FORMATS[language] ?? language;
  const date = (options) => new Intl.DateTimeFormat(
    locale, { timeZone: "UTC", calendar: "gregory", ...options });
  formats = {
    day: date({ day: "numeric", month: "long", year: "numeric" }),
    short: date({ day: "numeric", month: "short" }),
    shortYear: date({ day: "numeric", month: "short", year: "numeric" }),
    month: date({ month: "long", year: "numeric" }),
    monthShort: date({ month: "short", year: "numeric" }),
    monthName: date({ month: "long" }),
    year: null,
    number: new Intl.NumberFormat(language),
    plural: new Intl.PluralRules(locale),
    or: new Intl.ListFormat(locale, { type: "disjunction" }),
    and: new Intl.ListFormat(locale, { type: "conjunction" }),
    sort: new Intl.Collator(locale),
    locale,
  };
  document.documentElement.lang = language;
  document.documentElement.dir = table().language.direction;
};

const number = (value) => formats.number.format(value);
const inNumerals = (value) => table().language.numerals[value] ?? number(value);
const count = (name, value, values = {}) => {
  const forms = table().counts[name];
  return fill(forms[formats.plural.select(value)] ?? forms.other ?? forms.many,
    { n: inNumerals(value), ...values });
};
const counted = (name, value) => {
  const forms = table().counts[name];
  return fill(forms[formats.plural.select(value)] ?? forms.other ?? forms.many, { n: number(value) });
};
const listed = (parts) => {
  const [comma, and] = [t("sentence.comma"), t("sentence.and")];
  return parts.length < 2 ? parts.join("") : parts.slice(0, -1).join(comma) + and + parts.at(-1);
};

// Amounts of money, by their digits and currency; in words where nothing is lost.
const money = (amounts) => amounts.map(([digits, currency]) => {
  const value = Number(digits);
  const isShort = Math.abs(value) >= 1e6 && Number(value.toPrecision(4)) === value;
  const style = { style: "currency", currency, minimumFractionDigits: 0 };
  if (!isShort) return new Intl.NumberFormat(language, { ...style, maximumFractionDigits: 6 }).format(value);
  const words = new Intl.NumberFormat(language, { notation: "compact", compactDisplay: "long", maximumSignificantDigits: 4 }).format(value);
  // The currency stands where the language puts it: $821 million, 821 Millionen $.
  const parts = new Intl.NumberFormat(language, { ...style, maximumFractionDigits: 0 }).formatToParts(1);
  return parts.map((part) => (part.type === "integer" ? words : part.value)).join("");
}).join(" + ");

// --- dates ---------------------------------------------------------------------------

const yearWords = (year) => {
  if (year < 1) return t("dates.bc", { year: 1 - year });
  return String(year);
};
// Formats of the browser differ for far years: a year of the same calendar stands in.
const formatted = (format, year, month, day) => {
  const near = 2000 + (((year % 400) + 400) % 400);
  return format.formatToParts(Date.UTC(near, month - 1, day))
    .map((part) => (part.type === "year" ? yearWords(year) : part.value)).join("");
};
const dayCache = new Map();
const dayWords = (day) => {
  const key = `${language}${day}`;
  if (!dayCache.has(key)) dayCache.set(key, formatted(formats.day, ...civil(day)));
  return dayCache.get(key);
};
const shortDay = (day) => formatted(formats.short, ...civil(day));

const DATE = /^(Y?-?\d{1,})(?:-(\d{2})(?:-(\d{2}))?)?([?~%]?)$/;
// One EDTF date as part of a phrase; null if it is a season, a mask or a set.
const dateName = (text) => {
  const match = DATE.exec(text);
  if (!match) return null;
  const [year, month, day] = [Number(match[1].replace("Y", "")), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  if (month > 12) return null;
  let name = yearWords(year);
  if (match[3]) name = formatted(formats.day, year, month, day);
  else if (match[2]) name = formatted(formats.month, year, month, 1);
  if (match[4] === "~" || match[4] === "%") name = t("dates.around", { date: name });
  return match[4] === "?" || match[4] === "%" ? t("dates.uncertain", { date: name }) : name;
};
// A date in words; its own text where there are no words for it.
const dateWords = (text) => {
  if (text.includes("/")) {
    const [start, end] = text.split("/");
    const [first, last] = [dateName(start), dateName(end)];
    if (first && last) return t("dates.span", { start: first, end: last });
    if (first) return t(end === ".." ? "dates.since" : "dates.open_end", { date: first });
    return last ? t("dates.until", { date: last }) : text;
  }
  if (!text.startsWith("[")) return dateName(text) ?? text;
  const inner = text.slice(1, -1);
  if (inner.includes(",")) {
    const names = inner.split(",").map(dateName);
    return names.includes(null) ? text : formats.or.format(names);
  }
  const [start, end] = inner.split("..");
  const [first, last] = [dateName(start), end === undefined ? null : dateName(end)];
  if (first && last) return t("dates.between", { start: first, end: last });
  if (last) return t("dates.by", { date: last });
  return first ? t("dates.from", { date: first }) : text;
};
setLanguage(language);
