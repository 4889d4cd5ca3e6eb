import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { entityTable } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { DOUBT } from '../../vocabulary/algebra/rounding.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { plain } from '../joins/plain.ts'
import { closesByEvents } from '../closing.ts'
import { PointEdges } from '../points/point-edges.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { ViewValues } from '../strategy.ts'
import { isRounded, orEmpty, roundingOf, type WindowFeature } from '../window-feature.ts'
import { carefulSums, carefulWindow } from './careful-sums.ts'
import { windowRows, type CarefulPart } from './window-rows.ts'

/**
 * The same values, where rounding may have spoiled a row computed again from the values of its own windows: mostly no
 * row at all, and those that hold values far beyond the others.
 */
export function withCare(
  scope: Scope,
  events: EventsPlan,
  features: readonly WindowFeature[],
  made: ViewValues,
): ViewValues {
  const rounded = features.filter((feature) => isRounded(events, feature))
  if (rounded.length === 0) return made
  const fast = sql.id(`${scope.prefix}_fast`)
  const prefix = `${scope.prefix}_doubt`
  const doubtful: Scope = { ...scope, prefix, entities: `${prefix}_entity`, fewEntities: true }
  const points = sql`
    SELECT e, t, ${scope.leaves.floorDivide(sql`t`, scope.grain)} AS j
    FROM ${fast}
    WHERE ${sql.id(DOUBT)}
  `
  const doubted = closesByEvents(scope.view)
    ? sql`SELECT p.* FROM ${pointTable(scope)} p JOIN (${points}) d ON d.e = p.e AND d.t = p.t`
    : points
  const again = sql.id(`${scope.prefix}_again`)
  const careful = carefulValues(doubtful, events, rounded)
  const columns = features.map((feature) => {
    const name = sql.id(feature.name)
    if (!rounded.includes(feature)) return sql`f.${name} AS ${name}`
    return sql`CASE WHEN f.${sql.id(DOUBT)} THEN c.${name} ELSE f.${name} END AS ${name}`
  })
  return {
    tables: [
      ...made.tables,
      { name: fast, rows: made.values },
      { name: pointTable(doubtful), rows: doubted },
      { name: entityTable(doubtful), rows: entitiesOf(scope, doubtful) },
      ...careful.tables,
      { name: again, rows: careful.values },
    ],
    values: sql`
      SELECT ${sql.join([sql`f.e AS e`, sql`f.t AS t`, ...columns])}
      FROM ${fast} f
      LEFT JOIN ${again} c ON c.e = f.e AND c.t = f.t
    `,
  }
}

/** The entities of doubtful points: mostly none, and then nothing is joined with them. */
function entitiesOf(scope: Scope, doubtful: Scope): Sql {
  return sql`SELECT n.* FROM ${entityTable(scope)} n WHERE n.e IN (SELECT e FROM ${pointTable(doubtful)})`
}

/** `(e, t, features)` at the points of the scope, in several passes over the values of each window. */
function carefulValues(scope: Scope, events: EventsPlan, features: readonly WindowFeature[]): ViewValues {
  const windows = new Map<string, CarefulPart>()
  const picked: Sql[] = []
  const others: WindowFeature[] = []
  const points = new PointEdges(scope)
  const columns = features.map((feature) => {
    const values = feature.parts.map((part) => {
      const rounding = roundingOf(events, part)
      if (rounding === undefined) {
        const other = single(`other${others.length}`, part)
        others.push(other)
        return orEmpty(other, sql.id('o', other.name), sql`o.e`)
      }
      // Aggregates of the same values share what is known of them.
      const { column, second, where } = part.plan
      const name = JSON.stringify([column, second, where, part.window, rounding.against])
      const { k } = windows.get(name) ?? { k: windows.size }
      windows.set(name, { k, part })
      const id = `part_${picked.length}`
      const found = sql`MAX(CASE WHEN k = ${integer(k)} THEN ${scope.leaves.finite(rounding.careful(carefulWindow))} END)`
      picked.push(sql`${found} AS ${sql.id(id)}`)
      // A sum beyond all doubles is not that of an empty window.
      if (part.kind.empty === null) return sql.id('s', id)
      const value = sql`CASE WHEN ${sql.id('s', countId(k))} IS NULL THEN 0 ELSE ${sql.id('s', id)} END`
      return points.unlessMissing(part.window, value)
    })
    return sql`${scope.leaves.finite(feature.combine(scope.leaves, values))} AS ${sql.id(feature.name)}`
  })
  const parts = [...windows.values()]
  const counts = parts.map(
    ({ k }) => sql`MAX(CASE WHEN k = ${integer(k)} THEN ${carefulWindow.count} END) AS ${sql.id(countId(k))}`,
  )
  const { tables, values: again } = carefulSums(scope.leaves, scope.prefix, windowRows(scope, events, parts))
  const sums = sql`
    SELECT ${sql.join([sql`e`, sql`t`, ...picked, ...counts])}
    FROM (${again}) sums
    GROUP BY e, t
  `
  const join =
    others.length === 0
      ? sql``
      : sql` LEFT JOIN (${plain.values(scope, events, others).values}) o ON o.e = p.e AND o.t = p.t`
  const values = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${points.located(pointTable(scope))} p
    LEFT JOIN (${sums}) s ON s.e = p.e AND s.t = p.t${join}
  `
  return { tables, values }
}

function single(name: string, part: WindowedAggregate): WindowFeature {
  return {
    name,
    parts: [part],
    combine: (_, [value]) => {
      if (value === undefined) throw new Error('a feature of one part has its value')
      return value
    },
    empty: part.kind.empty,
  }
}

function countId(k: number): string {
  return `count_${k}`
}
