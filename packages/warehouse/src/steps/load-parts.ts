import { ddlRollsBack } from '../table/unit-of-work.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import type { LoadedRange, LoadTables } from './load-sql.ts'
import type { StepName } from './step-error.ts'
import { inSource, sourceRows } from './step-source.ts'
import { wholeAt } from './step-state.ts'
import { sql } from '../sql.ts'

/** Rows that are written in one transaction: those of a range of loadedAt, by buckets of keys where they are too many. */
export interface LoadPart extends LoadedRange {
  readonly rows: number
  readonly buckets: number
}

export interface Pending {
  readonly parts: readonly LoadPart[]
  readonly rows: number
  /** Rows without a loadedAt. */
  readonly unknown: number
  /** Rows with a loadedAt after the end of the run. */
  readonly later: number
}

const SLOTS = 1024n

/** What was loaded since `from`, and before `to`, in parts of at most `most` rows where their loadedAt tells them apart. */
export async function pendingParts(
  session: Warehouse,
  step: StepName,
  load: LoadTables,
  range: LoadedRange,
  most: number,
  options: RunOptions,
): Promise<Pending> {
  const { leaves, source, loadedAt } = load
  const at = sql.id('q', loadedAt)
  const isIn = sql`${at} < ${leaves.timestamp(range.to)}`
  const since = range.from === null ? sql`` : sql` WHERE ${at} IS NULL OR ${at} >= ${leaves.timestamp(range.from)}`
  const { columns } = await inSource(session, step, source, () =>
    session.read(
      sql`
        SELECT COUNT(CASE WHEN ${isIn} THEN 1 END) AS pending, COUNT(*) - COUNT(${at}) AS unknown, COUNT(${at}) AS known,
          ${leaves.epochMicros(sql`MIN(${at})`)} AS first, ${leaves.epochMicros(sql`MAX(CASE WHEN ${isIn} THEN ${at} END)`)} AS last
        FROM ${sourceRows(source)} AS q${since}
      `,
      options,
    ),
  )
  const [rows, unknown, known] = columns.slice(0, 3).map((column) => Number(wholeAt(column, 0) ?? 0n))
  const [first, last] = [wholeAt(columns[3], 0), wholeAt(columns[4], 0)]
  const counts = { rows: rows ?? 0, unknown: unknown ?? 0, later: (known ?? 0) - (rows ?? 0) }
  if (first === null || last === null || counts.rows === 0) return { ...counts, parts: [] }
  const whole = { from: first, to: last + 1n, rows: counts.rows, buckets: 1 }
  const parts = await split(session, step, load, whole, most, options)
  // A row that arrives meanwhile where there was none is read too.
  return { ...counts, parts: parts.map((part, index) => ({ ...part, from: parts[index - 1]?.to ?? part.from })) }
}

interface Slot extends LoadPart {
  readonly from: bigint
}

async function split(
  session: Warehouse,
  step: StepName,
  load: LoadTables,
  whole: Slot,
  most: number,
  options: RunOptions,
): Promise<readonly LoadPart[]> {
  if (whole.rows <= most) return [whole]
  // Where creating a table commits, a transaction has one batch.
  if (whole.to - whole.from <= 1n)
    return [{ ...whole, buckets: ddlRollsBack(session) ? Math.ceil(whole.rows / most) : 1 }]
  const parts: LoadPart[] = []
  let open: Slot | undefined
  for (const slot of await slotsOf(session, step, load, whole, options)) {
    if (open !== undefined && open.rows + slot.rows <= most) {
      open = { ...open, to: slot.to, rows: open.rows + slot.rows }
      continue
    }
    if (open !== undefined) parts.push(open)
    open = undefined
    if (slot.rows <= most) open = slot
    else parts.push(...(await split(session, step, load, slot, most, options)))
  }
  return open === undefined ? parts : [...parts, open]
}

/** The rows of equal slots of a range, without those that have none. */
async function slotsOf(
  session: Warehouse,
  step: StepName,
  { leaves, source, loadedAt }: LoadTables,
  { from, to }: Slot,
  options: RunOptions,
): Promise<readonly Slot[]> {
  const width = (to - from + SLOTS - 1n) / SLOTS
  const at = sql.id('q', loadedAt)
  const slot = leaves.floorDivide(sql`${leaves.epochMicros(at)} - ${sql.lit(from)}`, Number(width))
  const { rows, columns } = await inSource(session, step, source, () =>
    session.read(
      sql`
        SELECT slot, COUNT(*) AS given
        FROM (
          SELECT ${slot} AS slot FROM ${sourceRows(source)} AS q
          WHERE ${at} >= ${leaves.timestamp(from)} AND ${at} < ${leaves.timestamp(to)}
        ) AS s
        GROUP BY slot ORDER BY slot
      `,
      options,
    ),
  )
  return Array.from({ length: rows }, (_, row) => {
    const start = from + (wholeAt(columns[0], row) ?? 0n) * width
    const end = start + width < to ? start + width : to
    return { from: start, to: end, rows: Number(wholeAt(columns[1], row)), buckets: 1 }
  })
}
