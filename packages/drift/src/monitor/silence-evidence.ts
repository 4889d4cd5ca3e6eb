import { sql, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { fromRelation, type Relation } from '../count/relation.ts'
import { scanPresence, scanSilent, type EntityRows } from '../count/scan-presence.ts'
import { openSource } from '../count/scan-source.ts'
import { windowSql, type TimeWindow } from '../count/windows.ts'
import { keysFor } from '../profile/profiled-gaps.ts'
import { disjoint } from '../reference/open-reference.ts'
import type { ReferenceChoice } from '../reference/reference-choice.ts'
import type { Silence } from '../verdict/evidence.ts'
import type { DriftPolicy } from '../verdict/policy.ts'
import { LOOK_BACK, silenceIn, windowsBefore } from './silence.ts'

interface KeyedRows {
  /** The monitor's rows of all times. */
  readonly relation: Relation
  readonly schema: readonly ColumnSpec[]
  readonly time: string | null
  readonly entity: readonly string[]
  /** Oldest first. */
  readonly windows: readonly TimeWindow[]
  readonly choice: ReferenceChoice
  readonly now: Date
}

/** Who is silent in every window that is over, by what earlier windows of the monitor's own rows show. */
export async function silenceEvidence(
  warehouse: Warehouse,
  { relation, schema, time, entity, windows, choice, now }: KeyedRows,
  policy: DriftPolicy,
): Promise<readonly (Silence | undefined)[]> {
  const over = windows.filter(({ to }) => to <= now)
  const keys = time === null ? [] : keysFor(entity, schema, time)
  if (time === null || keys.length === 0 || over.length === 0) return []
  const columns = keys.flatMap((name) => schema.filter((column) => column.name === name))
  const open = (pieces: readonly TimeWindow[]): EntityRows => {
    const { where } = windowSql(warehouse.leaves, sql.id(time), pieces)
    const some = sql`SELECT * FROM ${fromRelation(relation)} WHERE ${where}`
    return { source: openSource(warehouse, { relation: some, time, windows: pieces }), time, keys: columns }
  }
  const pieces = disjoint(over.flatMap((window) => [window, ...windowsBefore(window, choice)]))
  const presences = await scanPresence(warehouse, open(pieces))
  const found = windows.map((window) => {
    const silence = over.includes(window) ? silenceIn(presences, pieces, window, windowsBefore(window, choice)) : null
    return silence === null ? undefined : { keys, ...silence, named: [] }
  })
  const latest = windows.at(-1)
  const own = found.at(-1)
  if (latest === undefined || own === undefined || own.now.silent === 0 || policy.namedEntities === 0) return found
  const missed = disjoint([latest, ...windowsBefore(latest, choice).slice(0, LOOK_BACK)])
  const since = latest.from.getTime() * 1000
  const named = await scanSilent(warehouse, open(missed), since, policy.namedEntities)
  return [...found.slice(0, -1), { ...own, named }]
}
