import { createHash } from 'node:crypto'
import type { ColumnVector } from '../column.ts'
import type { MartletError } from '../errors.ts'
import { ensureTable, type TableSpec } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import { stepError, type StepName } from './step-error.ts'
import type { StepSource } from './step-source.ts'
import { sql, type Sql } from '../sql.ts'

/** What is known of every step. The row of a step is changed with the rows that it writes, in one transaction. */
const STEPS: TableSpec = {
  table: 'loads_internal.steps',
  columns: [
    { name: 'kind', type: 'text', nullable: false },
    { name: 'name', type: 'text', nullable: false },
    { name: 'target', type: 'text', nullable: false },
    { name: 'definition', type: 'text', nullable: false },
    { name: 'watermark', type: 'timestamp' },
    { name: 'turn', type: 'bigint', nullable: false },
    { name: 'ran_at', type: 'timestamp' },
  ],
}

/** How far a load or a snapshot has read. */
export interface StepState {
  readonly kind: 'load' | 'snapshot'
  readonly name: string
  /** The table that it writes. */
  readonly into: string
  /** The newest loadedAt that it has read, in microseconds since the epoch; null before the first row. */
  readonly watermark: bigint | null
  /** When it last ended, in microseconds since the epoch. */
  readonly ranAt: bigint | null
}

export interface StoredState extends StepState {
  /** A hash of what the step is; rows that another one has read are read again. */
  readonly definition: string
  /** Counts the transactions of the step. */
  readonly turn: bigint
}

/** Creates what keeps the states, and the row of a step. */
export async function ensureState(warehouse: Warehouse, step: StepName, into: string): Promise<void> {
  await ensureTable(warehouse, STEPS)
  if ((await turnOf(warehouse, step)) !== undefined) return
  // Two first runs may both insert a row: each then changes both, so they are one.
  await warehouse.run(sql`
    INSERT INTO ${tableRef(STEPS.table)} (kind, name, target, definition, turn)
    SELECT ${step.kind}, ${step.name}, ${into}, '', 0
  `)
}

/** The state of a step; undefined when it never ran. */
export async function readState(warehouse: Warehouse, step: StepName): Promise<StoredState | undefined> {
  if ((await warehouse.introspect(STEPS.table)) === undefined) return undefined
  return (await states(warehouse, sql` WHERE ${isStep(step)}`))[0]
}

/** How many transactions a step has had; undefined when it never ran. */
export async function turnOf(warehouse: Warehouse, step: StepName): Promise<bigint | undefined> {
  return (await states(warehouse, sql` WHERE ${isStep(step)}`))[0]?.turn
}

/**
 * How far every load and snapshot has read, by kind and name; empty when none ever ran.
 *
 * @example for (const { name, watermark } of await stepStates(warehouse)) console.log(name, watermark)
 */
export async function stepStates(warehouse: Warehouse): Promise<readonly StepState[]> {
  if ((await warehouse.introspect(STEPS.table)) === undefined) return []
  const all = (await states(warehouse, sql``)).filter(({ ranAt }) => ranAt !== null)
  return all
    .map(({ kind, name, into, watermark, ranAt }) => ({ kind, name, into, watermark, ranAt }))
    .filter(({ kind, name }, index, list) => index === list.findIndex((one) => one.kind === kind && one.name === name))
}

async function states(warehouse: Warehouse, where: Sql): Promise<readonly StoredState[]> {
  const { epochMicros } = warehouse.leaves
  const { rows, columns } = await warehouse.read(sql`
    SELECT kind, name, target, definition, ${epochMicros(sql`watermark`)} AS watermark, turn, ${epochMicros(sql`ran_at`)} AS ran_at
    FROM ${tableRef(STEPS.table)}${where} ORDER BY kind, name, turn DESC NULLS LAST
  `)
  const [kinds, names, targets, definitions, watermarks, turns, ran] = columns
  return Array.from({ length: rows }, (_, row) => ({
    kind: textAt(kinds, row) === 'load' ? 'load' : 'snapshot',
    name: textAt(names, row),
    into: textAt(targets, row),
    definition: textAt(definitions, row),
    watermark: wholeAt(watermarks, row),
    turn: wholeAt(turns, row) ?? 0n,
    ranAt: wholeAt(ran, row),
  }))
}

/**
 * Changes the row of a step, which locks others out until the transaction ends.
 * @throws MartletError STEP_BUSY when another run holds it
 */
export async function takeTurn(transaction: Warehouse, step: StepName): Promise<void> {
  await transaction.run(sql`UPDATE ${tableRef(STEPS.table)} SET turn = turn + 1 WHERE ${isStep(step)}`)
}

/** Records how far a step has read. */
export async function writeState(
  transaction: Warehouse,
  step: StepName,
  { into, definition, watermark }: Pick<StoredState, 'into' | 'definition' | 'watermark'>,
): Promise<void> {
  const { leaves } = transaction
  const read = watermark === null ? sql`CAST(NULL AS ${leaves.columnType('timestamp')})` : leaves.timestamp(watermark)
  await transaction.run(sql`
    UPDATE ${tableRef(STEPS.table)}
    SET target = ${into}, definition = ${definition}, watermark = ${read}, ran_at = ${leaves.timestamp(Date.now() * 1000)}
    WHERE ${isStep(step)}
  `)
}

/** Another run of the step came first, again and again. */
export function busy(step: StepName, cause?: unknown): MartletError {
  return stepError(
    'STEP_BUSY',
    step,
    'another run of it, or of something else that writes the same table, is under way. Run it again when that has ended.',
    {},
    cause,
  )
}

/** A hash of what makes a step what it is: with another one, what was read before is no longer what it would read. */
export function definitionHash(
  warehouse: Warehouse,
  source: StepSource,
  parts: Readonly<Record<string, unknown>>,
): string {
  const from = 'table' in source ? { table: source.table } : warehouse.compile(source.query)
  return createHash('sha256')
    .update(JSON.stringify({ from, ...parts }))
    .digest('hex')
}

function isStep({ kind, name }: StepName): Sql {
  return sql`kind = ${kind} AND name = ${name}`
}

function textAt(column: ColumnVector | undefined, row: number): string {
  return column?.type === 'text' ? (column.values[row] ?? '') : ''
}

/** A whole number of a result; null for a null. */
export function wholeAt(column: ColumnVector | undefined, row: number): bigint | null {
  if (column === undefined || column.nulls?.[row] === 1) return null
  const value = column.values[row]
  return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : null
}

/** How many rows a table has. */
export async function countRows(warehouse: Warehouse, table: string): Promise<number> {
  const { columns } = await warehouse.read(sql`SELECT COUNT(*) AS there FROM ${tableRef(table)}`)
  return Number(wholeAt(columns[0], 0) ?? 0n)
}
