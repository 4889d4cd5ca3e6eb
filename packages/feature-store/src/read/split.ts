import { MartletError, sql, type RunOptions, type Sql, type Warehouse } from '@martlet/warehouse'
import { SPINE_MICROS, type CheckedSpine } from '../compile/keyed-spine.ts'
import { durationMicros, type Duration } from '../define/duration.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { bad as badSpine } from './spines/bad-spine.ts'
import { spineBounds } from './spines/spine-bounds.ts'
import { instantInZone } from './spines/instant-in-zone.ts'

/** How the rows of a training set are told apart by time. */
export interface SplitOptions {
  /** One border, between `train` and `test`, or two, with `validation` between them. Text without a zone is read as the spine's. */
  readonly at: readonly [Date | string] | readonly [Date | string, Date | string]
  /** Rows up to so long after a border are left out. @default '0h' */
  readonly embargo?: Duration
}

/** The column that says which part of a split a row belongs to. */
export const SPLIT = 'split'

/** A split in µs. */
export interface SplitPlan {
  readonly borders: readonly bigint[]
  readonly parts: readonly string[]
  /** How far after t the windows of labels reach. */
  readonly horizon: number
  readonly embargo: number
}

/** What a manifest says of a split. */
export type SplitText = {
  readonly at: readonly string[]
  /** How far the longest label reaches. */
  readonly horizon: string
  readonly embargo: string
  /** The rows of each part. */
  readonly rows: Readonly<Record<string, number>>
  /** Rows that were left out because the window of a label crosses a border. */
  readonly purged: number
  /** Other rows that were left out because they follow a border too closely. */
  readonly embargoed: number
}

/**
 * @throws MartletError BAD_SPLIT when the borders are not one or two instants in order
 * @throws MartletError INVALID_INSTANT when one is not a point in time
 * @throws MartletError INVALID_DEFINITION when the embargo is not a duration
 */
export function planSplit(options: SplitOptions, labels: readonly LabelPlan[], zone: string): SplitPlan {
  const given: unknown = options.at
  if (!Array.isArray(given) || given.length < 1 || given.length > 2)
    throw bad('A split has one border (train, test) or two (train, validation, test). Give `at` one or two instants.')
  const borders = options.at.map((at, i) => instantInZone(at, zone, `border ${i + 1} of the split`))
  const [first, second] = borders
  if (first !== undefined && second !== undefined && first >= second)
    throw bad(`The borders of a split are in order, but ${isoTime(first)} is not before ${isoTime(second)}. Swap them.`)
  return {
    borders,
    parts: second === undefined ? ['train', 'test'] : ['train', 'validation', 'test'],
    horizon: Math.max(0, ...labels.map(({ gap, length, steps = 1 }) => gap + length * steps)),
    embargo: durationMicros(options.embargo ?? '0h', 'embargo', {}),
  }
}

/**
 * The rows of a spine that stay, numbered anew, with the column `split` that says to which part each belongs.
 * @throws MartletError BAD_SPLIT when a part would have no rows
 * @throws MartletError BAD_SPINE when the spine has a column of that name
 */
