import { significant } from '../../verdict/stable-number.ts'
import { binFeatures, boost, type BoostedTrees, type LossTree } from './boosted-trees.ts'
import type { ExpectedLoss } from './loss-calibration.ts'

const BLOCKS = 10
const MOST_TREES = 60
/** Boosting ends after so many trees that did not help on rows held out. */
const PATIENCE = 10

/**
 * Learns how a loss depends on features. Rows are divided into ten consecutive blocks, each held out in turn: they say how many
 * trees to take (none when features do not help), and how far off the result is. With `timed`, blocks are stretches of time.
 */
export function fitLoss(
  columns: readonly Float64Array[],
  loss: Float64Array,
  timed: boolean,
): Omit<ExpectedLoss, 'scale' | 'levelError'> {
  const features = binFeatures(columns)
  const blocks = Array.from({ length: BLOCKS }, (_, block) => ({
    from: Math.floor((loss.length * block) / BLOCKS),
    to: Math.floor((loss.length * (block + 1)) / BLOCKS),
  }))
  const errors = new Float64Array(MOST_TREES + 1)
  const held = blocks.map(({ from, to }) => {
    const others = Uint32Array.from({ length: loss.length - (to - from) }, (_, index) =>
      index < from ? index : index + to - from,
    )
    const found: HeldOut[] = []
    boost(features, loss, others, MOST_TREES + 1, (predicted, trees) => {
      if (trees > MOST_TREES) return false
      found.push(heldOut(loss, predicted, from, to))
      const least = found.reduce((best, one, at) => (one.squares < (found[best]?.squares ?? Infinity) ? at : best), 0)
      return trees - least < PATIENCE
    })
    // Past its end a block keeps its last error, so that it does not count in favour of more trees.
    for (let trees = 0; trees <= MOST_TREES; trees += 1)
      errors[trees] = (errors[trees] ?? 0) + (found[Math.min(trees, found.length - 1)]?.squares ?? 0)
    return found
  })
  const wanted = errors.reduce((best, error, trees) => (error < (errors[best] ?? Infinity) ? trees : best), 0)
  const everyone = Uint32Array.from({ length: loss.length }, (_, row) => row)
  const trees = boost(features, loss, everyone, wanted, () => true)
  const chosen = held.flatMap((found) => found.slice(0, wanted + 1).slice(-1))
  const slope = slopeOf(chosen)
  const squares = chosen.reduce((sum, one) => sum + one.squares, 0)
  const expected = chosen.reduce((sum, one) => sum + one.expectedSquares, 0)
  const noise = expected > 0 ? squares / expected : 0
  return {
    trees: stretched(trees, slope.value),
    centre: significant(trees.base, 9),
    slopeError: significant(slope.error, 6),
    noise: significant(noise, 9),
    unsteady: timed ? unsteadiness(chosen, noise) : null,
  }
}

interface HeldOut {
  readonly rows: number
  readonly squares: number
  readonly expectedSquares: number
  readonly expected: number
  readonly loss: number
  readonly product: number
}

function heldOut(loss: Float64Array, predicted: Float64Array, from: number, to: number): HeldOut {
  const sums = { rows: to - from, squares: 0, expectedSquares: 0, expected: 0, loss: 0, product: 0 }
  for (let row = from; row < to; row += 1) {
    const [real, expected] = [loss[row] ?? 0, Math.max(0, predicted[row] ?? 0)]
    sums.squares += (real - expected) ** 2
    sums.expectedSquares += expected ** 2
    sums.expected += expected
    sums.loss += real
    sums.product += real * expected
  }
  return sums
}

function unsteadiness(blocks: readonly HeldOut[], noise: number): ExpectedLoss['unsteady'] {
  const excess = blocks.flatMap(({ expected, expectedSquares, loss }) =>
    expected > 0 ? [(loss / expected - 1) ** 2 - (noise * expectedSquares) / expected ** 2] : [],
  )
  const mean = excess.reduce((sum, square) => sum + square, 0) / Math.max(1, excess.length)
  return { blocks: excess.length, spread: significant(Math.sqrt(Math.max(0, mean)), 6) }
}

/**
 * By how much losses of rows held out differ where expectations differ by one, and its standard error (jackknife over blocks). Few
 * trees shrink all differences, many make some of them up.
 */
function slopeOf(blocks: readonly HeldOut[]): { readonly value: number; readonly error: number } {
  const slope = (some: readonly HeldOut[]): number => {
    const total = (pick: (one: HeldOut) => number): number => some.reduce((sum, one) => sum + pick(one), 0)
    const [rows, x, y] = [total((one) => one.rows), total((one) => one.expected), total((one) => one.loss)]
    const spread = total((one) => one.expectedSquares) - (x * x) / rows
    return spread > (1e-9 * x * x) / rows ? (total((one) => one.product) - (x * y) / rows) / spread : Number.NaN
  }
  const all = slope(blocks)
  if (Number.isNaN(all)) return { value: 1, error: 0 }
  const value = Math.min(2, Math.max(0, all))
  const others = blocks.map((_, left) => slope(blocks.filter((__, block) => block !== left)))
  const mean = others.reduce((sum, one) => sum + one, 0) / others.length
  const squares = others.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  return { value, error: Math.sqrt((squares * (others.length - 1)) / others.length) / Math.max(value, 0.1) }
}

/** The trees with all differences from the base `slope` times as large. */
function stretched({ base, trees }: BoostedTrees, slope: number): BoostedTrees {
  const tree = (one: LossTree): LossTree =>
    'value' in one ? { value: significant(one.value * slope, 9) } : { ...one, low: tree(one.low), high: tree(one.high) }
  return { base: significant(base, 9), trees: trees.map(tree) }
}
