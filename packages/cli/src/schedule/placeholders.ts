import { localDay, localMinute, momentAt } from './slots.ts'

const PLACEHOLDER = /\{(due|day|date)(?:([+-])(\d{1,5})([mhdw]))?\}/g
const BRACES = /\{\s*[a-z][a-z0-9 +-]*\}/gi
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** What stands in braces in the words of a step and is no placeholder. */
export function unknownPlaceholders(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    const rest = word.replaceAll(PLACEHOLDER, (text, name: string, _sign, _count, unit?: string) =>
      name === 'date' && (unit === 'm' || unit === 'h') ? text : '',
    )
    return rest.match(BRACES) ?? []
  })
}

/**
 * The words with a slot in the place of their placeholders. Days and weeks are those of the zone's clock, hours and
 * minutes pass.
 */
export function filled(words: readonly string[], slot: number, zone: string): readonly string[] {
  const fill = (text: string, name: string, sign?: string, count?: string, unit?: string): string => {
    const shift = Number(`${sign ?? ''}${count ?? 0}`)
    const days = unit === 'd' ? shift : unit === 'w' ? shift * 7 : 0
    const rest = unit === 'h' ? shift * HOUR_MS : unit === 'm' ? (shift * HOUR_MS) / 60 : 0
    const day = localDay(zone, slot) + days
    if (name === 'date') return rest === 0 ? new Date(day * DAY_MS).toISOString().slice(0, 10) : text
    if (name === 'due' && days === 0) return instant(slot + rest)
    const moment = momentAt(zone, day, name === 'day' ? 0 : localMinute(zone, slot))
    return instant((moment ?? momentAt(zone, day + 1, 0) ?? slot) + rest)
  }
  return words.map((word) => word.replaceAll(PLACEHOLDER, fill))
}

/** An instant as commands take it, such as `2026-11-29T01:00:00Z`. */
export function instant(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}
