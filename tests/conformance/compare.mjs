// Answers of two engines, side by side, term by term.
const low = (term) => (Array.isArray(term) ? term[0] : term);
const best = (term) => (Array.isArray(term) ? term[1] : term);
const high = (term) => (Array.isArray(term) ? term[2] : term);
const overlap = (a, b) => low(a) <= high(b) && low(b) <= high(a);

const grouped = (bytes) => Math.round(bytes).toString().replace(/\B(?=(\d{3})+$)/g, ',');
const shown = (term) =>
  Array.isArray(term) && term[0] !== term[2] ? `${grouped(best(term))} (${grouped(low(term))}..${grouped(high(term))})` : grouped(best(term));

// A comparison collects what two engines said of the same starts.
export function comparison(title, left, right) {
  return { title, left, right, terms: new Map(), differences: [], refused: 0, starts: 0 };
}

export function add(to, start, a, b) {
  ++to.starts;
  if (a.error && b.error) return void ++to.refused;
  if (a.error || b.error) return void to.differences.push({ start, text: `${a.error ? to.left : to.right} refuses: ${a.error ?? b.error}` });
  for (const place of Object.keys(a))
    for (const term of Object.keys(a[place])) take(to, start, `${term} ${place}`, a[place][term], b[place]?.[term] ?? 0);
}

function take(to, start, name, a, b) {
  const row = to.terms.get(name) ?? { equal: 0, different: 0 };
  to.terms.set(name, row);
  if (overlap(a, b)) return void ++row.equal;
  ++row.different;
  const share = best(a) === 0 ? '' : `  ${(100 * (best(b) / best(a) - 1)).toFixed(1)} %`;
  to.differences.push({ start, text: `${name.padEnd(14)} ${to.left} ${shown(a)}, ${to.right} ${shown(b)}${share}` });
}

export function report(of) {
  const lines = [`${of.title}: ${of.starts} starts${of.refused ? `, ${of.refused} refused by both` : ''}`];
  for (const [name, { equal, different }] of [...of.terms].sort())
    lines.push(`  ${name.padEnd(14)} ${String(equal).padStart(3)} agree${different ? `, ${different} differ` : ''}`);
  for (const { start, text } of of.differences) lines.push(`  ${start.padEnd(34)} ${text}`);
  return lines.join('\n');
}
