import { MartletError, rowsOf, sql, tableRef, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import type { CheckPlan } from '../plan/check-plan.ts'
import type { ColumnType } from '@martlet/warehouse'
import type { SourcePlan } from '../plan/source-plan.ts'
import type { CheckedRows, OtherTable, RowValue } from '../vocabulary/checks/check-kind.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { declaredValue, scanSource } from '../vocabulary/sources/scan.ts'
import { declaredIn } from './computed-checks.ts'
import { text } from './row-checks.ts'
import { bigintAt, whole, type Count, type Run, type TableScan } from './table-scan.ts'

/** How many failing rows a finding shows. */
const EXAMPLES = 3
/** A text longer than this is cut in an example. */
const LONGEST = 200

/** The checks that a source declares and whose columns its table has. */
export function runnableChecks(source: SourcePlan, present: ReadonlySet<string>): readonly CheckPlan[] {
  return (source.checks ?? []).filter((check) =>
    checkKind(check)
      .reads(check)
      .every((name) => present.has(name)),
  )
}

/** The value of a column in the rows `s` of the scan that all checks of rows share. */
export function rowValue(leaves: Leaves, source: SourcePlan): RowValue {
  return (name) => {
    const column = source.columns.find((one) => one.name === name)
    if (column === undefined) throw new Error(`${source.table} has no column ${name}`)
    return { sql: declaredIn(leaves, column), type: column.type }
  }
}

/** The columns of a row that a finding shows: who and when, and what the check reads. */
export function shownColumns(scan: TableScan, check: CheckPlan, present: ReadonlySet<string>): readonly string[] {
  return [...new Set([...scan.identity, ...checkKind(check).reads(check)])].filter((name) => present.has(name))
}

/** Up to three of the rows of a query, as text: `shipment_id S1, kg 7; …`. */
export async function examplesOf(
  warehouse: Warehouse,
  failing: Sql,
  columns: readonly string[],
  run: Run,
): Promise<string | null> {
  if (columns.length === 0) return null
  const shown = columns.map((name) => sql.id('x', name))
  const list = shown.map((column, at) => sql`${text(column)} AS ${sql.id(`x${at}`)}`)
  const found = await warehouse.read(
    sql`SELECT ${sql.join(list)} FROM (${failing}) x ORDER BY ${sql.join(shown)} LIMIT ${sql.lit(EXAMPLES)}`,
    run,
  )
  return exampleText(rowsOf(found).map((row) => columns.map((name, at) => [name, row[`x${at}`]] as const)))
}

/**
 * Looks for what breaks a check by a statement of its own. A check that the engine refuses is a finding of that check: it
 * stops nothing that its severity does not stop.
 */
export async function countByStatement(
  warehouse: Warehouse,
  scan: TableScan,
  check: CheckPlan,
  run: Run,
): Promise<Count | undefined> {
  const kind = checkKind(check)
  const { kind: declared, name, severity } = check
  const base = { column: null, check: name, declared, severity, message: kind.says(check, null), query: '' } as const
  const absent = await missingOther(warehouse, kind.others?.(check) ?? [])
  if (absent !== undefined) return { ...base, message: `cannot be made: ${absent}`, count: 1, total: 0, example: null }
  const statement = kind.statement?.(check, checkedRows(warehouse.leaves, scan))
  if (statement === undefined) return undefined
  try {
    if ('failing' in statement) {
      const { failing } = statement
      const query = warehouse.compile(sql`SELECT * FROM (${failing}) x LIMIT 100`).sql
      const found = await warehouse.read(
        sql`SELECT ${whole(warehouse.leaves, sql`COUNT(*)`)} AS failing FROM (${failing}) x`,
        run,
      )
      const count = Number(bigintAt(found, 0) ?? 0n)
      const rows =
        count === 0
          ? []
          : rowsOf(await warehouse.read(sql`SELECT * FROM (${failing}) x LIMIT ${sql.lit(EXAMPLES)}`, run))
      return {
        ...base,
        message: kind.says(check, count),
        count,
        total: 0,
        example: exampleText(rows.map((row) => Object.entries(row))),
        query,
      }
    }
    const { groups, shows } = statement
    const sum = (what: string): Sql => whole(warehouse.leaves, sql`SUM(${sql.id('g', what)})`)
    const failing = sql`SELECT * FROM (${groups}) g WHERE ${sql.id('g', 'failing#')} > 0`
    const query = warehouse.compile(sql`${failing} LIMIT 100`).sql
    const found = await warehouse.read(
      sql`SELECT ${sum('checked#')} AS checked, ${sum('failing#')} AS failing FROM (${groups}) g`,
      run,
    )
    const [total, count] = [0, 1].map((place) => Number(bigintAt(found, place) ?? 0n))
    const example = count === 0 ? null : await examplesOf(warehouse, failing, shows, run)
    return { ...base, count: count ?? 0, total: total ?? 0, example, query }
  } catch (error) {
    if (!(error instanceof MartletError) || error.code !== 'SQL_FAILED') throw error
    return {
      ...base,
      message: 'cannot be made, because the warehouse refuses it',
      count: 1,
      total: 0,
      example: error.message,
    }
  }
}

async function missingOther(warehouse: Warehouse, others: readonly OtherTable[]): Promise<string | undefined> {
  for (const { table, columns } of others) {
    const there = await warehouse.introspect(table)
    if (there === undefined) return `there is no table ${table}`
    const names = new Set(there.map(({ name }) => name.toLowerCase()))
    const lacking = columns.find(({ name }) => !names.has(name.toLowerCase()))
    if (lacking !== undefined) return `${table} has no column ${lacking.name}`
  }
  return undefined
}

function checkedRows(leaves: Leaves, scan: TableScan): CheckedRows {
  const { source, time, from, to } = scan
  const bounds = (alias: string): readonly Sql[] => {
    if (time === null) return []
    const at = sql.id(alias, time)
    return [
      ...(from === null ? [] : [sql`${at} >= ${leaves.timestamp(from)}`]),
      ...(to === null ? [] : [sql`${at} < ${leaves.timestamp(to)}`]),
    ]
  }
  const withTime = (columns: readonly string[]): readonly string[] =>
    bounds('v').length === 0 || time === null ? columns : [...columns, time]
  const read = (columns: readonly string[]): Sql => sql`(${scanSource(leaves, source, withTime(columns))}) v`
  return {
    leaves,
    type: (name) => source.columns.find((column) => column.name === name)?.type ?? ('text' satisfies ColumnType),
    rows: (columns) => {
      const within = bounds('v')
      const rows = sql`SELECT * FROM ${read(columns)}`
      return within.length === 0 ? rows : sql`${rows} WHERE ${sql.join(within, sql` AND `)}`
    },
    all: (columns) => {
      const within = bounds('v')
      if (within.length === 0) return undefined
      return sql`SELECT v.*, ${sql.join(within, sql` AND `)} AS ${sql.id('inside#')} FROM ${read(columns)}`
    },
    other: ({ table, columns }) => {
      const list = columns.map(
        ({ name, type, zone, bound }) =>
          sql`${declaredValue(leaves, sql.id(name), type, zone, bound ? 'first' : 'missing')} AS ${sql.id(name)}`,
      )
      return sql`SELECT ${sql.join(list)} FROM ${tableRef(table)}`
    },
  }
}

function exampleText(rows: readonly (readonly (readonly [name: string, value: unknown])[])[]): string | null {
  if (rows.length === 0) return null
  return rows.map((row) => row.map(([name, value]) => `${name} ${shown(value)}`).join(', ')).join('; ')
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  const words = value instanceof Date ? value.toISOString() : String(value)
  return words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words
}
