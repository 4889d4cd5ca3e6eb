/** The candidate that `name` is a slip of the fingers away from, whatever its case; undefined when none is near. */
export function nearName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase()
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: edits(wanted, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= Math.max(1, Math.floor(name.length / 4)) ? best.candidate : undefined
}

/** How many letters have to be put in, taken out, changed or swapped with their neighbour. */
function edits(a: string, b: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity
      next.push(Math.min(changed, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
