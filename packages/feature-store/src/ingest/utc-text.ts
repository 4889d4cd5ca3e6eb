const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,9}))?\s?(Z|z|[+-]\d\d(?::?\d\d)?)$/

/**
 * An instant in ISO 8601 with any offset, or with nine decimals, as one of UTC with six; what is none of these stays as it is.
 * Digits beyond microseconds are cut off.
 *
 * @example utcText('2026-01-31T10:30:00+01:00') // => '2026-01-31T09:30:00.000000Z'
 */
export function utcText(text: string): string {
  const [, day, minute, second = ':00', fraction = '', zone = ''] = INSTANT.exec(text) ?? []
  if (day === undefined || minute === undefined) return text
  const micros = fraction.slice(0, 6).padEnd(6, '0')
  if (zone === 'Z' || zone === 'z') return `${day}T${minute}${second}.${micros}Z`
  const local = new Date(`${day}T${minute}${second}Z`)
  // A day or a time that does not exist must not become another one.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(`${day}T${minute}${second}`)) return text
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)]
  if (hours > 23 || minutes > 59) return text
  const offset = (hours * 60 + minutes) * 60_000 * (zone.startsWith('-') ? -1 : 1)
  return `${new Date(local.getTime() - offset).toISOString().slice(0, 19)}.${micros}Z`
}
