// The states that the library computed, decoded where they are asked for.
const ENGLISH = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const decoderOf = (encoded) => {
  if (!encoded) return null;
  const values = [];
  for (const value of encoded.values) {
    // An integer is told by its difference from another.
    if (value.length === 2 && Array.isArray(value)) {
      const number = (values[values.length - value[0]].number ?? 0) + value[1];
      values.push({ text: ENGLISH.format(number), number, amounts: [], list: 0 });
    } else {
      const [text, digits, amounts, list] = Array.isArray(value) ? value : [value, null, [], 0];
      values.push({ text, number: digits === null ? null : Number(digits), amounts, list });
    }
  }

  // The contents of a state: the number of the value of each label.
  const contents = [];
  const contentOf = (state) => {
    const chain = [];
    let at = state;
    while (contents[at] === undefined) {
      chain.push(at);
      if (encoded.states[at][0] === 0) break;
      at -= encoded.states[at][0];
    }
    while (chain.length) {
      const next = chain.pop();
      const [back, ...changes] = encoded.states[next];
      const content = back === 0 ? [] : contents[next - back].slice();
      for (let n = 0; n < changes.length; n += 2) content[changes[n]] = (content[changes[n]] ?? 0) + changes[n + 1];
      contents[next] = content;
    }
    return contents[state];
  };

  const lists = [[]];
  const listOf = (number) => {
    // A loop, since a chain of changes can be longer than calls can be deep.
    const chain = [];
    for (let at = number; lists[at] === undefined; [at] = encoded.lists[at]) chain.push(at);
    while (chain.length) {
      const next = chain.pop();
      const [from, start, gone, ...come] = encoded.lists[next];
      lists[next] = lists[from].slice();
      lists[next].splice(start, gone, ...come);
    }
    return lists[number];
  };

  // Steps of a day of knowledge: claim and state in turn, with the day of each. A row
  // keeps the beginning of the row before, and so on back to the first.
  const claimOf = (step) => (step < 0 ? ~step : step % CLAIMS.length);
  const dayOfStep = (step) => {
    const claim = CLAIMS[claimOf(step)];
    // What a claim ends is over on the day after its own.
    return step < 0 ? claim.endLast + 1 : claim.last + (step < CLAIMS.length ? 0 : 1);
  };
  const recent = new Map();
  const stepsOf = (row) => {
    if (recent.has(row)) return recent.get(row);
    const pieces = [];
    let limit = Infinity;
    for (let n = row; n >= 0 && limit > 0; n -= 1) {
      const kept = encoded.rows[n][0];
      const size = Math.min((encoded.rows[n].length - 1) / 2, limit - kept);
      if (size > 0) pieces.push([encoded.rows[n], size]);
      limit = Math.min(limit, kept);
    }
    const found = { claims: [], states: [], days: [] };
    for (const [steps, size] of pieces.reverse()) {
      let [claim, state] = [0, 0];
      for (let k = 1; k < 2 * size; k += 2) {
        claim += steps[k];
        state += steps[k + 1];
        found.claims.push(claim);
        found.states.push(state);
        found.days.push(dayOfStep(claim));
      }
    }
    if (recent.size > 3) recent.clear();
    recent.set(row, found);
    return found;
  };

  const stateAt = (day, stop) => {
    const { states, days } = stepsOf(stop);
    const place = placeOf(days, day);
    return place < 0 ? 0 : states[place];
  };
  const valueOf = (state, place) => values[contentOf(state)[place] ?? 0];
  const itemsOf = (value, day) => listOf(value.list).map((item) => (item < 0 ? planOn(~item, day) : { claim: item }));
  const planOn = (number, day) => {
    const [claim, ...told] = encoded.plans[number];
    let found = { claim };
    for (let n = 0; n < told.length && told[n] <= day; n += 3) {
      found = { claim, status: told[n + 1], expected: told[n + 2] };
    }
    return found;
  };
  return {
    labels: encoded.labels,
    complete: encoded.complete,
    stateAt,
    valueOf,
    itemsOf,
    // The values on a day: by label, with the text, the number and the items.
    at: (day, stop) => {
      const state = stateAt(day, stop);
      return encoded.labels.map((label, place) => ({ label, place, ...valueOf(state, place) }));
    },
    // The claims at which a value changed, each with the value before and after.
    explain: (place, day, stop) => {
      const { claims, states, days } = stepsOf(stop);
      const found = [];
      let before = valueOf(0, place);
      for (let n = 0; n < states.length && days[n] <= day; n += 1) {
        const after = valueOf(states[n], place);
        if (after.text !== before.text) found.push({ claim: claimOf(claims[n]), ends: claims[n] < 0, before, after });
        before = after;
      }
      return found;
    },
    // The undecided claims that would change a value, each with the value after it.
    maybe: (place, day, stop) => {
      const state = stateAt(day, stop);
      const effects = encoded.effects[state] ?? [];
      const found = [];
      for (let n = 0; n < effects.length; n += 2) {
        const after = valueOf(effects[n + 1], place);
        const claim = CLAIMS[effects[n]];
        if (after.text !== valueOf(state, place).text && statusOf(claim, day, stop) === PERHAPS) {
          found.push({ claim: effects[n], before: valueOf(state, place), after });
        }
      }
      return found;
    },
    // The undecided claims with an effect.
    open: (day, stop) => (encoded.effects[stateAt(day, stop)] ?? [])
      .filter((claim, n) => n % 2 === 0 && statusOf(CLAIMS[claim], day, stop) === PERHAPS),
    // The groups of the claims that changed the state by a day.
    moving: (day, stop) => {
      const { claims, days } = stepsOf(stop);
      return new Set(claims.slice(0, placeOf(days, day) + 1).map((step) => CLAIMS[claimOf(step)].group));
    },
    // The asides whose claims would change a value.
    affects: (number) => encoded.affects[number] ?? [],
  };
};
const STATES = decoderOf(DATA.states);
const PLANS = decoderOf(DATA.plans);

// The status of each plan on a day, by the number of its claim.
const plansOn = (day, stop) => {
  const found = new Map();
  if (PLANS) {
    for (const value of PLANS.at(day, stop)) {
      for (const plan of PLANS.itemsOf(value, day)) found.set(plan.claim, plan);
    }
  }
  return found;
};
// The claims that are in force on a day: of a relationship, and of what has an extent.
const inForceOn = (day, stop) => {
  const found = new Set();
  if (!STATES) return found;
  for (const value of STATES.at(day, stop)) {
    if (!DATA.holding.includes(value.label)) continue;
    for (const { claim, status } of STATES.itemsOf(value, day)) {
      if (!status || ["planned", "due"].includes(status)) found.add(claim);
    }
  }
  return found;
};
