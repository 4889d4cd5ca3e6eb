import { buildTrainingSet, calendarService, vectorFields, type ServicePlan } from '@martlet/feature-store'
import { dropTable, sql, tableRef, temporaryTableName, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { presence, viewsOf } from '../count/absent-rows.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { openSource } from '../count/scan-source.ts'
import { scanWindowRows } from '../count/scan-window-rows.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { CalendarCheck } from '../verdict/evidence.ts'
import { columnObstacle } from '../verdict/findings/schema-changes.ts'

/** Rows whose calendar columns are computed again. */
export interface CalendarRows {
  readonly relation: Relation
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
  readonly profile: ReferenceProfile
  /** The columns that the rows have. */
  readonly schema: readonly ColumnSpec[]
  /** The definitions of the rows' columns. */
  readonly service: ServicePlan
  /** What to add to a row's time to get the instant that it was asked for, µs. */
  readonly delay: number
}

/**
 * Computes the calendar columns of a profile from the definitions, for the instants of the rows, and counts the rows that
 * say something else: by column, then by window. Rows without any value of a column's view are left out.
 */
export async function checkCalendar(
  warehouse: Warehouse,
  { relation, time, windows, profile, schema, service, delay }: CalendarRows,
): Promise<ReadonlyMap<string, readonly CalendarCheck[]>> {
  const calendar = calendarService(service)
  if (calendar === null || time === null) return new Map()
  const known = vectorFields(calendar)
  const columns = profile.columns.filter(
    (column) =>
      column.calendar === true &&
      known.some(({ name }) => name === column.name) &&
      columnObstacle(column, schema) === null,
  )
  const names = columns.map(({ name }) => name)
  if (names.length === 0) return new Map()
  const { leaves } = warehouse
  const within = windows.length === 0 ? sql`1 = 1` : windowSql(leaves, sql.id(time), windows).where
  const instant = delay === 0 ? sql.id(time) : leaves.addMicros(sql.id(time), delay)
  const spine = sql`
    SELECT observed_at
    FROM (SELECT ${instant} AS observed_at FROM ${fromRelation(relation)} WHERE ${within}) AS timed_rows
    WHERE observed_at IS NOT NULL
    GROUP BY observed_at
  `
  const some = await warehouse.read(sql`SELECT observed_at FROM (${spine}) AS instants LIMIT 1`)
  if (some.rows === 0) return new Map()
  const into = `monitoring.${temporaryTableName('calendar')}`
  try {
    await buildTrainingSet({ warehouse, service: calendar, spine: { query: spine }, time: 'observed_at', into })
    const ours = namesBeside(schema, names.length)
    const expected = names.map((name, index) => sql`c.${sql.id(name)} AS ${sql.id(ours[index] ?? name)}`)
    const rows = sql`SELECT * FROM ${fromRelation(relation)}`
    const both = sql`
      SELECT ${sql.join([sql`r.*`, ...expected])}
      FROM (${rows}) r
      JOIN ${tableRef(into)} c
        ON c.observed_at = ${delay === 0 ? sql`r.${sql.id(time)}` : leaves.addMicros(sql`r.${sql.id(time)}`, delay)}
    `
    const source = openSource(warehouse, { relation: both, time: windows.length === 0 ? null : time, windows })
    const views = viewsOf(profile.columns.filter(({ name }) => schema.some((column) => column.name === name)))
    const values = columns.flatMap((column, index) => {
      const { name } = column
      const computed = sql.id(ours[index] ?? name)
      // What a definition makes now may be of another type, which no engine compares.
      const text = leaves.columnType('text')
      const differs =
        columnObstacle(column, known) === null
          ? sql`${sql.id(name)} IS DISTINCT FROM ${computed}`
          : sql`CAST(${sql.id(name)} AS ${text}) IS DISTINCT FROM CAST(${computed} AS ${text})`
      const view = views.find(({ columns }) => columns.includes(name))
      const there = view === undefined ? sql`1` : presence(view)
      return [
        there,
        sql`
          CASE
            WHEN ${there} IS NOT NULL AND ${differs} THEN NULL
            ELSE 1 END
        `,
      ]
    })
    const counted = await scanWindowRows(warehouse, source, values)
    return new Map(
      names.map((name, index) => [
        name,
        counted.map(({ rows: all, nulls }) => ({
          checked: all - (nulls[2 * index] ?? 0),
          differing: nulls[2 * index + 1] ?? 0,
        })),
      ]),
    )
  } finally {
    await dropTable(warehouse, into)
  }
}

/** Names that no column has, whatever its case. */
function namesBeside(columns: readonly ColumnSpec[], count: number): readonly string[] {
  let stem = 'expected'
  while (columns.some(({ name }) => name.toLowerCase().startsWith(stem))) stem = `_${stem}`
  return Array.from({ length: count }, (_, index) => `${stem}_${index}`)
}
