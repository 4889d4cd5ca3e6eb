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

/** Whether rows are those of the views at feature times of their own, so that points need not be joined with them. */
export function readsEveryTime(scope: Scope): boolean {
  const views = viewsOf(scope.view.source)?.views ?? []
  return views.length > 0 && scope.points === 'every' && views.every((read) => isOnGrid(scope, read))
}

function isOnGrid({ view }: Scope, read: ViewPlan): boolean {
  if (passedThroughOf(read.source) !== undefined) return false
  const shift = constantShift(view, read)
  return shift !== undefined && shift % BigInt(view.grid.every) === 0n
}

/**
 * `(e, t, columns)` of the points whose entity has a row in one of the views that are read: each view's newest row that
 * could be served at T + delay and is not older than its ttl.
 */
export function viewRows(scope: Scope, source: ViewsPlan, rowsOf: RowsOf): ViewValues {
  const reads = readViews(scope.view, source)
  if (readsEveryTime(scope)) return everyTime(scope, source, reads, rowsOf)
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

/** The rows of all views at every feature time, those of one entity and time side by side. */
function everyTime(scope: Scope, source: ViewsPlan, reads: readonly ReadView[], rowsOf: RowsOf): ViewValues {
  const tables: TemporaryTable[] = []
  const sides = reads.map(({ view, columns }, i) => {
    const shift = constantShift(scope.view, view)
    if (shift === undefined) throw new Error(`${scope.view.name} reads ${view.name} at other times than its own`)
    const made = rowsAtEveryTime(scope, { view, prefix: `${scope.prefix}_v${i}`, shift }, rowsOf)
    tables.push(...made.tables)
    const time = shift === 0n ? sql`s.t` : sql`s.t + ${integer(shift)}`
    const list = columns.map(({ feature, name }) => sql`${sql.id('s', feature)} AS ${viewedColumn(source, name)}`)
    const names = columns.map(({ name }) => viewedColumn(source, name))
    return { names, rows: sql`SELECT ${sql.join([sql`s.e AS e`, sql`${time} AS t`, ...list])} FROM (${made.values}) s` }
  })
  const { rows } = sides.reduce((left, right) => {
    const names = [...left.names, ...right.names]
    const both = [sql`COALESCE(l.e, r.e) AS e`, sql`COALESCE(l.t, r.t) AS t`, ...names]
    const joined = sql`SELECT ${sql.join(both)} FROM (${left.rows}) l FULL JOIN (${right.rows}) r ON r.e = l.e AND r.t = l.t`
    return { names, rows: joined }
  })
  return { tables, values: rows }
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
