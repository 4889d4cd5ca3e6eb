import { sql, type Sql } from '@martlet/warehouse'
import { viewColumns, type ViewsPlan } from '../../plan/views-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { featureKind } from '../../vocabulary/features/list.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { withFeatures } from '../../vocabulary/needed-features.ts'
import { passedThroughOf, viewsOf } from '../../vocabulary/sources/list.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { ViewValues } from '../strategy.ts'
import type { TemporaryTable } from '../temporary-tables.ts'
import { passedThroughRows } from './passed-through-rows.ts'
import { rowsAtEveryTime, rowsAtTimes, type RowsOf } from './source-rows.ts'
import { constantShift, withTimeRead } from './source-times.ts'

/** One of the views that a view reads, with the features of it that are wanted and the names that they get. */
interface ReadView {
  readonly view: ViewPlan
  readonly columns: readonly { readonly feature: string; readonly name: string }[]
}

/** The name of a column of the views that are read: no column of a user and no feature has it. */
export function viewedColumn(source: ViewsPlan, column: string): Sql {
  return sql.id(`viewed__${[...viewColumns(source).keys()].indexOf(column)}`)
}

/** Whether rows are those of one view at feature times of its own, so that points need not be joined with it. */
export function readsEveryTime(scope: Scope): boolean {
  const [read, ...others] = viewsOf(scope.view.source)?.views ?? []
  if (read === undefined || others.length > 0 || scope.points === 'some') return false
  if (passedThroughOf(read.source) !== undefined) return false
  const shift = constantShift(scope.view, read)
  return shift !== undefined && shift % BigInt(scope.view.grid.every) === 0n
}

/**
 * `(e, t, columns)` of the points whose entity has a row in one of the views that are read: each view's newest row that
 * could be served at T + delay and is not older than its ttl.
 */
export function viewRows(scope: Scope, source: ViewsPlan, rowsOf: RowsOf): ViewValues {
  const reads = readViews(scope.view, source)
  const [only] = reads
  if (only !== undefined && readsEveryTime(scope)) return everyTime(scope, only, rowsOf)
  const tables: TemporaryTable[] = []
  const times = (i: number): string => `read__${i}`
  const points = reads.reduce(
    (rows, { view }, i) =>
      passedThroughOf(view.source) === undefined ? withTimeRead(scope, rows, view, times(i)) : rows,
    sql`SELECT e, t FROM ${pointTable(scope)}`,
  )
  const located = sql.id(`${scope.prefix}_read`)
  tables.push({ name: located, rows: points })
  const joins = reads.map(({ view, columns }, i) => {
    const of = { view, prefix: `${scope.prefix}_v${i}`, points: located, time: sql.id(times(i)) }
    const passed = passedThroughOf(view.source)
    const made = passed === undefined ? rowsAtTimes(scope, of, rowsOf) : passedThroughRows(scope, of, passed)
    tables.push(...made.tables)
    const alias = sql.id(`s${i}`)
    const time = passed === undefined ? sql.id('p', times(i)) : sql`p.t`
    return {
      join: sql`JOIN (${made.values}) ${alias} ON ${alias}.e = p.e AND ${alias}.t = ${time}`,
      present: sql`${alias}.e IS NOT NULL`,
      columns: columns.map(({ feature, name }) => sql`${alias}.${sql.id(feature)} AS ${viewedColumn(source, name)}`),
    }
  })
  const columns = [sql`p.e AS e`, sql`p.t AS t`, ...joins.flatMap((one) => one.columns)]
  const outer = joins.map(({ join }) => (joins.length === 1 ? sql` ${join}` : sql` LEFT ${join}`))
  const present = joins.map((one) => one.present)
  const where = joins.length === 1 ? sql`` : sql` WHERE ${sql.join(present, sql` OR `)}`
  return {
    tables,
    values: sql`SELECT ${sql.join(columns)} FROM ${located} p${sql.join(outer, sql``)}${where}`,
  }
}

function everyTime(scope: Scope, { view, columns }: ReadView, rowsOf: RowsOf): ViewValues {
  const source = viewsOf(scope.view.source)
  const shift = constantShift(scope.view, view)
  if (source === undefined || shift === undefined) throw new Error(`${scope.view.name} reads no view at its own times`)
  const { tables, values } = rowsAtEveryTime(scope, { view, prefix: `${scope.prefix}_v0`, shift }, rowsOf)
  const time = shift === 0n ? sql`s.t` : sql`s.t + ${integer(shift)}`
  const list = columns.map(({ feature, name }) => sql`${sql.id('s', feature)} AS ${viewedColumn(source, name)}`)
  return { tables, values: sql`SELECT ${sql.join([sql`s.e AS e`, sql`${time} AS t`, ...list])} FROM (${values}) s` }
}

/** The views that are read, each cut down to the features that are wanted of it. */
function readViews(view: ViewPlan, source: ViewsPlan): readonly ReadView[] {
  const found = viewColumns(source)
  const readings = view.features.flatMap((feature) => featureKind(feature).reads(feature))
  const names = new Set(readings.flatMap((reading) => (reading.of === 'source' ? [reading.column] : [])))
  return source.views.map((read) => {
    const columns = [...names].flatMap((name) => {
      const column = found.get(name)
      return column?.view === read ? [{ feature: column.feature, name }] : []
    })
    return {
      view: withFeatures(
        read,
        columns.map(({ feature }) => feature),
      ),
      columns,
    }
  })
}
