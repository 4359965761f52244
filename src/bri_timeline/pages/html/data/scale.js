// Scales of days: linear in time, or with even distances between changes.
const timeScale = (first, last, width) => {
  const begin = (day) => {
    const inside = Math.min(Math.max(day, first - 3 * (last - first)), last + 3 * (last - first));
    return (width * (inside - first)) / (last + 1 - first);
  };
  return { begin, middle: (day) => (begin(day) + begin(day + 1)) / 2, first, last, width };
};

const evenScale = (stops, first, last, width) => {
  const rank = (day) => {
    const place = Math.max(placeOf(stops, day), 0);
    if (place >= stops.length - 1) return stops.length - 1;
    const part = (day - stops[place]) / (stops[place + 1] - stops[place]);
    return place + Math.min(Math.max(part, 0), 1);
  };
  const [low, high] = [rank(first), rank(last + 1)];
  const begin = (day) => (width * (rank(day) - low)) / (high - low || 1);
  return { begin, middle: (day) => (begin(day) + begin(day + 1)) / 2, first, last, width };
};

const TICKS = [
  ...[1, 2, 7].map((days) => [days, 0]),
  ...[1, 3, 6].map((months) => [28 * months, months]),
  ...[1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8].flatMap((power) => [power, 2 * power, 5 * power])
    .map((years) => [365 * years, 12 * years]),
];

const ticksOf = (scale, most) => {
  const length = scale.last - scale.first;
  for (const [days, months] of TICKS) {
    if (length > days * (most + 1)) continue;
    const found = months ? monthTicks(scale, months) : dayTicks(scale, days);
    if (found.length && found.length <= most) return found;
  }
  return dayTicks(scale, length + 1);
};

const dayTicks = (scale, step) => {
  const found = [];
  for (let day = scale.first; day <= scale.last; day += step) {
    const [year, month, number] = civil(day);
    found.push([day, `${number} ${MONTHS[month - 1].slice(0, 3)} ${year}`]);
  }
  return found;
};

const monthTicks = (scale, step) => {
  const [year, month] = civil(scale.first);
  const found = [];
  for (let n = Math.floor((12 * year + month - 1) / step) * step; ; n += step) {
    const day = dayOf(Math.floor(n / 12), (((n % 12) + 12) % 12) + 1, 1);
    if (day > scale.last) return found;
    const name = MONTHS[((n % 12) + 12) % 12].slice(0, 3);
    const label = String(Math.floor(n / 12));
    if (day >= scale.first) found.push([day, step >= 12 ? label : `${name} ${label}`]);
  }
};

// Ticks of an even scale: as many days of changes as fit.
const evenTicks = (stops, scale) => {
  const found = [];
  let end = -Infinity;
  for (const day of stops) {
    const x = scale.begin(day);
    if (x < end || x < 0 || x > scale.width) continue;
    const [year, month, number] = civil(day);
    found.push([day, `${number} ${MONTHS[month - 1].slice(0, 3)} ${year}`]);
    end = x + 92;
  }
  return found;
};
