import { normalTail } from '../statistics/normal.ts'
import { boostTrees, CODES } from './boosted-trees.ts'
import { mulberry } from '../random/seeded-uniform.ts'
import { rankArea, type RankArea } from './rank-area.ts'

/** How well all columns together tell the rows of one side from those of the other. */
export interface Separation {
  /** 0.5: not at all; 1: every row. Of rows that the trees have not seen. */
  readonly auc: number
  /** 95 %, by DeLong. */
  readonly interval: readonly [low: number, high: number]
  /** The chance of such an AUC when nothing changed and rows are independent. */
  readonly p: number
  readonly rows: { readonly reference: number; readonly current: number }
  /** What told them apart, the most first: a column, or two by how they go together; shares of the trees' gain. */
  readonly used: readonly { readonly columns: readonly string[]; readonly share: number }[]
  /**
   * The AUCs of reference windows, each told from the others; only where the reference is earlier windows and its own AUC could
   * alert.
   */
  readonly unchanged?: readonly number[]
}

/** One sampled column: codes below {@link CODES}, 0 where it has no value. */
export interface CodedColumn {
  readonly name: string
  readonly reference: Uint8Array
  readonly current: Uint8Array
}

const FOLDS = 5
/** Pairs whose correlation differs most between the sides get a column of their own, by their product. */
const PAIRS = 8
/**
 * Folds share rows that they are fitted to, so their AUCs are dependent: the variance of the mean is this much of that of one.
 * Source: Nadeau, Bengio (2003), 1/K + rows judged / rows fitted.
 */
const SHARED = 1 / FOLDS + 1 / (FOLDS - 1)
const SEED = 20_260_145
const NORMAL_95 = 1.959963984540054
/** What adds less than this to the trees is not named. */
const NAMED_SHARE = 0.05
const MOST_NAMED = 5

/**
 * Whether the columns together tell two sets of rows apart. Boosted trees are fitted to four fifths of the rows and judged on
 * the last fifth, five times; pairs are chosen within each fit, so that no row judges what was made from it.
 *
 * Both sides need at least 25 rows. The same rows in the same order give the same figures.
 */
export function separate(columns: readonly CodedColumn[]): Separation {
  const n = columns[0]?.reference.length ?? 0
  const m = columns[0]?.current.length ?? 0
  const labels = new Uint8Array(n + m).fill(1, n)
  const joined = columns.map(({ reference, current }) => {
    const codes = new Uint8Array(n + m)
    codes.set(reference)
    codes.set(current, n)
    return codes
  })
  const random = mulberry(SEED)
  // Rows arrive in an order that says nothing, and each side is dealt out evenly.
  const foldOf = (row: number): number => (row < n ? row : row - n) % FOLDS
  const areas: RankArea[] = []
  const gains = new Map<string, { columns: readonly string[]; gain: number }>()
  const all = Int32Array.from(labels.keys())
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const train = all.filter((row) => foldOf(row) !== fold)
    const pairs = changedPairs(joined, labels, train)
    const features = [...joined, ...pairs.map(({ codes }) => codes)]
    const trees = boostTrees({ columns: features, labels }, train, random)
    const held = Array.from(all).filter((row) => foldOf(row) === fold)
    const scoresOf = (side: number): number[] =>
      held.filter((row) => labels[row] === side).map((row) => trees.score(row))
    areas.push(rankArea(scoresOf(0), scoresOf(1)))
    for (const [index, gain] of trees.gains.entries()) {
      const indexes = index < joined.length ? [index] : (pairs[index - joined.length]?.columns ?? [])
      const names = indexes.map((column) => columns[column]?.name ?? '')
      const key = JSON.stringify(names)
      gains.set(key, { columns: names, gain: (gains.get(key)?.gain ?? 0) + gain })
    }
  }
  const auc = mean(areas.map((area) => area.auc))
  const deviation = Math.sqrt(mean(areas.map(({ variance }) => variance)) * SHARED)
  const nullDeviation = Math.sqrt(mean(areas.map(({ nullVariance }) => nullVariance)) * SHARED)
  return {
    auc,
    interval: [Math.max(0, auc - NORMAL_95 * deviation), Math.min(1, auc + NORMAL_95 * deviation)],
    // Rows that are all alike score the same, and cannot do otherwise.
    p: nullDeviation > 0 ? normalTail((auc - 0.5) / nullDeviation) : 1,
    rows: { reference: n, current: m },
    used: named([...gains.values()]),
  }
}

function named(gains: readonly { readonly columns: readonly string[]; readonly gain: number }[]): Separation['used'] {
  const total = gains.reduce((sum, { gain }) => sum + gain, 0)
  return gains
    .map(({ columns, gain }) => ({ columns, share: total === 0 ? 0 : gain / total }))
    .filter(({ share }) => share >= NAMED_SHARE)
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MOST_NAMED)
}

interface Pair {
  readonly columns: readonly [number, number]
  readonly codes: Uint8Array
}

/** The pairs whose correlation differs most between the sides of the training rows, as products of standardised codes. */
function changedPairs(columns: readonly Uint8Array[], labels: Uint8Array, train: Int32Array): readonly Pair[] {
  const standard = columns.map((codes) => standardised(codes, train))
  const [zeros, ones] = [train.filter((row) => labels[row] === 0), train.filter((row) => labels[row] === 1)]
  const changes = standard.flatMap((a, i) =>
    standard.slice(0, i).map((b, j) => ({
      columns: [j, i] as const,
      change: Math.abs(meanProduct(a, b, zeros) - meanProduct(a, b, ones)),
    })),
  )
  return changes
    .toSorted((a, b) => b.change - a.change)
    .slice(0, PAIRS)
    .map(({ columns: [i, j] }) => {
      const [a, b] = [standard[i] ?? new Float64Array(), standard[j] ?? new Float64Array()]
      return {
        columns: [i, j],
        codes: coded(
          a.map((value, row) => value * (b[row] ?? 0)),
          train,
        ),
      }
    })
}

/** Codes with mean 0 and variance 1 over the training rows; rows without a value are in the middle. */
function standardised(codes: Uint8Array, train: Int32Array): Float64Array {
  let [n, sum, squares] = [0, 0, 0]
  for (const row of train) {
    const code = codes[row] ?? 0
    if (code === 0) continue
    n += 1
    sum += code
    squares += code * code
  }
  const centre = n === 0 ? 0 : sum / n
  const spread = n === 0 ? 0 : Math.sqrt(Math.max(0, squares / n - centre * centre))
  return Float64Array.from(codes, (code) => (code === 0 || spread === 0 ? 0 : (code - centre) / spread))
}

function meanProduct(a: Float64Array, b: Float64Array, rows: Int32Array): number {
  let sum = 0
  for (const row of rows) sum += (a[row] ?? 0) * (b[row] ?? 0)
  return rows.length === 0 ? 0 : sum / rows.length
}

/** Values as codes, by quantiles of the training rows. */
function coded(values: Float64Array, train: Int32Array): Uint8Array {
  const sorted = Float64Array.from(train, (row) => values[row] ?? 0).sort()
  const edges = Array.from({ length: CODES - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / CODES)] ?? 0)
  return Uint8Array.from(values, (value) => {
    let code = 0
    for (let step = CODES / 2; step >= 1; step /= 2) if ((edges[code + step - 1] ?? Infinity) < value) code += step
    return code
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
