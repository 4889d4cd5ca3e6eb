import { MartletError, sql, tableRef, type ColumnType, type Leaves, type Sql, type Warehouse } from '@martlet/warehouse'
import type { CheckPlan } from '../plan/check-plan.ts'
import type { CheckedRows, OtherTable } from '../vocabulary/checks/check-kind.ts'
import { checkKind } from '../vocabulary/checks/list.ts'
import { declaredValue, scanSource } from '../vocabulary/sources/scan.ts'
import { EXAMPLES, examplesOf, exampleText } from './declared-rows.ts'
import { bigintAt, whole, type Count, type Run, type TableScan } from './table-scan.ts'

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
      const rows = sql`SELECT * FROM (${failing}) x LIMIT ${sql.lit(EXAMPLES)}`
      const example = count === 0 ? null : exampleText(await warehouse.read(rows, run))
      return { ...base, message: kind.says(check, count), count, total: 0, example, query }
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

/** The rows of a scan, and other tables, as checks with statements of their own read them. */
export function checkedRows(leaves: Leaves, scan: TableScan): CheckedRows {
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