export async function splitSpine(
  session: Warehouse,
  spine: CheckedSpine,
  plan: SplitPlan,
  run: RunOptions,
): Promise<{ readonly spine: CheckedSpine; readonly text: SplitText }> {
  const taken = spine.columns.find((name) => name.toLowerCase() === SPLIT)
  if (taken !== undefined)
    throw badSpine(`The spine has a column '${taken}', which is what the split calls its own. Rename it.`, {
      column: taken,
    })
  const us = sql.id('s', SPINE_MICROS)
  const { borders, parts } = plan
  const later = borders.map((border, i) => sql`WHEN ${us} < ${integer(border)} THEN ${sql.lit(parts[i] ?? '')}`)
  const part = sql`CASE ${sql.join(later, sql` `)} ELSE ${sql.lit(parts.at(-1) ?? '')} END`
  const [purged, embargoed] = [anyOf(borders.map(crossed)), anyOf(borders.map(near))]
  const counted = await session.read(
    sql`
      SELECT part, fate, COUNT(*) AS n
      FROM (
        SELECT ${part} AS part, CASE WHEN ${purged} THEN 'purged' WHEN ${embargoed} THEN 'embargoed' ELSE 'kept' END AS fate
        FROM ${sql.id(spine.table)} s
      ) s
      GROUP BY part, fate
    `,
    run,
  )
  const counts = countsOf(counted)
  const rows = Object.fromEntries(parts.map((name) => [name, counts(name, 'kept')]))
  const left = (fate: string): number => parts.reduce((sum, name) => sum + counts(name, fate), 0)
  const text = {
    at: borders.map(isoTime),
    horizon: durationText(plan.horizon),
    embargo: durationText(plan.embargo),
    rows,
    purged: left('purged'),
    embargoed: left('embargoed'),
  }
  refuseEmpty(text)
  const table = `${spine.table}_split`
  const columns = [SPINE_MICROS, ...spine.columns].map((name) => sql.id('s', name))
  await session.run(
    sql`
      CREATE TEMPORARY TABLE ${sql.id(table)} AS
      SELECT ${sql.join([sql`ROW_NUMBER() OVER (ORDER BY s.spine_row) - 1 AS spine_row`, ...columns, sql`${part} AS ${sql.id(SPLIT)}`])}
      FROM ${sql.id(spine.table)} s
      WHERE NOT (${purged}) AND NOT (${embargoed})
    `,
    run,
  )
  const kept = await spineBounds(session, table)
  return { spine: { ...spine, table, columns: [...spine.columns, SPLIT], ...kept }, text }

  /** The window `[t, t + horizon)` begins before the border and ends after it. */
  function crossed(border: bigint): Sql {
    return sql`${us} < ${integer(border)} AND ${us} + ${integer(plan.horizon)} > ${integer(border)}`
  }
  function near(border: bigint): Sql {
    return sql`${us} >= ${integer(border)} AND ${us} < ${integer(border + BigInt(plan.embargo))}`
  }
}

function anyOf(conditions: readonly Sql[]): Sql {
  return sql.join(
    conditions.map((one) => sql`(${one})`),
    sql` OR `,
  )
}

function countsOf({ rows, columns }: Awaited<ReturnType<Warehouse['read']>>): (part: string, fate: string) => number {
  const [part, fate, n] = columns
  const counts = new Map<string, number>()
  if (part?.type === 'text' && fate?.type === 'text' && n?.type === 'bigint')
    for (let i = 0; i < rows; i++) counts.set(`${part.values[i]} ${fate.values[i]}`, Number(n.values[i]))
  return (name, of) => counts.get(`${name} ${of}`) ?? 0
}

function refuseEmpty({ rows, at, purged, embargoed, horizon, embargo }: SplitText): void {
  const empty = Object.entries(rows).flatMap(([part, count]) => (count === 0 ? [part] : []))
  if (empty.length === 0) return
  const listed = [empty.slice(0, -1).join(', '), empty.at(-1) ?? ''].filter((one) => one !== '').join(' and ')
  const left = [
    ...(purged === 0 ? [] : [`${purged} were left out because a label reaches ${horizon} ahead, across a border`]),
    ...(embargoed === 0 ? [] : [`${embargoed} because they are within ${embargo} after a border`]),
  ]
  throw bad(
    `The split at ${at.join(' and ')} leaves no rows for ${listed}` +
      `${left.length === 0 ? '' : ` (${left.join(', ')})`}. Move the borders, or give the spine more rows.`,
    { rows, purged, embargoed },
  )
}

function isoTime(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}

function bad(message: string, data: Readonly<Record<string, unknown>> = {}): MartletError {
  return new MartletError('BAD_SPLIT', message, { data })
}
