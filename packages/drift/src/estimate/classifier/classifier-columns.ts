import { sql, type ColumnSpec, type Leaves, type Sql } from '@martlet/warehouse'
import { columnNamed } from '../../count/spelling.ts'
import type { ClassCalibration } from './class-calibration.ts'
import type { ScoreScan } from './scan-scores.ts'

/** Which columns say what was predicted and what was true. */
export interface ClassifierColumns {
  readonly label: string
  /** A score of at least this predicts the class, where there is one; of several, the highest score does. */
  readonly threshold: number
  readonly classes: readonly Pick<ClassCalibration, 'value' | 'score' | 'edges'>[]
}

/** What to count for each class. Labels are counted where `columns` has them. */
export function scoreScans(
  leaves: Leaves,
  given: ClassifierColumns,
  columns: readonly ColumnSpec[],
): readonly ScoreScan[] {
  const label = columnNamed(columns, given.label)
  const scores = given.classes.map(({ score }) => sql.id(columnNamed(columns, score)?.name ?? score))
  return given.classes.map(({ value, edges }, index) => {
    return {
      score: scoreOf(scores, index),
      edges,
      predicted: sql`CASE WHEN ${predicted(scores, index, given.threshold)} THEN 1 ELSE 0 END`,
      truth: label === undefined ? null : truthOf(leaves, label, value),
    }
  })
}

/** The score of a class; of several classes, rows without the score of one have no prediction and so no score at all. */
function scoreOf(scores: readonly Sql[], index: number): Sql {
  const own = scores[index] ?? sql`NULL`
  if (scores.length === 1) return own
  const usable = scores.map((score) => sql`${score} >= 0 AND ${score} <= 1`)
  return sql`CASE WHEN ${sql.join(usable, sql` AND `)} THEN ${own} END`
}

function predicted(scores: readonly Sql[], index: number, threshold: number): Sql {
  const own = scores[index] ?? sql`NULL`
  if (scores.length === 1) return sql`${own} >= ${sql.raw(threshold.toExponential())}`
  // Of equal scores, the first one is the prediction.
  const higher = scores.flatMap((score, other) =>
    other === index ? [] : [other < index ? sql`${own} > ${score}` : sql`${own} >= ${score}`],
  )
  return sql.join(higher, sql` AND `)
}

/**
 * 1 for rows of the class, 0 for others, null where the label is not known; null when a label of that type is never of the class.
 * Labels that are NaN or infinite are not known.
 */
export function truthOf(leaves: Leaves, { name, type }: ColumnSpec, value: string): Sql | null {
  const column = sql.id(name)
  if (type === 'text') return oneOrZero(column, sql`${column} = ${value}`)
  if (type === 'timestamp' || type === 'date') return null
  const number = value === 'true' ? 1 : value === 'false' ? 0 : value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number)) return null
  if (type === 'boolean')
    return number === 1 ? oneOrZero(column, column) : number === 0 ? oneOrZero(column, sql`NOT ${column}`) : null
  return oneOrZero(leaves.finite(column), sql`${column} = ${sql.raw(number.toExponential())}`)
}

function oneOrZero(known: Sql, yes: Sql): Sql {
  return sql`CASE WHEN ${known} IS NULL THEN NULL WHEN ${yes} THEN 1 ELSE 0 END`
}
