// The panel beside the timeline: the state of the relationship, with citations.
const citesOf = (claim, stop) => {
  const items = ROWS[claim.number].querySelectorAll("li[data-t]");
  const list = make("ul", { class: "cites" });
  for (const item of items) {
    if (isKnown(Number(item.dataset.t), stop)) {
      const copy = item.cloneNode(true);
      copy.removeAttribute("data-t");
      copy.hidden = false;
      list.append(copy);
    }
  }
  return list;
};

const claimButton = (claim, ...more) => {
  const when = make("span", { class: "when" }, claim.when);
  const what = make("span", { class: "what" }, claim.what);
  return make("button", { type: "button", class: "item", "data-claim": claim.number },
    what, when, ...more);
};

// A step of an explanation: the change, the claim, and its citations.
const stepItem = (sign, name, change, claim, stop, note) => {
  const head = make("p", { class: "change" }, make("b", {}, sign), ` ${change}`);
  const text = make("p", {}, `${claim.when}: ${claim.what}`);
  const parts = note ? [head, text, make("p", { class: "quiet" }, note)] : [head, text];
  return make("li", { class: name }, ...parts, citesOf(claim, stop));
};

// The undecided claims that would change a value, each with the state with it.
const perhapsChanging = (state, place, day, stop) =>
  effectsOn(state).filter(([claim, after]) =>
    valueOf(state, place) !== valueOf(after, place) && statusOf(claim, day, stop).is === "perhaps");

const explanation = (place, day, stop) => {
  const items = [];
  let state = 0;
  for (const [step, after] of stepsBy(day, stop)) {
    const [old, value] = [valueOf(state, place), valueOf(after, place)];
    if (old !== value) {
      items.push(stepItem("\u2713", "sure", `${old} \u2192 ${value}`, claimOfStep(step), stop));
    }
    state = after;
  }
  for (const [claim, after] of perhapsChanging(state, place, day, stop)) {
    const change = `perhaps ${valueOf(state, place)} \u2192 ${valueOf(after, place)}`;
    items.push(stepItem("?", "maybe", change, claim, stop));
  }
  DATA.asides.forEach(([mention, since, until, reason, by], number) => {
    const claim = CLAIMS[DATA.mentions[mention][0]];
    const affects = STATES.affects[number].includes(place);
    if (affects && since <= stop && stop < until && claim.first <= day) {
      items.push(stepItem("\u00d7", "out", "does not count", claim, stop, asideWords({ reason, by })));
    }
  });
  const none = make("p", { class: "quiet" }, "No known claim changes this value by this day.");
  return items.length ? make("ol", { class: "steps" }, ...items) : none;
};

const valueBox = (title, place, day, stop) => {
  const state = stateOn(day, stop);
  const value = make("span", { class: "value", "data-value": title }, valueOf(state, place));
  const perhaps = perhapsChanging(state, place, day, stop).length;
  const undecided = perhaps
    ? [make("span", { class: "open" }, `? ${counted(perhaps, "claim", "claims")} undecided`)] : [];
  const open = opened.has(title) ? "" : null;
  const box = make("details", { open, "data-title": title, class: "box" },
    make("summary", {}, make("span", {}, title), ...undecided, value),
    explanation(place, day, stop));
  box.addEventListener("toggle", () =>
    (box.open ? opened.add(title) : opened.delete(title)));
  return box;
};

const sectionBox = (title, place, day, stop) => {
  const state = stateOn(day, stop);
  const sure = sectionOf(state, place);
  const items = sure.map((item) => {
    const claim = claimOf(item, place);
    const status = isPlans(place)
      ? [make("span", { class: "badge" }, planStatus(item, day))] : [];
    return make("li", { "data-item": claim.number }, claimButton(claim, ...status));
  });
  const perhaps = effectsOn(state)
    .filter(([claim, after]) => contents[after][place] !== contents[state][place]
      && statusOf(claim, day, stop).is === "perhaps")
    .map(([claim]) => make("li", { class: "maybe" },
      claimButton(claim, make("span", { class: "badge" }, "? perhaps"))));
  if (!items.length && !perhaps.length) return [];
  const key = `section ${title}`;
  const open = !closed.has(key) && items.length + perhaps.length <= 12 ? "" : null;
  const box = make("details", { open, class: "box section", "data-section": title },
    make("summary", {}, make("span", {}, title),
      make("span", { class: "value" }, String(sure.length))),
    make("ul", { class: "items" }, ...items, ...perhaps));
  box.addEventListener("toggle", () => (box.open ? closed.delete(key) : closed.add(key)));
  return [box];
};
const opened = new Set();
const closed = new Set();

const fillState = (day, stop) => {
  const panel = byId("state");
  if (!panel) return;
  const now = knownStop(stop);
  const notes = [];
  if (STATES.only_now && DATA.known.length > 1) {
    notes.push("This log is large: the state is shown as known in the end,"
      + " whatever the second slider shows. The marks follow both.");
  }
  if (!STATES.complete) {
    notes.push("What undecided claims would change is left out here: there are too many.");
  }
  panel.replaceChildren(
    make("h2", {}, DATA.relationship),
    make("p", { class: "quiet", id: "state-dates" }, `On ${inWords(day)}, ${asKnown(now)}.`),
    ...notes.map((note) => make("p", { class: "warn" }, note)),
    make("div", { class: "values" },
      ...DATA.values.map((title, place) => valueBox(title, place, day, now))),
    ...DATA.sections.flatMap(([title], place) => sectionBox(title, place, day, now)));
};

// The selected claim: its status and its citations.
const fillDetail = (claim, look, stop) => {
  const panel = byId("detail");
  panel.hidden = !claim;
  if (!claim) return;
  const close = make("button", { type: "button", id: "close", "aria-label": "Close" }, "\u00d7");
  const exact = ROWS[claim.number].cells[0].title;
  const known = claim.mentions.map((mention) => DATA.mentions[mention][1]);
  const since = known.includes(null) ? null : Math.min(...known);
  const facts = [["When", exact ? `${claim.when} (${exact})` : claim.when],
    ["Status", statusWords(look) + (look.flagged ? "; sources differ" : "")]];
  if (since !== null) facts.push(["Known since", inWords(since)]);
  panel.replaceChildren(
    close,
    make("h2", {}, claim.what),
    make("dl", {}, ...facts.flatMap(([name, text]) =>
      [make("dt", {}, name), make("dd", {}, text)])),
    make("h3", {}, "Who says so"),
    citesOf(claim, stop));
};
