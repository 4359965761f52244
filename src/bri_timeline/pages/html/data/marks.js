// The marks of a row: shapes with a class each, for the screen and for files.
const HIGH = 30;
const MID = HIGH / 2;

// Open bounds fade out: pieces of less and less colour.
const FADES = 12;
const fade = (from, to, y, high, name) => Array.from({ length: FADES }, (_, n) => {
  const part = (to - from) / FADES;
  const x = Math.min(from + n * part, from + (n + 1) * part);
  const strength = (0.36 * (n + 0.5)) / FADES;
  return ["rect", { x, y, width: Math.abs(part), height: high, class: `${name} fade`, "fill-opacity": strength.toFixed(3) }];
});
const spanMark = (claim, at, name) => {
  const [left, right] = [at.begin(claim.first), at.begin(claim.last + 1)];
  const isOpen = claim.first === -Infinity;
  const isEndless = claim.last === Infinity;
  const found = [];
  if (isOpen) found.push(...fade(Math.max(left, right - Math.max(at.width * 0.4, 60)), right, MID - 5, 10, `span ${name}`));
  else if (isEndless) found.push(...fade(right, left, MID - 5, 10, `span ${name}`));
  else found.push(["rect", { x: left, y: MID - 5, width: Math.max(right - left, 3), height: 10, class: `span ${name}` }]);
  if (!isOpen && left > 0) found.push(["line", { x1: left + 0.75, x2: left + 0.75, y1: MID - 7, y2: MID + 7, class: `edge ${name}` }]);
  if (!isEndless && right < at.width + 1) found.push(["line", { x1: Math.max(right, left + 3) - 0.75, x2: Math.max(right, left + 3) - 0.75, y1: MID - 7, y2: MID + 7, class: `edge ${name}` }]);
  return found;
};
const hasFaintEnd = (claim) => claim.endFirst < claim.endLast && ENDINGS[claim.number].some(([way]) => way === 0);
// The bar of what lasts: solid where it certainly lasted, faint where it may have.
const lastingMark = (claim, at, name) => {
  const certain = at.begin(claim.last);
  const until = Math.max(claim.endFirst, claim.last) + 1;
  const end = Number.isFinite(until) ? at.begin(until) : at.width;
  const last = at.begin(claim.endLast + 1);
  const found = [["rect", { x: certain, y: MID - 4, width: Math.max(end - certain, 2), height: 8, rx: 1, class: `bar ${name}` }]];
  if (claim.endLast === Infinity) found.push(...fade(at.width, Math.max(end, certain + 2), MID - 4, 8, `span ${name}`));
  else if (last > end + 1) found.push(["rect", { x: end, y: MID - 4, width: last - end, height: 8, class: `span ${name}` }]);
  return found;
};
const middleOf = (claim, at) => {
  if (claim.first === claim.last) return at.middle(claim.first);
  if (claim.first === -Infinity) return at.begin(claim.last + 1);
  return claim.last === Infinity ? at.begin(claim.first) : (at.begin(claim.first) + at.begin(claim.last + 1)) / 2;
};
const LOOKS = { [CERTAIN]: "", [PERHAPS]: "perhaps", [LATER]: "later", [UNKNOWN]: "unknown", [ASIDE]: "aside" };

const marksOf = (look, at, day) => {
  const { claim } = look;
  const isPart = claim.bundle >= 0;
  const isPlan = look.plan && !["held"].includes(look.plan.status);
  const name = `k${colourOf(laneOf(claim))} ${LOOKS[look.is]}${isPlan ? " plan" : ""}${isPart && !claim.isPart ? " maybe" : ""}`;
  const found = [];
  const x = middleOf(claim, at);
  if (look.holds && look.is === CERTAIN) {
    const to = Math.min(at.begin(day + 1), at.width);
    const from = claim.first === claim.last ? x : at.begin(claim.last + 1);
    if (to > from) found.push(["line", { x1: from, x2: to, y1: MID, y2: MID, class: `force ${name}${look.mayHaveEnded ? " ending" : ""}` }]);
  }
  for (const { claim: other } of [...look.replaced, ...look.rivals.map((rival) => ({ claim: rival }))]) {
    const ghost = middleOf(other, at);
    found.push(["line", { x1: ghost, x2: x, y1: MID, y2: MID, class: "lead" }]);
    if (Math.abs(ghost - x) > 2) found.push(["circle", { cx: ghost, cy: MID, r: 6, class: `ghost ${name}` }]);
  }
  if (claim.lasts) found.push(...lastingMark(claim, at, name));
  if (claim.first !== claim.last) found.push(...spanMark(claim, at, name));
  else if (!claim.lasts) found.push(["circle", { cx: x, cy: MID, r: isPart ? 4 : 6.5, class: `mark ${name}` }]);
  if (look.is === ASIDE) found.push(["line", { x1: x - 9, x2: x + 9, y1: MID, y2: MID, class: "strike" }]);
  return found.filter(([, a]) => (a.cx ?? a.x2 ?? a.x + a.width) >= -8 && (a.cx ?? a.x1 ?? a.x) <= at.width + 8);
};
