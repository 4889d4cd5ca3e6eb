import {
  MartletError,
  sql,
  tableRef,
  type ColumnBatch,
  type Leaves,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { shortInstant } from '../catalog/instant.ts'
import type { CheckPlan, CheckSeverity } from '../plan/check-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { sourceKind } from '../vocabulary/sources/list.ts'
import { examplesOf, rowValue, runnableChecks, shownColumns } from './declared-checks.ts'
import { rawColumn, rowChecks, text, type RowCheck } from './row-checks.ts'
import type { CheckName } from './finding.ts'

/** One table, the rows of it that are to be looked at, and the columns that must never be null. */
export interface TableScan {
  readonly source: SourcePlan
  /** The column that the range is about; null: all rows. */
  readonly time: string | null
  readonly from: bigint | null
  readonly to: bigint | null
  /** Keys and times, looked at in every row. */
  readonly always: readonly string[]
  /** What tells two rows apart. */
  readonly identity: readonly string[]
  readonly now: bigint
}

/** A count of failing rows, before anybody has judged it. */
export interface Count {
  readonly column: string | null
  readonly check: CheckName
  /** The kind of a check that the source declares, and its severity there. */
  readonly declared?: string
  readonly severity?: CheckSeverity
  readonly message: string
  readonly count: number
  readonly total: number
  readonly example: string | null
  readonly query: string
  /** Why the check was not made. */
  readonly note?: string
}

export interface ScanResult {
  readonly counts: readonly Count[]
  readonly rows: number
  /**
   * The newest time in the rows looked at that is not after the run: a row of the future does not make a table fresh.
   */
  readonly newest: bigint | null
}

/** Columns with checks in one statement; engines slow down when statements grow wide. */
const batchWidth = 32
/** No column of a user can have this name. */
const copies = sql.id('copies#')

/** Reads a table once (once per 32 checks) and counts what fails. Errors: QUALITY_SCAN_FAILED. */
export async function scanTable(
  warehouse: Warehouse,
  scan: TableScan,
  signal: AbortSignal | undefined,
): Promise<ScanResult> {
  const { source } = scan
  const existing = await warehouse.introspect(source.table)
  if (existing === undefined)
    return { counts: [missing(null, `there is no table ${source.table}`)], rows: 0, newest: null }
  const found = new Set(existing.map(({ name }) => name.toLowerCase()))
  const present = new Set(source.columns.map(({ name }) => name).filter((name) => found.has(name.toLowerCase())))
  const absent = source.columns
    .filter(({ name }) => !present.has(name))
    .map(({ name }) => missing(name, 'is declared, but the table has no such column'))
  if (scan.time !== null && !present.has(scan.time)) return { counts: absent, rows: 0, newest: null }
  const run = options(signal)
  try {
    const full = await countNulls(warehouse, scan, present, run)
    const ranged = await countRows(warehouse, scan, present, run)
    const twice = await countDuplicates(warehouse, scan, present, run)
    return { counts: [...absent, ...full, ...ranged.counts, ...twice], rows: ranged.rows, newest: ranged.newest }
  } catch (cause) {
    throw scanFailed(source.table, cause)
  }
}

export function scanFailed(table: string, cause: unknown): unknown {
  // A deadline, a lost session or a stop by signal says nothing about the rows.
  if (cause instanceof MartletError && cause.code !== 'SQL_FAILED') return cause
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MartletError(
    'QUALITY_SCAN_FAILED',
    `The rows of ${table} cannot be read as declared; correct their declared types, or the rows: ${why}`,
    {
      data: { table },
      cause,
    },
  )
}

export type Run = { readonly signal?: AbortSignal }

async function countRows(
  warehouse: Warehouse,
  scan: TableScan,
  present: ReadonlySet<string>,
  run: Run,
): Promise<ScanResult> {
  const { leaves } = warehouse
  const rows = rawRows(leaves, scan, present)
  const time = scan.time === null ? sql`CAST(NULL AS ${leaves.columnType('timestamp')})` : sql.id('s', scan.time)
  const future: readonly RowCheck[] =
    scan.time === null
      ? []
      : [
          {
            column: scan.time,
            check: 'future',
            message: `lies after ${shortInstant(scan.now)}, the time of this run`,
            bad: sql`${time} > ${leaves.timestamp(scan.now)}`,
            example: text(time),
          },
        ]
  const past = scan.time === null ? time : sql`CASE WHEN ${time} <= ${leaves.timestamp(scan.now)} THEN ${time} END`
  const declared = runnableChecks(scan.source, present)
  const checks: readonly (RowCheck | ValueCheck)[] = [
    ...rowChecks(leaves, scan.source, present, new Set(scan.always)),
    ...future,
    ...declared.flatMap((check) => sharedCheck(leaves, scan.source, check) ?? []),
  ]
  const counts: Count[] = []
  let [total, newest]: [number, bigint | null] = [0, null]
  for (let start = 0; start === 0 || start < checks.length; start += batchWidth) {
    const batch = checks.slice(start, start + batchWidth)
    const list = [
      sql`COUNT(*) AS total`,
      sql`MAX(${past}) AS newest`,
      ...batch.flatMap((check, index) =>
        'value' in check ? valueColumns(check, index) : counters(leaves, check, index),
      ),
    ]
    const result = await warehouse.read(sql`SELECT ${sql.join(list)} FROM (${rows}) s`, run)
    total = wholeAt(result, 0)
    const newestColumn = result.columns[1]
    if (newestColumn?.type === 'timestamp' && newestColumn.nulls?.[0] !== 1) newest = newestColumn.values[0] ?? null
    for (const [index, check] of batch.entries()) {
      const place = 2 + 2 * index
      if ('value' in check) counts.push(valued(check, result, place, total))
      else {
        const count = counted(warehouse, check, result, place, total, rows)
        const columns = check.declared === undefined ? [] : shownColumns(scan, check.declared, present)
        const failing = sql`SELECT * FROM (${rows}) s WHERE ${check.bad}`
        counts.push(
          columns.length > 0 && count.count > 0
            ? { ...count, example: await examplesOf(warehouse, failing, columns, run) }
            : count,
        )
      }
    }
  }
  return { counts, rows: total, newest }
}

/** A declared check of one number of all rows. */
interface ValueCheck {
  readonly plan: CheckPlan
  readonly value: Sql
}

/** A declared check that is made in the scan of all checks of rows; undefined when it has a statement of its own. */
function sharedCheck(leaves: Leaves, source: SourcePlan, plan: CheckPlan): RowCheck | ValueCheck | undefined {
  const kind = checkKind(plan)
  const value = kind.value?.(plan, leaves, rowValue(leaves, source))
  if (value !== undefined) return { plan, value }
  const bad = kind.fails?.(plan, leaves, rowValue(leaves, source))
  if (bad === undefined) return undefined
  return { column: null, check: plan.name, message: kind.says(plan, null), bad, example: sql`NULL`, declared: plan }
}

function valueColumns({ value }: ValueCheck, index: number): readonly Sql[] {
  return [sql`${value} AS ${sql.id(`c${index}`)}`, sql`CAST(NULL AS VARCHAR) AS ${sql.id(`e${index}`)}`]
}

function valued({ plan }: ValueCheck, result: ColumnBatch, place: number, total: number): Count {
  const kind = checkKind(plan)
  const column = result.columns[place]
  const value = column === undefined || column.nulls?.[0] === 1 ? null : Number(column.values[0])
  const count = kind.allows?.(plan, value) === false ? 1 : 0
  const { kind: declared, name: check, severity } = plan
  return {
    column: null,
    check,
    declared,
    severity,
    message: kind.says(plan, value),
    count,
    total,
    example: null,
    query: '',
  }
}

// Rows without a time lie in no range, so keys and times are looked at in the whole table.
async function countNulls(
  warehouse: Warehouse,
  scan: TableScan,
  present: ReadonlySet<string>,
  run: Run,
): Promise<readonly Count[]> {
  const { leaves } = warehouse
  const names = scan.always.filter((name) => present.has(name))
  if (names.length === 0) return []
  const rows = sql`SELECT ${sql.join(names.map((name) => sql.id(name)))} FROM ${tableRef(scan.source.table)}`
  const lost = sourceKind(scan.source).entities(scan.source).length === 0 ? 'never counts' : 'belongs to nobody'
  const checks = names.map((name): RowCheck => {
    const what = name === scan.time ? 'is null, so the row has no time' : `is null, so the row ${lost}`
    return { column: name, check: 'null', message: what, bad: sql`${sql.id('s', name)} IS NULL`, example: sql`NULL` }
  })
  const result = await warehouse.read(
    sql`
      SELECT ${sql.join([sql`COUNT(*) AS total`, ...checks.flatMap((check, index) => counters(leaves, check, index))])}
      FROM (${rows}) s
    `,
    run,
  )
  const whole = sql`SELECT * FROM ${tableRef(scan.source.table)}`
  return checks.map((check, index) => counted(warehouse, check, result, 1 + 2 * index, wholeAt(result, 0), whole))
}

async function countDuplicates(
  warehouse: Warehouse,
  scan: TableScan,
  present: ReadonlySet<string>,
  run: Run,
): Promise<readonly Count[]> {
  if (scan.identity.length === 0 || scan.identity.some((name) => !present.has(name))) return []
  const { leaves } = warehouse
  const keys = scan.identity.map((name) => sql.id('s', name))
  const known = keys.map((key) => sql`${key} IS NOT NULL`)
  const groups = sql`
    SELECT ${sql.join([...keys, sql`COUNT(*) AS ${copies}`])}
    FROM (${rawRows(leaves, scan, present, scan.identity)}) s
    WHERE ${sql.join(known, sql` AND `)}
    GROUP BY ${sql.join(keys)}
  `
  const example = sql.join(
    scan.identity.map((name) => text(sql.id('g', name))),
    sql` || ' ' || `,
  )
  const twice = sql`g.${copies} > 1`
  const result = await warehouse.read(
    sql`
      SELECT ${whole(leaves, sql`SUM(g.${copies})`)} AS total, ${whole(leaves, sql`SUM(g.${copies} - 1)`)} AS c0, MIN(CASE
          WHEN ${twice} THEN ${example} END) AS e0
      FROM (${groups}) g
    `,
    run,
  )
  const check: RowCheck = {
    column: null,
    check: 'duplicates',
    message: `has the same ${scan.identity.join(', ')} as another row`,
    bad: twice,
    example,
  }
  const { sql: query } = warehouse.compile(sql`SELECT * FROM (${groups}) g WHERE ${twice} LIMIT 100`)
  return [{ ...counted(warehouse, check, result, 1, wholeAt(result, 0), groups), query }]
}

/** The rows that a scan is about, with the columns of `present` typed as declared. */
export function rawRows(leaves: Leaves, scan: TableScan, present: ReadonlySet<string>, only?: readonly string[]): Sql {
  const columns = scan.source.columns.filter(
    ({ name }) => present.has(name) && (only === undefined || only.includes(name) || name === scan.time),
  )
  const list = columns.flatMap((column) => rawColumn(leaves, scan.source, column))
  const raw = sql`SELECT ${sql.join(list)} FROM ${tableRef(scan.source.table)}`
  if (scan.time === null || (scan.from === null && scan.to === null)) return raw
  const time = sql.id('r', scan.time)
  const bounds = [
    ...(scan.from === null ? [] : [sql`${time} >= ${leaves.timestamp(scan.from)}`]),
    ...(scan.to === null ? [] : [sql`${time} < ${leaves.timestamp(scan.to)}`]),
  ]
  return sql`SELECT * FROM (${raw}) r WHERE ${sql.join(bounds, sql` AND `)}`
}

function counters(leaves: Leaves, { bad, example }: RowCheck, index: number): readonly Sql[] {
  return [
    sql`${whole(leaves, sql`SUM(CASE WHEN ${bad} THEN 1 ELSE 0 END)`)} AS ${sql.id(`c${index}`)}`,
    sql`MIN(CASE WHEN ${bad} THEN ${example} END) AS ${sql.id(`e${index}`)}`,
  ]
}

function counted(
  warehouse: Warehouse,
  { column, check, message, bad, declared }: RowCheck,
  result: ColumnBatch,
  place: number,
  total: number,
  rows: Sql,
): Count {
  const examples = result.columns[place + 1]
  const { sql: query } = warehouse.compile(sql`SELECT * FROM (${rows}) s WHERE ${bad} LIMIT 100`)
  return {
    column,
    check,
    ...(declared === undefined ? {} : { declared: declared.kind, severity: declared.severity }),
    message,
    count: wholeAt(result, place),
    total,
    example: examples?.type === 'text' && examples.nulls?.[0] !== 1 ? (examples.values[0] ?? null) : null,
    query,
  }
}

function wholeAt(result: ColumnBatch, place: number): number {
  return Number(result.columns[place]?.values[0] ?? 0)
}

export function bigintAt(result: ColumnBatch, place: number): bigint | null {
  const column = result.columns[place]
  return column?.type === 'bigint' && column.nulls?.[0] !== 1 ? (column.values[0] ?? null) : null
}

export function textAt(result: ColumnBatch, place: number): string {
  const column = result.columns[place]
  return column?.type === 'text' ? (column.values[0] ?? '') : ''
}

export function whole(leaves: Leaves, sum: Sql): Sql {
  return sql`CAST(COALESCE(${sum}, 0) AS ${leaves.columnType('bigint')})`
}

function missing(column: string | null, message: string): Count {
  return { column, check: 'missing', message, count: 1, total: 0, example: null, query: '' }
}

export function options(signal: AbortSignal | undefined): Run {
  return signal === undefined ? {} : { signal }
}
