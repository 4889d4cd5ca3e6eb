import type { SourceColumn, SourcePlan } from '../../plan/source-plan.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { roleColumn } from './source.ts'

/** Checks an IANA zone name and returns it in its usual capitals. */
export function knownZone(zone: string, place: Place): string {
  const resolved = /^[A-Za-z]/.test(zone) ? resolve(zone) : undefined
  if (resolved === undefined)
    throw invalid(place, `zone '${zone}' is not an IANA time zone; write a name like 'Europe/Zurich' or 'UTC'`)
  return resolved.toLowerCase() === zone.toLowerCase() ? resolved : zone
}

/** The zone of a table's local times: one for all of them, or one for each column named. */
export type ZoneSpec<Column extends string> = string | { readonly [C in Column]?: string }

/** Checks what a table says of its clocks. */
export function planZones(
  spec: ZoneSpec<string> | undefined,
  columns: readonly SourceColumn[],
  place: Place,
): Pick<SourcePlan, 'zone' | 'zones'> {
  if (spec === undefined) return { zone: null }
  if (typeof spec === 'string') return { zone: knownZone(spec, place) }
  const zones = Object.entries(spec).flatMap(([column, zone]): [string, string][] => {
    roleColumn(columns, column, 'zone', ['timestamp'], place)
    return zone === undefined ? [] : [[column, knownZone(zone, { ...place, column })]]
  })
  return { zone: null, zones: Object.fromEntries(zones) }
}

function resolve(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
