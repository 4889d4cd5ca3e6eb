import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { unitStarts } from '../../plan/time/calendar-unit.ts'
import { gridOf, type ViewPlan } from '../../plan/view-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { UnitStart } from '../../vocabulary/windows/window-kind.ts'

/** Snowflake takes no longer list in VALUES. */
const VALUES_ROWS = 16_384

/** The edges of every feature time from `since` until the next step. */
export interface CalendarStep {
  readonly since: bigint
  /** As many as were asked for, in their order. */
  readonly edges: readonly bigint[]
}

/** The starts of local units as of every feature time in `[first, last]`. */
export function calendarSteps(
  zone: string,
  wanted: readonly UnitStart[],
  { first, last }: { readonly first: bigint; readonly last: bigint },
): readonly CalendarStep[] {
  const units = [...Map.groupBy(wanted, ({ unit }) => unit)].map(([unit, own]) => {
    const before = Math.max(...own.map(({ back }) => back))
    return { unit, starts: unitStarts(zone, unit, { first, last, before }), current: before }
  })
  const changes = new Set(units.flatMap(({ starts, current }) => starts.slice(current)))
  const steps: CalendarStep[] = []
  for (const since of [...changes].toSorted((a, b) => (a < b ? -1 : 1))) {
    for (const unit of units) while ((unit.starts[unit.current + 1] ?? last + 1n) <= since) unit.current++
    const edges = wanted.map(({ unit, back }) => {
      const own = units.find((one) => one.unit === unit)
      const edge = own?.starts[own.current - back]
      if (edge === undefined) throw new Error(`there is no ${unit} ${back} before ${since}`)
      return edge
    })
    // The starts of longer units come first, some of them before the first feature time.
    if (since <= first) steps.length = 0
    steps.push({ since, edges })
  }
  return steps
}

/** `(since, columns)` */
export function calendarTable(leaves: Leaves, steps: readonly CalendarStep[], columns: readonly string[]): Sql {
  const names = ['since', ...columns]
  const list = names.map(
    (name) => sql`CAST(${sql.id(`column_${name}`)} AS ${leaves.columnType('bigint')}) AS ${sql.id(name)}`,
  )
  const tables = Array.from({ length: Math.ceil(steps.length / VALUES_ROWS) }, (_, i) => {
    const rows = steps
      .slice(i * VALUES_ROWS, (i + 1) * VALUES_ROWS)
      .map(({ since, edges }) => sql`(${sql.join([since, ...edges].map(integer))})`)
    const given = sql.join(names.map((name) => sql.id(`column_${name}`)))
    return sql`SELECT ${sql.join(list)} FROM (VALUES ${sql.join(rows)}) AS steps(${given})`
  })
  return sql.join(tables, sql` UNION ALL `)
}

/** How far before a feature time in `[first, last]` the edge `wanted` lies at most, at least 1 µs. */
export function farthestEdge(
  view: Pick<ViewPlan, 'grid'>,
  wanted: UnitStart,
  range: { readonly first: bigint; readonly last: bigint },
): number {
  const { every, zone } = gridOf(view)
  const steps = calendarSteps(zone, [wanted], range)
  // Feature times of such a grid are starts of days, and so the earliest of their steps or those of another unit.
  const latest = (i: number): bigint => (steps[i + 1]?.since ?? range.last + 1n) - 1n
  const back = steps.map(({ since, edges: [edge = since] }, i) => latest(i) - edge)
  const days = every >= MICROS_PER_DAY && wanted.unit === 'day'
  const found = days ? steps.map(({ since, edges: [edge = since] }) => since - edge) : back
  return Number(found.reduce((most, one) => (one > most ? one : most), 1n))
}
