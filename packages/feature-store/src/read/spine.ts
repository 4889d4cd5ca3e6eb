import {
  nearestName,
  type MartletError,
  sql,
  typeText,
  type ColumnBatch,
  type ColumnType,
  type RunOptions,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { SPINE_MICROS, type CheckedSpine } from '../compile/keyed-spine.ts'
import type { RequestColumn } from '../plan/on-demand-plan.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { declaredValue } from '../vocabulary/sources/scan.ts'
import { isNumber } from '../plan/column-family.ts'
import { inSpineFile, type SpineFile } from './spine-file.ts'
import { bad, refuseNames } from './spines/bad-spine.ts'
import { isMade, nobodyText, type MadeSpine } from './spines/made-spine.ts'
import { spineBounds } from './spines/spine-bounds.ts'
import { spineSource } from './spines/spine-source.ts'

/** The keys and times to fill: a table, a query, or rows in memory. Other columns are kept unchanged. */
export type Spine =
  | { readonly table: string }
  /** `from` is the file that the query was read from, for errors. */
  | { readonly query: Sql; readonly from?: SpineFile }
  | { readonly rows: ColumnBatch }
  | MadeSpine

/** How a spine is read. */
export interface SpineOptions extends RunOptions {
  /** The zone by whose clock times are read. @default 'UTC' */
  readonly zone?: string
  /** The values of requests, which the spine must have as columns. @default none */
  readonly request?: readonly RequestColumn[]
}

/** The years 1 to 9999 (µs). Times outside them are mistakes, and `infinity` is null as µs. */
const OLDEST = -62_135_596_800_000_000
const NEWEST = 253_402_300_800_000_000

/**
 * Copies a spine into a temporary table with row numbers and checks it. Rows in memory keep their order; Snowflake
 * numbers the rows of a table or query in the order in which it reads them.
 *
 * Errors of a query from a file name the file, and the line if the engine reports one.
 * @throws MartletError BAD_SPINE when the table does not exist, a column is missing, wrongly typed, reserved or repeated, a key or
 * time is null (the message has the row numbers, counted from 0), or there are no rows
 */
export async function stageSpine(
  session: Warehouse,
  spine: Spine,
  time: string,
  keys: EntityPlan['keys'],
  table: string,
  options: SpineOptions = {},
): Promise<CheckedSpine> {
  try {
    return await stage(session, spine, time, keys, table, options)
  } catch (error) {
    if (!('query' in spine) || spine.from === undefined) throw error
    throw inSpineFile(error, spine.from, session.compile(spine.query).sql.split('\n').length)
  }
}

async function stage(
  session: Warehouse,
  spine: Spine,
  time: string,
  keys: EntityPlan['keys'],
  table: string,
  { zone, request = [], ...run }: SpineOptions,
): Promise<CheckedSpine> {
  if (isMade(spine) && zone !== undefined) throw zoned(spine)
  const given = await spineSource(session, spine, time, `${table}_given`)
  const columns = checkColumns(await session.read(sql`SELECT ${given.columns} FROM ${given.from} LIMIT 0`, run), time, {
    keys,
    request,
  })
  const micros = session.leaves.epochMicros(instantOf(session, sql.id('given', time), zone))
  await session.run(
    sql`
      CREATE TEMPORARY TABLE ${sql.id(table)} AS
      SELECT ${given.number} AS spine_row, ${micros} AS ${sql.id(SPINE_MICROS)}, ${given.columns}
      FROM ${given.from}
    `,
    run,
  )
  await refuseRows(session, table, [time, ...new Set(keys.map((key) => key.name))], request, zone)
  const bounds = await spineBounds(session, table)
  if (bounds.rows === 0)
    throw bad(isMade(spine) ? nobodyText(spine) : 'The spine has no rows. Give it at least one key and time.')
  return { table, columns, ...bounds, ...(zone === undefined ? {} : { zone }) }
}

/** The instant of the time column, read by the clock of the zone unless the column has a time zone of its own. */
function instantOf({ engine, leaves }: Warehouse, column: Sql, zone: string | undefined): Sql {
  if (zone === undefined || zone === 'UTC') return column
  if (engine === 'duckdb') {
    const plain = sql`CAST(${column} AS TIMESTAMP)`
    return sql`
      CASE
        WHEN typeof(${column}) = 'TIMESTAMP WITH TIME ZONE' THEN ${plain}
        ELSE ${leaves.toUtc(plain, zone)} END
    `
  }
  const utc = sql`CAST(CONVERT_TIMEZONE('UTC', ${column}) AS TIMESTAMP_NTZ(6))`
  const local = leaves.toUtc(sql`CAST(${column} AS TIMESTAMP_NTZ(6))`, zone)
  return sql`
    CASE
      WHEN SUBSTR(SYSTEM$TYPEOF(${column}), 1, 11) IN ('TIMESTAMP_T', 'TIMESTAMP_L') THEN ${utc}
      ELSE ${local} END
  `
}

function zoned({ kind }: MadeSpine): MartletError {
  const instead = kind === 'everyGrid' ? ', or give it to everyGrid' : ''
  return bad(`A spine of ${kind} has instants, so it takes no zone. Leave \`zone\` out${instead}.`)
}

interface NeededColumns {
  readonly keys: EntityPlan['keys']
  readonly request: readonly RequestColumn[]
}

function checkColumns(shape: ColumnBatch, time: string, { keys, request }: NeededColumns): readonly string[] {
  const { names } = shape
  const types = new Map(names.map((name, i) => [name, shape.columns[i]?.type]))
  const has = (wanted: string): string => {
    const near = nearestName(wanted, names)
    return near === undefined ? `It has ${names.join(', ')}.` : `Did you mean '${near}'?`
  }
  refuseNames(names)
  const timeType = types.get(time)
  if (timeType === undefined) throw bad(`The spine has no time column '${time}'. ${has(time)}`, { column: time })
  if (timeType !== 'timestamp')
    throw bad(`The spine's time column '${time}' is ${typeText(timeType)}, but must be a timestamp. Cast it.`, {
      column: time,
    })
  for (const key of keys) {
    const type = types.get(key.name)
    if (type === undefined)
      throw bad(`The spine has no key column '${key.name}'. ${has(key.name)}`, { column: key.name })
    const exact = typeof key.type === 'object' && family(type) === 'whole number'
    if (family(type) !== family(key.type) && !exact)
      throw bad(
        `The spine's key column '${key.name}' is ${typeText(type)}, ` +
          `but the entity's key is ${typeText(key.type)}. Cast it.`,
        { column: key.name },
      )
  }
  for (const { name, type: wanted } of request) {
    const type = types.get(name)
    if (type === undefined)
      throw bad(`The spine has no column '${name}', a value of the request. ${has(name)}`, { column: name })
    const fits = fitsRequest(type, wanted)
    if (!fits)
      throw bad(
        `The spine's column '${name}' is ${typeText(type)}, but the value of the request is ${typeText(wanted)}. Cast it.`,
        { column: name },
      )
  }
  return names
}

function family(type: ColumnType): string {
  if (type === 'integer' || type === 'bigint') return 'whole number'
  return typeof type === 'string' ? type : 'double'
}

/** Whole numbers also stand for numbers with fractions, which do not stand for whole ones. */
function fitsRequest(type: ColumnType, wanted: ColumnType): boolean {
  return family(wanted) === 'double' ? isNumber(type) : family(type) === family(wanted)
}

async function refuseRows(
  session: Warehouse,
  table: string,
  given: readonly string[],
  request: readonly RequestColumn[],
  zone: string | undefined,
): Promise<void> {
  const required = request.filter(({ nullable }) => !nullable)
  const columns = [...given, ...required.map(({ name }) => name)]
  const us = sql.id(SPINE_MICROS)
  const outside = sql`${us} IS NULL OR ${us} < ${sql.lit(OLDEST)} OR ${us} >= ${sql.lit(NEWEST)}`
  const faults = [
    ...given.map((column) => sql`${sql.id(column)} IS NULL`),
    ...required.map(
      ({ name, type }) => sql`${declaredValue(session.leaves, sql.id(name), type, zone ?? null)} IS NULL`,
    ),
    outside,
  ]
  const found = await session.read(
    sql`
      SELECT spine_row, COUNT(*) OVER () AS n
      FROM ${sql.id(table)}
      WHERE ${sql.join(faults, sql` OR `)}
      ORDER BY spine_row LIMIT 10
    `,
  )
  const [rows, counts] = found.columns
  if (found.rows === 0 || rows?.type !== 'bigint' || counts?.type !== 'bigint') return
  const count = Number(counts.values[0])
  const shown = [...rows.values].map(Number)
  const [lacking, listed] =
    count === 1 ? ['1 row of the spine lacks', 'row'] : [`${count} rows of the spine lack`, 'rows']
  const more = count > shown.length ? ', …' : ''
  const values = required.length === 0 ? '' : ', a value of the request'
  throw bad(
    `${lacking} a key${values} or a time between the years 1 and 9999 (${columns.join(', ')}): ` +
      `${listed} ${shown.join(', ')}${more}, counted from 0. Correct or leave out such rows.`,
    { rows: shown, count },
  )
}
