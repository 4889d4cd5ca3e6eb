import { rowsOf, sql, type RunOptions, type Sql, type Warehouse } from '@martlet/warehouse'
import type { EntityPlan } from '../plan/source-plan.ts'
import type { PreviewValue } from '../read/preview/batch-values.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import {
  afterColumn,
  beforeColumn,
  changedSql,
  differenceSql,
  measureOf,
  rowsCompared,
  type Sides,
} from './compare-values.ts'
import type { ChangedValue } from './view-diff.ts'

const DAY_MICROS = 86_400_000_000

/** The row whose value changes most, from a table of joined rows; of values without a difference, the first. */
export async function largestChange(
  session: Warehouse,
  table: Sql,
  entity: EntityPlan,
  sides: Sides,
  i: number,
  run: RunOptions,
): Promise<ChangedValue | null> {
  const { leaves } = session
  const keys = entity.keys.map((_, at) => sql.id('j', keyAlias(at)))
  const difference = differenceSql(leaves, sides, i)
  const list = [
    ...keys,
    sql`j.at AS at`,
    sql`${beforeColumn(i)} AS old_value`,
    sql`${afterColumn(i)} AS new_value`,
    sql`${difference ?? sql`CAST(NULL AS DOUBLE)`} AS difference`,
  ]
  const largest = difference === undefined ? [] : [sql`ABS(${difference}) DESC NULLS LAST`]
  const rows = rowsOf<Readonly<Record<string, PreviewValue>>>(
    await session.read(
      sql`
        SELECT ${sql.join(list)}
        FROM ${table} j
        WHERE ${rowsCompared(sides)} AND ${changedSql(leaves, sides, i)}
        ORDER BY ${sql.join([...largest, ...keys, sql`j.at`])} LIMIT 1
      `,
      run,
    ),
  )
  const [row] = rows
  const time = row?.['at']
  if (row === undefined || !(time instanceof Date)) return null
  const found = Number(row['difference'] ?? Number.NaN)
  const scale = sides.pair.after !== undefined && measureOf(sides.pair.after.type) === 'time' ? DAY_MICROS : 1
  return {
    key: Object.fromEntries(entity.keys.map(({ name }, at) => [name, row[keyAlias(at)] ?? null])),
    time,
    before: row['old_value'] ?? null,
    after: row['new_value'] ?? null,
    difference: Number.isFinite(found) ? found / scale : null,
  }
}
