/** So few values are sorted by insertion. */
const FEW = 16

/**
 * Moves values so that those at some ranks are where sorting would have them, as quicksort does without the parts that hold no such
 * rank. Equal values are done with at once. Both zeros are one value.
 *
 * @param ranks ascending, from 0
 */
export function selectRanks(values: Float64Array, ranks: readonly number[]): void {
  // As many halvings as introsort allows; after them, what is left is sorted.
  select(values, 0, values.length, ranks, 2 * Math.ceil(Math.log2(values.length + 1)))
}

function select(values: Float64Array, from: number, to: number, ranks: readonly number[], halvings: number): void {
  if (ranks.length === 0) return
  if (to - from <= FEW) insert(values, from, to)
  else if (halvings === 0) values.subarray(from, to).sort()
  else {
    const [below, above] = divide(values, from, to)
    const before = ranks.filter((rank) => rank < below)
    const after = ranks.filter((rank) => rank >= above)
    select(values, from, below, before, halvings - 1)
    select(values, above, to, after, halvings - 1)
  }
}

/** Moves smaller values before those equal to one in the middle, and greater ones after them; where the equal ones begin and end. */
function divide(values: Float64Array, from: number, to: number): readonly [number, number] {
  const middle = median(values[from] ?? 0, values[(from + to) >> 1] ?? 0, values[to - 1] ?? 0)
  let [below, above, next] = [from, to, from]
  while (next < above) {
    const value = values[next] ?? 0
    if (value < middle) {
      values[next] = values[below] ?? 0
      values[below] = value
      below += 1
      next += 1
    } else if (value > middle) {
      above -= 1
      values[next] = values[above] ?? 0
      values[above] = value
    } else next += 1
  }
  return [below, above]
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

function insert(values: Float64Array, from: number, to: number): void {
  for (let row = from + 1; row < to; row += 1) {
    const value = values[row] ?? 0
    let place = row
    for (; place > from && (values[place - 1] ?? 0) > value; place -= 1) values[place] = values[place - 1] ?? 0
    values[place] = value
  }
}
