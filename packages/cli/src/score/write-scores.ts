import { SPINE_ROW } from '@martlet/feature-store'
import {
  ensureSchema,
  MartletError,
  replaceTable,
  rowsOf,
  splitTableName,
  sql,
  tableRef,
  typeText,
  unitOfWork,
  writeParquet,
  type RunOptions,
  type Warehouse,
} from '@martlet/warehouse'
import type { ScoreTarget } from './score-spine.ts'
import { finishedChunks, SCORE_ROW, type RunState, type WorkTables } from './work-tables.ts'

export interface Written {
  readonly refused: number
  readonly outputs: readonly { readonly name: string; readonly type: string }[]
}

/**
 * Puts the rows of the spine with their predictions into their place, which holds the rows of before until all are
 * there.
 * @throws MartletError SCORES_INCOMPLETE when rows are missing or there twice
 */
export async function writeScores(
  warehouse: Warehouse,
  into: ScoreTarget,
  tables: WorkTables,
  { rows, columns, chunks }: RunState,
  run: RunOptions,
): Promise<Written> {
  const finished = await finishedChunks(warehouse, tables)
  const refused = [...finished.values()].reduce((sum, count) => sum + count, 0)
  const specs = ((await warehouse.introspect(tables.predictions)) ?? []).filter(({ name }) => name !== SCORE_ROW)
  if (specs.length === 0)
    throw new MartletError(
      'NOTHING_SCORED',
      `The model cannot predict any of the ${rows} rows: each lacks a feature that it does not do without. ` +
        'Check the keys and times of the spine.',
      { data: { rows } },
    )
  const predicted = rowsOf(
    await warehouse.read(
      sql`SELECT COUNT(*) AS n, COUNT(DISTINCT ${sql.id(SCORE_ROW)}) AS different FROM ${tableRef(tables.predictions)}`,
    ),
  )
  const [{ n, different } = {}] = predicted
  const check = (written: number): void => {
    if (written === rows && n === different && Number(n) + refused === rows && finished.size === chunks) return
    throw new MartletError(
      'SCORES_INCOMPLETE',
      `There are ${String(n)} predictions and ${refused} refused rows for the ${rows} rows of the spine. Nothing was written. ` +
        'Begin anew with `restart` (--restart).',
      { data: { rows, predicted: Number(n), refused, written } },
    )
  }
  check(rows)
  const list = [
    sql.id('s', SPINE_ROW),
    ...columns.map((name) => sql.id('s', name)),
    ...specs.map(({ name }) => sql.id('p', name)),
  ]
  const query = sql`
    SELECT ${sql.join(list)}
    FROM ${tableRef(tables.spine)} s
    LEFT JOIN ${tableRef(tables.predictions)} p ON ${sql.id('p', SCORE_ROW)} = ${sql.id('s', SPINE_ROW)}
  `
  if ('parquet' in into) {
    const file = await writeParquet(warehouse, sql`${query} ORDER BY ${sql.id('s', SPINE_ROW)}`, into.parquet, run)
    check(file.rows)
  } else {
    const { table } = into
    const schema = splitTableName(table).slice(0, -1)
    await unitOfWork(warehouse, async (unit) => {
      if (schema.length > 0) await ensureSchema(unit, schema.join('.'))
      await replaceTable(unit, { table, rows: query, orderBy: [SPINE_ROW], check }, run)
    })
  }
  return { refused, outputs: specs.map(({ name, type }) => ({ name, type: typeText(type) })) }
}
