import { rowsOf, sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import type { ComparedField, ComparedFields } from './compared-fields.ts'
import type { TypedValue } from './equal-values.ts'
import { codeOf, EQUAL, sides, type EqualCount, type MismatchCodes } from './mismatch-codes.ts'
import { parityReasons, type ParityExample, type ParityReason, type ReasonCounts } from './parity-result.ts'
import { AT, REQUEST, VERSION, type RecomputedRows } from './recomputed-rows.ts'

/** What was counted of a field in one window. */
export interface FieldCount extends EqualCount {
  readonly reasons: ReasonCounts
  /** Of numbers that differ: how many, the mean of their absolute differences, and the largest. */
  readonly measured: number
  readonly mean: number
  readonly largest: number | null
}

/** Counts codes by field and window; one row for each window leaves the warehouse. */
export async function countMismatches(
  session: Warehouse,
  { table, fields, counts }: MismatchCodes,
): Promise<readonly FieldCount[]> {
  const rows = table === undefined ? [] : await countedRows(session, table, fields)
  return counts.map((count): FieldCount => {
    const row = rows.find(({ w }) => Number(w) === count.w) ?? {}
    const i = fields.indexOf(count.field)
    const number = (name: string): number => Number(row[`${name}${i}`] ?? 0)
    const reasons = parityReasons.flatMap((reason): [ParityReason, number][] => {
      const n = number(`r${codeOf(reason)}_`)
      return n === 0 ? [] : [[reason, n]]
    })
    const largest = row[`m${i}`]
    return {
      ...count,
      reasons: Object.fromEntries(reasons),
      measured: number('k'),
      mean: number('s'),
      largest: largest === null || largest === undefined ? null : Number(largest),
    }
  })
}

async function countedRows(session: Warehouse, table: string, fields: readonly ComparedField[]) {
  const counts = fields.flatMap((_, i) => {
    const [code, apart] = [sql.raw(`c${i}`), sql.raw(`d${i}`)]
    const isCounted = sql`CASE WHEN ${code} > ${sql.lit(EQUAL)} THEN ${apart} END`
    return [
      ...parityReasons.map(
        (reason) =>
          sql`SUM(CASE WHEN ${code} = ${sql.lit(codeOf(reason))} THEN 1 ELSE 0 END) AS ${sql.raw(`r${codeOf(reason)}_${i}`)}`,
      ),
      sql`COUNT(${isCounted}) AS ${sql.raw(`k${i}`)}`,
      sql`AVG(${isCounted}) AS ${sql.raw(`s${i}`)}`,
      sql`MAX(${isCounted}) AS ${sql.raw(`m${i}`)}`,
    ]
  })
  return rowsOf(await session.read(sql`SELECT w, ${sql.join(counts)} FROM ${tableRef(table)} GROUP BY w ORDER BY w`))
}

/** Characters of a value that are shown. */
const SHOWN = 200

/** A few values of a field that differ in a window, those furthest apart first. */
export async function mismatchExamples(
  session: Warehouse,
  rows: RecomputedRows,
  compared: ComparedFields,
  { codes, field, w, keys, most }: ExampleRequest,
): Promise<readonly ParityExample[]> {
  if (codes.table === undefined) return []
  const i = codes.fields.indexOf(field)
  const [code, apart] = [sql.raw(`c.c${i}`), sql.raw(`c.d${i}`)]
  const { logged, now } = sides(compared, field)
  // Engines write doubles and instants otherwise; those become text here. Of long texts no more is read than is shown.
  const text = ({ sql: value, type }: TypedValue): Sql =>
    type === 'double' || type === 'timestamp' || type === 'date' ? value : sql`CAST(${value} AS VARCHAR)`
  const shown = (value: TypedValue): Sql =>
    value.type === 'text' ? sql`SUBSTR(${value.sql}, 1, ${sql.lit(SHOWN + 1)})` : text(value)
  const given = keys.map(
    (key, at) => sql`${text({ sql: sql.id('p', key.name), type: key.type })} AS ${sql.raw(`key_${at}`)}`,
  )
  const found = rowsOf(
    await session.read(sql`
      SELECT ${sql.join([
        ...given,
        sql`${sql.id('p', AT)} AS served_at`,
        sql`${sql.id('p', REQUEST)} AS request_id`,
        sql`${sql.id('p', VERSION)} AS version`,
        sql`${shown(logged)} AS logged`,
        sql`${shown(now)} AS recomputed`,
        sql`${code} AS code`,
      ])}
      FROM ${tableRef(rows.table)} p JOIN ${tableRef(codes.table)} c ON c.spine_row = p.spine_row
      WHERE c.w = ${sql.lit(w)} AND ${code} > ${sql.lit(EQUAL)}
      ORDER BY COALESCE(${apart}, -1) DESC, ${sql.id('p', AT)}, p.spine_row LIMIT ${sql.lit(most)}
    `),
  )
  return found.map((row) => {
    const version = Number(row['version'])
    const at = row['served_at']
    return {
      keys: Object.fromEntries(keys.map((key, index) => [key.name, textOf(row[`key_${index}`]) ?? ''])),
      time: textOf(at) ?? '',
      requestId: textOf(row['request_id']),
      version: version === 0 ? null : version,
      logged: shortened(textOf(row['logged'])),
      recomputed: shortened(textOf(row['recomputed'])),
      reason: parityReasons[Number(row['code']) - 1] ?? 'unknown',
    }
  })
}

export interface ExampleRequest {
  readonly codes: MismatchCodes
  readonly field: ComparedField
  readonly w: number
  readonly keys: readonly Pick<ColumnSpec, 'name' | 'type'>[]
  readonly most: number
}

function shortened(text: string | null): string | null {
  const characters = text === null || text.length <= SHOWN ? [] : [...text]
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('')}…` : text
}

function textOf(value: unknown): string | null {
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString()
  return typeof value === 'string' ? value : null
}
