import { invalid, type Place } from './invalid-definition.ts'

/** Checks an IANA zone name and returns it in its usual capitals. */
export function knownZone(zone: string, place: Place): string {
  const resolved = /^[A-Za-z]/.test(zone) ? resolve(zone) : undefined
  if (resolved === undefined) throw invalid(place, `zone '${zone}' is not an IANA time zone; write a name like 'Europe/Zurich' or 'UTC'`)
  return resolved.toLowerCase() === zone.toLowerCase() ? resolved : zone
}

function resolve(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
