// The types of the page's script: the data that the library writes, and what is made of it.

/** The number of a day, or of a status, as Python and `model.js` number them. */
type Day = number;
type Status = number;
type Texts = Record<string, string | number>;

/** What `Phrases` of Python returns: a text, or a pattern and what fills its holes. */
type Phrase = string | [pattern: number, ...parts: (string | number | [value: number, rest: string])[]];
type Strings = Record<string, Record<string, unknown>> & {
  language: { name: string; code: string; direction: string; numerals: string[] };
  counts: Record<string, Record<string, string>>;
  when: { months_of: string[] };
  patterns: string[];
  terms: string[];
  parties: string[];
};

/** The bounds of the first day, and of the last; false if it had begun before any day. */
type Span = [first: Day | null, last: Day | false | null, endFirst?: Day | null, endLast?: Day | null];

/** See `EncodedStates` of Python. */
interface EncodedStates {
  rows: number[][];
  labels: string[];
  states: number[][];
  values: (string | [number, number] | [string, string | null, [string, string][], number])[];
  lists: number[][];
  plans: [number, ...(number | string)[]][];
  effects: Record<number, number[]>;
  affects: number[][];
  complete: boolean;
}

/** What `content_of()` of Python returns. */
interface PageData {
  title: string;
  author: string | null;
  licence: string | null;
  version: string | null;
  url: string | null;
  language: string;
  embed: boolean;
  languages: Strings[];
  days: Day[];
  known: Day[];
  skips: boolean;
  basis: string | null;
  asOf: Day | string | null;
  relationship: boolean;
  kinds: string[];
  parties: string[];
  spoken: string[];
  holding: string[];
  ids: (string | 0)[];
  digests: string[];
  what: Phrase[];
  texts: string[];
  dates: Record<string, string[]>;
  when: number[];
  span: (Day | Span)[];
  kind: number[];
  party: number[];
  group: number[];
  parts: [number, number, number][];
  endings: [number, number[], number[]][];
  changes: [number, number][];
  estimates: number[];
  mentions: [number, Day | null, ...(string | number)[]][];
  sources: [string, string | null, string | null, string | null, string | null, Day | null, Day | null][];
  asides: [number, number, number, string, number, Phrase][];
  states: EncodedStates | null;
  plans: EncodedStates | null;
  telling: [Day, Day | null, string, string | null][];
}

interface Claim {
  number: number;
  what: string;
  when: string;
  first: Day;
  last: Day;
  lasts: boolean;
  endFirst: Day;
  endLast: Day;
  kind: number;
  party: number;
  group: number;
  /** The group, or that of the plan that the claim changes. */
  subject: number;
  mentions: number[];
  bundle: number;
  /** The group under whose row it is folded: of its bundle, or of the plan that it changes. */
  home: number;
  isPart: boolean;
  isEstimate: boolean;
  late?: number;
}
interface Cite {
  source: number;
  where: string;
  quote: string;
}
interface Aside {
  since: number;
  until: number;
  reason: string;
  by: number;
  because: string;
  number: number;
}
interface Mention {
  claim: number;
  known: Day | null;
  cites: Cite[];
  asides: Aside[];
}
/** Claims about one happening, and those that they correct. */
interface Group {
  number: number;
  claims: Claim[];
  parts: number[];
  texts: Record<string, string>;
}

/** A value of a state; a claim or plan that it holds; a step at which it changed. */
interface Value {
  text: string;
  number: number | null;
  amounts: [string, string][];
  list: number;
}
interface LabelledValue extends Value {
  label: string;
  place: number;
}
interface Item {
  claim: number;
  status?: string;
  expected?: string;
}
interface Change {
  claim: number;
  before: Value;
  after: Value;
}
interface States {
  labels: string[];
  complete: boolean;
  valueOf(state: number, place: number): Value;
  itemsOf(value: Value, day: Day): Item[];
  at(day: Day, stop: number): LabelledValue[];
  explain(place: number, day: Day, stop: number): Change[];
  maybe(place: number, day: Day, stop: number): Change[];
  open(day: Day, stop: number): number[];
  moving(day: Day, stop: number): Set<number>;
}

/** How a group looks on the day shown, as known by then. */
interface Look {
  group: Group;
  claim: Claim;
  is: Status;
  over: number;
  mayHaveEnded: boolean;
  aside: Aside | null;
  plan: Item | null;
  holds: boolean;
  differs: boolean;
  rivals: Claim[];
  replaced: { claim: Claim; because: string }[];
  withdrawn: { claim: Claim; because: string }[];
}
interface Now {
  day: Day;
  stop: number;
  statuses: Uint8Array;
  disputed: Set<number>;
  plans: Map<number, Item>;
  force: Set<number>;
  values: LabelledValue[];
  looks: Look[];
}
/** What was drawn: what passes the filters, of that what lies in the time; what counts. */
interface Drawn {
  now: Now;
  shown: Look[];
  matching: Set<number>;
  inTime: Look[];
  counted: Look[];
  isDense: boolean;
}
/** A row, or a line of the parts that are folded. */
interface Entry {
  look: Look;
  isInState: boolean;
  isSure: boolean;
  folded: Claim[];
}
interface ViewState {
  day: Day;
  known: Day;
  stop: number;
  claim: number | null;
  from: Day;
  to: Day;
  off: Set<number>;
  open: Set<string>;
  by: string;
  show: string;
  query: string;
  pair: number | null;
  scale: string;
}

/** From days to positions and back. */
interface Scale {
  width: number;
  from: Day;
  to: Day;
  isEven: boolean;
  begin(day: Day): number;
  middle(day: Day): number;
  dayAt(x: number): Day;
}
interface Tick {
  day: Day;
  x: number;
  text: string;
}
type Measure = (text: string, size?: number) => number;
interface Counts {
  low: number[];
  high: number[];
  rest: number[];
  total: number[];
  most: number;
}
interface Lane {
  lane: number;
  looks: Look[];
  counts: Counts;
}
interface Bins {
  lanes: Lane[];
  edges: Day[];
}
type Shape = [tag: string, attributes: Record<string, string | number>];

type Attributes = Record<string, string | number | boolean | null | undefined>;
type Child = Node | string | null | undefined;
type Act = () => unknown;
interface Step {
  day: Day;
  known: Day;
  note: () => string;
  picture: string | null;
}
interface News {
  stop: number;
  score: number;
  day: Day;
  before: Day;
  come: Claim[];
  late: Claim[];
  differ: Claim[];
  corrected: Claim[];
  withdrawn: Claim[];
}
/** Any element by its id: with what controls and `<details>` have. */
type Control = HTMLInputElement & { open: boolean };
