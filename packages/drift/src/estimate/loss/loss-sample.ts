import { sql, type ColumnSpec, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf, textsOf } from '../../count/numbers-of.ts'
import type { LossFeature } from './loss-calibration.ts'
import { featureNumber, usableLabel } from './loss-sql.ts'

/** Rows of the reference, in the order of their time where there is one. */
export interface LossSample {
  readonly error: Float64Array
  readonly features: readonly LossFeature[]
  /** Numbers of the features; NaN where there is none. */
  readonly columns: readonly Float64Array[]
}

/** Rows to learn from; fewer of wide tables. */
const MOST_ROWS = 20_000
const MOST_CELLS = 1_000_000
const MOST_VALUES = 100
/** Longer texts, in characters, are no category: a calibration would keep a hundred of them, and every statement print them. */
const LONGEST_VALUE = 1000
/** A value of a category counts as if it had this many rows with the mean error besides its own. */
const PRIOR_ROWS = 20

/** Takes rows whose hash is smallest: on one version of an engine the same rows give the same sample, whatever their order. */
export async function lossSample(
  warehouse: Warehouse,
  rows: Sql,
  wanted: { readonly prediction: string; readonly label: string; readonly features: readonly ColumnSpec[] },
  time: Sql | null,
): Promise<LossSample> {
  const { leaves } = warehouse
  const { prediction, label, features } = wanted
  const error = sql`${usableLabel(leaves, sql.id(label), sql.id(prediction))} - ${leaves.finite(sql.id(prediction))}`
  const values = features.map((feature, index) => {
    const value =
      feature.type === 'text'
        ? sql`CASE WHEN ${isShort(leaves, feature)} THEN ${sql.id(feature.name)} END`
        : featureNumber(leaves, { name: feature.name, values: null, range: null, complete: true }, features)
    return sql`${value} AS ${sql.id(`x${index}`)}`
  })
  const hash = leaves.rowHash(...[label, ...features.map(({ name }) => name)].map((name) => sql.id(name)))
  const instant = time === null ? sql`0` : leaves.toDouble(leaves.epochMicros(time))
  const most = Math.min(MOST_ROWS, Math.floor(MOST_CELLS / features.length))
  const names = features.map((_, index) => sql.id(`x${index}`))
  const hashed = sql`
    SELECT ${error} AS e, ${instant} AS t, ${hash} AS g, ${sql.join(values)}
    FROM (${rows}) AS labelled_rows
  `
  // Equal rows are numbered, so that each is in the sample by its own chance.
  const numbered = sql`
    SELECT e, t, g, ${sql.join(names)}, ROW_NUMBER() OVER (PARTITION BY g ORDER BY t ASC NULLS LAST) AS r
    FROM (${hashed}) AS hashed_rows
    WHERE e IS NOT NULL
  `
  // The hash of an engine may be in step with the values; the digest of it is not.
  const keyed = sql`
    SELECT e, t, ${leaves.stableHash(leaves.rowHash(sql.raw('g'), sql.raw('r')))} AS h, ${sql.join(names)}
    FROM (${numbered}) AS numbered_rows
  `
  const chosen = sql`SELECT * FROM (${keyed}) AS keyed_rows ORDER BY h, t LIMIT ${sql.raw(String(most))}`
  const long = await withLongTexts(warehouse, rows, features)
  const ranges = await rangesOf(warehouse, sql`SELECT ${sql.join(values)} FROM (${rows}) AS range_rows`, features)
  const batch = await warehouse.read(sql`SELECT e, ${sql.join(names)} FROM (${chosen}) AS chosen_rows ORDER BY t, h`)
  const [first, ...others] = batch.columns
  const errors = Float64Array.from(first === undefined ? [] : numbersOf(first))
  const found = features.map(({ name, type }, index): readonly [LossFeature, Float64Array] => {
    const column = others[index]
    if (type !== 'text' || column === undefined) {
      const feature = { name, range: ranges.get(name) ?? null, values: null, complete: true }
      return [feature, Float64Array.from(column === undefined ? [] : numbersOf(column))]
    }
    const texts = textsOf(column)
    const feature = categoryFeature(name, texts, errors, !long.has(name))
    const places = new Map((feature.values ?? []).map((value, place) => [value, place]))
    return [
      feature,
      Float64Array.from(texts, (text) => (text === null ? Number.NaN : (places.get(text) ?? Number.NaN))),
    ]
  })
  return { error: errors, features: found.map(([feature]) => feature), columns: found.map(([, column]) => column) }
}

