import { DATA } from "./data.js";
import { civil, parsed } from "./days.js";

export const TABLES = new Map(DATA.languages.map((table) => [table.language.code, table]));
/** @type {Record<string, string>} */
const FORMATS = { en: "en-GB" }; // a day before its month
export let language = DATA.language;
/** @type {(code: string) => Strings} */
const tableOf = (code) => /** @type {Strings} */ (TABLES.get(code));
export const table = () => tableOf(language);
/** @type {(text: string, values: Texts) => string} */
export const fill = (text, values) => text.replace(/\{([a-z]+)\}/g, (hole, name) => String(values[name] ?? hole));
/** @type {(key: string, values?: Texts) => string} */
export const t = (key, values = {}) => {
  const place = key.indexOf(".");
  return fill(String(table()[key.slice(0, place)][key.slice(place + 1)]), values);
};
// A name that the table need not have: then the name itself.
/** @type {(section: string, name: string) => string} */
export const named = (section, name) => (Object.hasOwn(table()[section], name) ? String(table()[section][name]) : name);
/** @param {string} code */
const formatsOf = (code) => {
  const locale = FORMATS[code] ?? code;
  /** @type {(options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat} */
  const date = (options) => new Intl.DateTimeFormat(locale, { timeZone: "UTC", calendar: "gregory", ...options });
  return {
    short: date({ day: "numeric", month: "short" }),
    shortYear: date({ day: "numeric", month: "short", year: "numeric" }),
    monthShort: date({ month: "short", year: "numeric" }),
    monthName: date({ month: "long" }),
    number: new Intl.NumberFormat(code),
    plural: new Intl.PluralRules(locale),
    or: new Intl.ListFormat(locale, { type: "disjunction" }),
  };
};
export let formats = formatsOf(language);
/** @type {(code: string) => void} */
export const setLanguage = (code) => {
  language = code;
  formats = formatsOf(code);
};
/** @type {(value: number) => string} */
export const number = (value) => formats.number.format(value);
/** @type {(value: number) => string} */
const inNumerals = (value) => table().language.numerals[value] ?? number(value);
/** @type {(name: string, value: number, values?: Texts) => string} */
export const count = (name, value, values = {}) => {
  const forms = table().counts[name];
  return fill(forms[formats.plural.select(value)] ?? forms.other ?? forms.many, { n: inNumerals(value), ...values });
};
/** @type {(name: string, value: number) => string} */
export const counted = (name, value) => count(name, value, { n: number(value) });
// So many of a kind, which need not have words of its own.
/** @type {(kind: string, value: number, n?: string) => string} */
export const kindCount = (kind, value, n = inNumerals(value)) => {
  const name = kind.toLowerCase();
  return count(Object.hasOwn(table().counts, name) ? name : "of_kind", value, { n, kind });
};
/** @type {(parts: string[]) => string} */
export const listed = (parts) => {
  const [comma, and] = [t("sentence.comma"), t("sentence.and")];
  return parts.length < 2 ? parts.join("") : parts.slice(0, -1).join(comma) + and + parts.at(-1);
};
// Amounts of money, by their digits and currency; in words where nothing is lost.
/** @type {(amounts: [string, string][]) => string} */
export const money = (amounts) =>
  amounts
    .map(([digits, currency]) => {
      const value = Number(digits);
      const isShort = Math.abs(value) >= 1e6 && Number(value.toPrecision(4)) === value;
      /** @type {Intl.NumberFormatOptions} */
      const style = { style: "currency", currency, minimumFractionDigits: 0 };
      if (!isShort) return new Intl.NumberFormat(language, { ...style, maximumFractionDigits: 6 }).format(value);
      const words = new Intl.NumberFormat(language, {
        notation: "compact",
        compactDisplay: "long",
        maximumSignificantDigits: 4,
      }).format(value);
      // The currency stands where the language puts it: $821 million, 821 Millionen $.
      const parts = new Intl.NumberFormat(language, { ...style, maximumFractionDigits: 0 }).formatToParts(1);
      return parts.map((part) => (part.type === "integer" ? words : part.value)).join("");
    })
    .join(" + ");
/** @type {(year: number) => string} */
const yearWords = (year) =>
  year < 1 ? t("when.bc", { year: 1 - year }) : t(year < 1000 ? "when.ad" : "when.year", { year });
// A year on an axis, or within the browser's words.
/** @type {(year: number) => string} */
export const bareYear = (year) => (year < 1 ? yearWords(year) : String(year));
// Formats of the browser differ for far years: a year of the same calendar stands in.
/** @type {(format: Intl.DateTimeFormat, year: number, month: number, day: number) => string} */
export const formatted = (format, year, month, day) => {
  const near = 2000 + (((year % 400) + 400) % 400);
  const text = format
    .formatToParts(Date.UTC(near, month - 1, day))
    .map((part) => (part.type === "year" ? bareYear(year) : part.value))
    .join("");
  // The words of a year before the first say "year" themselves.
  return year < 1 ? text.replace(/([年.])(年|\sг\.)/u, "$1") : text;
};
// A day as the library writes it.
/** @type {(day: Day) => string} */
export const dayWords = (day) => {
  const [year, month, number] = civil(day);
  return t("when.day", { day: number, month: table().when.months_of[month - 1], year: yearWords(year) });
};
/** @type {(day: Day) => string} */
export const shortDay = (day) => formatted(formats.short, ...civil(day));
/** @type {(day: Day) => string} */
export const shortDate = (day) => formatted(formats.shortYear, ...civil(day));
const PLACES = new Map(DATA.texts.map((text, n) => [text, n]));
// A date in words: those of the library, unless it is a day.
/** @type {(text: string) => string} */
export const dateWords = (text) => {
  const place = PLACES.get(text);
  return place === undefined ? dayWords(/** @type {Day} */ (parsed(text))) : DATA.dates[language][place];
};
// What a claim says, or a reason: a text, or a pattern with texts and numbers of terms.
/** @type {(said: Phrase) => string} */
export const phraseText = (said) => {
  if (typeof said === "string") return said;
  const [pattern, ...parts] = said;
  return table().patterns[pattern].replace(/\{(\d+)\}/g, (_, place) => {
    const part = parts[Number(place)];
    if (Array.isArray(part)) return number(part[0]) + part[1];
    return typeof part === "number" ? table().terms[part] : part;
  });
};
/** @type {(text: string) => string} */
export const capital = (text) => text.slice(0, 1).toLocaleUpperCase(language) + text.slice(1);
