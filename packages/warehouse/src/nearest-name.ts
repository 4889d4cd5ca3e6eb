/** Longer names come from a caller who does not misspell but probe; comparing them would cost time for nothing. */
const LONGEST_NAME = 128

/**
 * The candidate that `name` is probably a misspelling of, whatever its case; undefined when none is close.
 *
 * One edit is allowed per three letters and at least one, as in rustc: enough for real misspellings,
 * too few to turn one short name into another (`id` is not a misspelling of `db`).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST_NAME) return undefined
  const wanted = name.toLowerCase()
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= fewest) continue
    const distance = edits(wanted, candidate.toLowerCase())
    if (distance < fewest) [best, fewest] = [candidate, distance]
  }
  return best
}

/** How many letters have to be inserted, deleted, replaced or swapped with their neighbour (optimal string alignment). */
function edits(a: string, b: string): number {
  let twoBefore: readonly number[] = []
  let before: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const areSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = areSwapped ? (twoBefore[j - 2] ?? 0) + 1 : Infinity
      row.push(Math.min(replaced, swapped, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    twoBefore = before
    before = row
  }
  return before[b.length] ?? 0
}
