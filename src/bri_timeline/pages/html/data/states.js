// The states that the library computed, decoded where they are asked for.
import { DATA } from "./data.js";
import { placeOf } from "./days.js";
import { CLAIMS, PERHAPS, statusOf } from "./model.js";

const ENGLISH = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
/** @type {(encoded: EncodedStates | null) => States | null} */
const decoderOf = (encoded) => {
  if (!encoded) return null;
  /** @type {Value[]} */
  const values = [];
  for (const value of encoded.values) {
    // An integer is told by its difference from another.
    if (Array.isArray(value) && value.length === 2) {
      const number = Number(values[values.length - value[0]].number ?? 0) + value[1];
      values.push({ text: ENGLISH.format(number), number, amounts: [], list: 0 });
    } else {
      const [text, digits, amounts, list] = typeof value === "string" ? [value, null, [], 0] : value;
      values.push({ text, number: digits === null ? null : Number(digits), amounts: amounts, list });
    }
  }
  // The contents of a state: the number of the value of each label.
  // Chains of changes are followed in a loop: they can be longer than calls can be deep.
  /** @type {number[][]} */
  const contents = [];
  /** @type {(state: number) => number[]} */
  const contentOf = (state) => {
    /** @type {number[]} */
    const chain = [];
    for (let at = state; contents[at] === undefined; at -= encoded.states[at][0]) {
      chain.push(at);
      if (encoded.states[at][0] === 0) break;
    }
    for (const next of chain.reverse()) {
      const [back, ...changes] = encoded.states[next];
      const content = back === 0 ? [] : contents[next - back].slice();
      for (let n = 0; n < changes.length; n += 2) content[changes[n]] = (content[changes[n]] ?? 0) + changes[n + 1];
      contents[next] = content;
    }
    return contents[state];
  };
  /** @type {number[][]} */
  const lists = [[]];
  /** @type {(number: number) => number[]} */
  const listOf = (number) => {
    /** @type {number[]} */
    const chain = [];
    for (let at = number; lists[at] === undefined; [at] = encoded.lists[at]) chain.push(at);
    for (const next of chain.reverse()) {
      const [from, start, gone, ...come] = encoded.lists[next];
      lists[next] = lists[from].toSpliced(start, gone, ...come);
    }
    return lists[number];
  };
  // Steps of a day of knowledge: claim and state in turn, with the day of each. A row
  // keeps the beginning of the row before, and so on back to the first.
  /** @type {(step: number) => number} */
  const claimOf = (step) => (step < 0 ? ~step : step % CLAIMS.length);
  /** @type {(step: number) => Day} */
  const dayOfStep = (step) => {
    const claim = CLAIMS[claimOf(step)];
    // What a claim ends is over on the day after its own.
    return step < 0 ? claim.endLast + 1 : claim.last + (step < CLAIMS.length ? 0 : 1);
  };
  /** @type {Map<number, { claims: number[]; states: number[]; days: Day[] }>} */
  const recent = new Map();
  /** @type {(row: number) => { claims: number[]; states: number[]; days: Day[] }} */
  const stepsOf = (row) => {
    const before = recent.get(row);
    if (before) return before;
    /** @type {[number[], number][]} */
    const pieces = [];
    let limit = Infinity;
    for (let n = row; n >= 0 && limit > 0; n -= 1) {
      const shared = encoded.rows[n][0];
      const size = Math.min((encoded.rows[n].length - 1) / 2, limit - shared);
      if (size > 0) pieces.push([encoded.rows[n], size]);
      limit = Math.min(limit, shared);
    }
    /** @type {{ claims: number[]; states: number[]; days: Day[] }} */
    const decoded = { claims: [], states: [], days: [] };
    for (const [steps, size] of pieces.reverse()) {
      let [claim, state] = [0, 0];
      for (let k = 1; k < 2 * size; k += 2) {
        claim += steps[k];
        state += steps[k + 1];
        decoded.claims.push(claim);
        decoded.states.push(state);
        decoded.days.push(dayOfStep(claim));
      }
    }
    if (recent.size > 3) recent.clear();
    recent.set(row, decoded);
    return decoded;
  };
  /** @type {(day: Day, stop: number) => number} */
  const stateAt = (day, stop) => {
    const { states, days } = stepsOf(stop);
    const place = placeOf(days, day);
    return place < 0 ? 0 : states[place];
  };
  /** @type {(state: number, place: number) => Value} */
  const valueAt = (state, place) => values[contentOf(state)[place] ?? 0];
  /** @type {States["itemsOf"]} */
  const itemsOf = (value, day) => listOf(value.list).map((item) => (item < 0 ? planOn(~item, day) : { claim: item }));
  /** @type {(number: number, day: Day) => Item} */
  const planOn = (number, day) => {
    const [claim, ...changes] = encoded.plans[number];
    const place = changes.findLastIndex((since, n) => n % 3 === 0 && Number(since) <= day);
    if (place < 0) return { claim };
    return { claim, status: String(changes[place + 1]), expected: String(changes[place + 2]) };
  };
  return {
    labels: encoded.labels,
    complete: encoded.complete,
    valueOf: valueAt,
    itemsOf,
    // The values on a day: by label, with the text, the number and the items.
    at: (day, stop) => {
      const state = stateAt(day, stop);
      return encoded.labels.map((label, place) => ({ label, place, ...valueAt(state, place) }));
    },
    // The claims at which a value changed, each with the value before and after.
    explain: (place, day, stop) => {
      const { claims, states, days } = stepsOf(stop);
      /** @type {Change[]} */
      const steps = [];
      let before = valueAt(0, place);
      for (let n = 0; n < states.length && days[n] <= day; n += 1) {
        const after = valueAt(states[n], place);
        if (after.text !== before.text) steps.push({ claim: claimOf(claims[n]), before, after });
        before = after;
      }
      return steps;
    },
    // The undecided claims that would change a value, each with the value after it.
    maybe: (place, day, stop) => {
      const state = stateAt(day, stop);
      const effects = encoded.effects[state] ?? [];
      /** @type {Change[]} */
      const steps = [];
      for (let n = 0; n < effects.length; n += 2) {
        const after = valueAt(effects[n + 1], place);
        const claim = CLAIMS[effects[n]];
        if (after.text !== valueAt(state, place).text && statusOf(claim, day, stop) === PERHAPS) {
          steps.push({ claim: effects[n], before: valueAt(state, place), after });
        }
      }
      return steps;
    },
    // The undecided claims with an effect.
    open: (day, stop) =>
      (encoded.effects[stateAt(day, stop)] ?? []).filter(
        (claim, n) => n % 2 === 0 && statusOf(CLAIMS[claim], day, stop) === PERHAPS,
      ),
    // The groups of the claims that changed the state by a day.
    moving: (day, stop) => {
      const { claims, days } = stepsOf(stop);
      return new Set(claims.slice(0, placeOf(days, day) + 1).map((step) => CLAIMS[claimOf(step)].group));
    },
  };
};
export const STATES = decoderOf(DATA.states);
const PLANS = decoderOf(DATA.plans);
// The status of each plan on a day, by the number of its claim.
/** @type {(day: Day, stop: number) => Map<number, Item>} */
export const plansOn = (day, stop) => {
  const plans = new Map();
  if (PLANS) {
    for (const value of PLANS.at(day, stop)) {
      for (const plan of PLANS.itemsOf(value, day)) plans.set(plan.claim, plan);
    }
  }
  return plans;
};
// The claims that are in force on a day: of a relationship, and of what has an extent.
/** @type {(day: Day, stop: number) => Set<number>} */
export const inForceOn = (day, stop) => {
  const claims = new Set();
  if (!STATES) return claims;
  for (const value of STATES.at(day, stop)) {
    if (!DATA.holding.includes(value.label)) continue;
    for (const { claim, status } of STATES.itemsOf(value, day)) {
      if (!status || ["planned", "due"].includes(status)) claims.add(claim);
    }
  }
  return claims;
};
