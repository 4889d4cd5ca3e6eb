import { sql, type ColumnSpec, type Sql } from '@martlet/warehouse'
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
export function scoreScans(given: ClassifierColumns, columns: readonly ColumnSpec[]): readonly ScoreScan[] {
  const label = columnNamed(columns, given.label)
  const scores = given.classes.map(({ score }) => sql.id(columnNamed(columns, score)?.name ?? score))
  return given.classes.map(({ value, edges }, index) => {
    const score = scores[index] ?? sql`NULL`
    return {
      score,
      edges,
      predicted: sql`CASE WHEN ${predicted(scores, index, given.threshold)} THEN 1 ELSE 0 END`,
      truth: label === undefined ? null : truth(label, value),
    }
  })
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

/** 1 for rows of the class, 0 for others, null where the label is not known. */
function truth({ name, type }: ColumnSpec, value: string): Sql {
  const column = sql.id(name)
  const same =
    type === 'boolean'
      ? value === 'true'
        ? column
        : sql`NOT ${column}`
      : type === 'text'
        ? sql`${column} = ${value}`
        : sql`${column} = ${sql.raw(Number(value).toExponential())}`
  return sql`CASE WHEN ${column} IS NULL THEN NULL WHEN ${same} THEN 1 ELSE 0 END`
}
