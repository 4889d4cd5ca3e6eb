import { buildTrainingSet, nameIn, readsOf, serviceRequest, type OnDemandFunctions } from '@martlet/feature-store'
import { sql, tableRef, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { keyColumn } from '../predictions/prediction-rows.ts'
import { requestColumn, servedColumn, servedType, type ServedFact } from '../predictions/served-columns.ts'
import { asDeclared } from './as-declared.ts'
import { spineKeys, type ComparedFields } from './compared-fields.ts'
import type { LoggedRows } from './logged-rows.ts'

// No key, value of a request or feature has a name of three parts.
/** The time of a prediction. */
export const AT = 'parity__own__at'
/** The number of its window. */
export const WINDOW = 'parity__own__w'
export const VERSION = 'parity__own__version'
export const REQUEST = 'parity__own__request'

/** The column with the logged value of a compared field. */
export function loggedValue(index: number): string {
  return `parity__value__${index}`
}

/** The columns with what the log says of views and on-demand features; undefined where it never says it. */
export interface ServedFacts {
  column(name: string, fact: ServedFact): string | undefined
  /** Whether the line of a recomputed row `p` says anything of this; lines of earlier versions do not. Never null. */
  readonly isTold: Sql
}

export interface RecomputedRows {
  /** Keys, what was logged, and the features as the definitions give them, with their feature times. */
  readonly table: string
  readonly served: ServedFacts
}

/**
 * Computes the vectors of predictions again, as a training set whose spine they are, and leaves them in `into` beside what
 * was logged.
 *
 * @throws MartletError SOURCE_MISSING when a table that the definitions read does not exist
 */
export async function recomputedRows(
  warehouse: Warehouse,
  rows: LoggedRows,
  { fields, service }: ComparedFields,
  { into, functions }: { readonly into: string; readonly functions: OnDemandFunctions },
): Promise<RecomputedRows> {
  const { leaves } = warehouse
  const served = new Map<string, string>()
  const facts: Sql[] = []
  for (const name of [...readsOf(service).map(nameIn), ...(service.onDemand ?? []).map(({ plan }) => plan.name)])
    for (const fact of ['time', 'withheld', 'definition'] as const) {
      const logged = servedColumn(name, fact)
      const column = columnNamed(rows.columns, logged)
      if (column === undefined || column.type !== servedType(logged) || served.has(logged)) continue
      const to = `parity__served__${served.size}`
      served.set(logged, to)
      facts.push(sql`${sql.id(column.name)} AS ${sql.id(to)}`)
    }
  const declared = (name: string, type: ColumnType, logged: string): Sql => {
    const column = columnNamed(rows.columns, logged)
    const value =
      column === undefined ? sql`CAST(NULL AS ${leaves.columnType(type)})` : asDeclared(leaves, column, type)
    return sql`${value} AS ${sql.id(name)}`
  }
  const keys = spineKeys(service).map(({ name, type }) => declared(name, type, keyColumn(name)))
  const request = serviceRequest(service).map(({ name, type }) => declared(name, type, requestColumn(name)))
  const values = fields.map(({ logged, type }, i) => {
    const value = logged === undefined ? sql`CAST(NULL AS ${leaves.columnType(type)})` : sql.id(logged.name)
    return sql`${value} AS ${sql.id(loggedValue(i))}`
  })
  const own = [
    sql`predicted_at AS ${sql.id(AT)}`,
    sql`${rows.windows.number} AS ${sql.id(WINDOW)}`,
    sql`${rows.version} AS ${sql.id(VERSION)}`,
    sql`request_id AS ${sql.id(REQUEST)}`,
  ]
  await buildTrainingSet({
    warehouse,
    service,
    spine: {
      query: sql`
        SELECT ${sql.join([...keys, ...request, ...own, ...values, ...facts])} FROM ${tableRef(rows.table)} WHERE ${rows.where}
      `,
    },
    time: AT,
    featureTimes: true,
    functions,
    into,
  })
  const told = [sql`1 = 0`, ...[...served.values()].map((name) => sql`${sql.id('p', name)} IS NOT NULL`)]
  const isTold = sql`(${sql.join(told, sql` OR `)})`
  return { table: into, served: { column: (name, fact) => served.get(servedColumn(name, fact)), isTold } }
}
