import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { keyColumns, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { anyDoubt, DOUBT } from '../../vocabulary/algebra/rounding.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { Scope } from '../scope.ts'
import type { Strategy, ViewValues } from '../strategy.ts'
import type { TemporaryTable } from '../temporary-tables.ts'
import type { WindowFeature } from '../window-feature.ts'
import { presentPoints } from './present-points.ts'
import { scannedWindow, windowsOf, type ScannedPart } from './scanned-window.ts'

/**
 * Few feature times: the events of each window are read once, and aggregated by key and feature time. Nothing is looked
 * up, and the cost does not grow with the number of tiles that the windows span.
 */
export const scan: Strategy = {
  name: 'scan',
  applies: ({ lookup, instants }) => lookup === 'scan' && instants !== undefined,
  answers: (_, feature) => isScanned(feature),
  values: scannedValues,
}

/** Whether the events of its windows are found without counting rows back from the newest. */
export function isScanned({ parts }: WindowFeature): boolean {
  return parts.every(({ window }) => windowKind(window).ranked !== true)
}

/** `(e, t, features)` of every entity with an event before t: a join of one GROUP BY for each window. */
function scannedValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): ViewValues {
  const { leaves } = scope
  const windows = windowsOf(features)
  const values = new Map<ScannedPart['part'], Sql>()
  const doubts: Sql[] = []
  const tables: TemporaryTable[] = []
  const joins = windows.map((window, i) => {
    const alias = `w${i}`
    const name = sql.id(`${scope.prefix}_since_${i}`)
    const { tables: made, rows, rounded, owner } = scannedWindow(scope, source, window, name)
    tables.push(...made)
    for (const { id, part } of window.parts) values.set(part, valueOf(part, alias, id, owner))
    if (rounded) doubts.push(sql.id(alias, DOUBT))
    const same = keyColumns(scope).length === 0 ? sql`${sql.id(alias, 'e')} = b.e` : sameEntity(scope, alias, 'b')
    const time = scope.first === scope.last ? sql`` : sql` AND ${sql.id(alias, 't')} = b.t`
    return sql` LEFT JOIN (${rows}) ${sql.id(alias)} ON ${same}${time}`
  })
  const columns = features.map(({ name, parts, combine }) => {
    const own = parts.map((part) => values.get(part) ?? sql`NULL`)
    return sql`${combine(leaves, own)} AS ${sql.id(name)}`
  })
  const doubt = doubts.length === 0 ? [] : [sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`]
  return {
    tables,
    values: sql`
      SELECT ${sql.join([sql`b.e AS e`, sql`b.t AS t`, ...columns, ...doubt])}
      FROM (${presentPoints(scope, source)}) b${sql.join(joins, sql``)}
    `,
  }
}

/** A window without any event has no row, and neither has one that does not exist; a value that does not fit its type stays null. */
function valueOf({ kind, window }: ScannedPart['part'], alias: string, id: string, owner: string): Sql {
  const value = sql.id(alias, id)
  if (windowKind(window).missing !== undefined) return value
  return kind.empty === 0 ? sql`CASE WHEN ${sql.id(alias, owner)} IS NULL THEN 0 ELSE ${value} END` : value
}