function isShort(leaves: Leaves, { name }: ColumnSpec): Sql {
  return sql`${leaves.textLength(sql.id(name))} <= ${sql.raw(String(LONGEST_VALUE))}`
}

/** The features that have texts which are no category. */
async function withLongTexts(
  warehouse: Warehouse,
  rows: Sql,
  features: readonly ColumnSpec[],
): Promise<ReadonlySet<string>> {
  const texts = features.filter(({ type }) => type === 'text')
  if (texts.length === 0) return new Set()
  const counts = texts.map((feature, at) => {
    const long = sql`COUNT(CASE WHEN NOT ${isShort(warehouse.leaves, feature)} THEN 1 END)`
    return sql`${warehouse.leaves.toDouble(long)} AS ${sql.id(`long${at}`)}`
  })
  const batch = await warehouse.read(sql`SELECT ${sql.join(counts)} FROM (${rows}) AS text_rows`)
  return new Set(texts.flatMap(({ name }, at) => (batch.columns.slice(at, at + 1).flatMap(numbersOf)[0] ? [name] : [])))
}

/** The least and greatest number of each feature in the whole reference. */
async function rangesOf(
  warehouse: Warehouse,
  rows: Sql,
  features: readonly ColumnSpec[],
): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const numbers = features.flatMap(({ name, type }, index) =>
    type === 'text' ? [] : [{ name, value: sql.id(`x${index}`) }],
  )
  const ends = numbers.flatMap(({ value }, at) => [
    sql`MIN(${value}) AS ${sql.id(`low${at}`)}`,
    sql`MAX(${value}) AS ${sql.id(`high${at}`)}`,
  ])
  const batch = await warehouse.read(sql`SELECT ${sql.join(ends)} FROM (${rows}) AS number_rows`)
  const cells = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  return new Map(
    numbers.flatMap(({ name }, at) => {
      const [low = Number.NaN, high = Number.NaN] = cells.slice(2 * at, 2 * at + 2)
      return Number.isNaN(low) ? [] : [[name, [low, high] as const] as const]
    }),
  )
}

/** The frequent values in the order of their mean errors, so that a tree can part them with one question. */
function categoryFeature(
  name: string,
  texts: readonly (string | null)[],
  errors: Float64Array,
  allShort: boolean,
): LossFeature {
  const overall = errors.reduce((sum, error) => sum + Math.abs(error), 0) / Math.max(1, errors.length)
  const sums = new Map<string, { rows: number; loss: number }>()
  for (const [row, text] of texts.entries()) {
    if (text === null) continue
    const found = sums.get(text) ?? { rows: 0, loss: 0 }
    sums.set(text, { rows: found.rows + 1, loss: found.loss + Math.abs(errors[row] ?? 0) })
  }
  const mean = ({ rows, loss }: { rows: number; loss: number }): number =>
    (loss + PRIOR_ROWS * overall) / (rows + PRIOR_ROWS)
  const values = [...sums]
    .toSorted(([a, x], [b, y]) => y.rows - x.rows || (a < b ? -1 : 1))
    .slice(0, MOST_VALUES)
    .toSorted(([a, x], [b, y]) => mean(x) - mean(y) || (a < b ? -1 : 1))
    .map(([value]) => value)
  return { name, range: null, values, complete: allShort && sums.size <= MOST_VALUES }
}
