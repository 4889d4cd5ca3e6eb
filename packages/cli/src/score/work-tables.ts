import { createHash } from 'node:crypto'
import {
  columnBatch,
  dropTable,
  ensureSchema,
  ensureTable,
  rowsOf,
  sql,
  tableRef,
  type Sql,
  unitOfWork,
  type Warehouse,
} from '@martlet/warehouse'
import { z } from 'zod'

/** The column with a row's number in the spine; two underscores in a row stand in no name of a feature's. */
export const SCORE_ROW = 'score__row'

/** The schema of what unfinished runs have computed. */
const SCHEMA = 'scores_internal'

/** The tables of a run until its result is written; another run into the same target finds them by their names. */
export interface WorkTables {
  readonly spine: string
  /** The spine as a run that continues another finds it. */
  readonly spineNow: string
  readonly features: string
  readonly predictions: string
  /** A row for each chunk whose predictions are all there, with how many of its rows the model refused. */
  readonly finished: string
  /** One row, written last: when it is there, the spine is too. */
  readonly state: string
}

export function workTables(target: string): WorkTables {
  const name = `${SCHEMA}.t${createHash('sha256').update(target).digest('hex').slice(0, 20)}`
  return {
    spine: `${name}_spine`,
    spineNow: `${name}_now`,
    features: `${name}_features`,
    predictions: `${name}_predictions`,
    finished: `${name}_finished`,
    state: `${name}_state`,
  }
}

/** What is known of a run that has begun. */
export interface RunState {
  /** A hash of what was asked for: a run of something else does not continue this one. */
  readonly request: string
  readonly startedAt: string
  readonly rows: number
  readonly chunks: number
  /** The columns of the spine. */
  readonly columns: readonly string[]
  readonly first: string
  readonly last: string
}

const state: z.ZodType<RunState> = z.object({
  request: z.string(),
  startedAt: z.string(),
  rows: z.number(),
  chunks: z.number(),
  columns: z.array(z.string()),
  first: z.string(),
  last: z.string(),
})

/** The state of an unfinished run, or undefined. */
export async function readState(warehouse: Warehouse, tables: WorkTables): Promise<RunState | undefined> {
  if ((await warehouse.introspect(tables.state)) === undefined) return undefined
  const [row] = rowsOf(await warehouse.read(sql`SELECT text FROM ${tableRef(tables.state)}`))
  return row === undefined ? undefined : state.parse(JSON.parse(z.string().parse(row['text'])))
}

export async function writeState(warehouse: Warehouse, tables: WorkTables, run: RunState): Promise<void> {
  await unitOfWork(warehouse, async (unit) => {
    await ensureSchema(unit, SCHEMA)
    await ensureTable(unit, { table: tables.state, columns: [{ name: 'text', type: 'text' }] })
    await unit.append(tables.state, columnBatch({ text: { type: 'text', values: [JSON.stringify(run)] } }))
  })
}

/** Drops the tables of a run, the state first: without it the others are left over. */
export async function dropWork(warehouse: Warehouse, tables: WorkTables): Promise<void> {
  for (const table of [
    tables.state,
    tables.finished,
    tables.predictions,
    tables.features,
    tables.spine,
    tables.spineNow,
  ])
    await dropTable(warehouse, table)
}

/**
 * The rows that the model refused, by the chunks that are predicted. What belongs to a chunk is written in one
 * transaction, so it is there as a whole or not at all.
 */
export async function finishedChunks(
  warehouse: Warehouse,
  { finished }: WorkTables,
): Promise<ReadonlyMap<number, number>> {
  if ((await warehouse.introspect(finished)) === undefined) return new Map()
  const found = rowsOf(await warehouse.read(sql`SELECT chunk, refused FROM ${tableRef(finished)}`))
  return new Map(found.map((row) => [Number(row['chunk']), Number(row['refused'])]))
}

/** Whether two stored spines have the same rows, whatever order they were read in. */
export async function sameRows(
  warehouse: Warehouse,
  [one, other]: readonly [string, string],
  before: Pick<RunState, 'rows' | 'columns'>,
  now: Pick<RunState, 'rows' | 'columns'>,
): Promise<boolean> {
  if (before.rows !== now.rows || before.columns.join('\0') !== now.columns.join('\0')) return false
  const columns = sql.join(before.columns.map((name) => sql.id(name)))
  const counted = (table: string): Sql =>
    sql`SELECT ${columns}, COUNT(*) AS score__count FROM ${tableRef(table)} GROUP BY ${columns}`
  // As many rows, of which none is only in one of them.
  const found = rowsOf(
    await warehouse.read(sql`SELECT COUNT(*) AS n FROM (${counted(one)} EXCEPT ${counted(other)}) different`),
  )
  return Number(found[0]?.['n']) === 0
}
