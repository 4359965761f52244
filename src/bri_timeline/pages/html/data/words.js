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
    short: date({ day: "numeric", month: "short" }),
    shortYear: date({ day: "numeric", month: "short", year: "numeric" }),
    monthShort: date({ month: "short", year: "numeric" }),
    monthName: date({ month: "long" }),
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
  if (year < 1) return t("when.bc", { year: 1 - year });
  return t(year < 1000 ? "when.ad" : "when.year", { year });
};
const bareYear = (year) => (year < 1 ? yearWords(year) : String(year));
// Formats of the browser differ for far years: a year of the same calendar stands in.
const formatted = (format, year, month, day) => {
  const near = 2000 + (((year % 400) + 400) % 400);
  const text = format.formatToParts(Date.UTC(near, month - 1, day))
    .map((part) => (part.type === "year" ? bareYear(year) : part.value)).join("");
  // The words of a year before the first say "year" themselves.
  return year < 1 ? text.replace(/([年.])(年|\sг\.)/u, "$1") : text;
};
const dayWords = (day) => {
  const [year, month, number] = civil(day);
  return t("when.day", { day: number, month: table().when.months_of[month - 1], year: yearWords(year) });
};
const shortDay = (day) => formatted(formats.short, ...civil(day));

// A date in words: those of the library, but for days.
const DAY = /^(-?\d{4})-(\d\d)-(\d\d)$/;
const dateWords = (text) => {
  const match = DAY.exec(text);
  return match ? dayWords(dayOf(...match.slice(1).map(Number))) : table().dated[text] ?? text;
};
// What a claim says, or a reason: text of the log, or a pattern with texts and terms.
const phraseText = (said) => (typeof said === "string" ? said
  : table().patterns[said[0]].replace(/\{(\d+)\}/g, (_, place) => {
    const part = said[Number(place) + 1];
    return typeof part === "number" ? table().terms[part] : part;
  }));
setLanguage(language);
