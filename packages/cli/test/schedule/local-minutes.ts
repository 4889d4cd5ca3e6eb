/** What a zone's clock shows at each minute, by a scan: slow, and obviously right. */
export interface LocalMinute {
  readonly at: number
  /** The reading as if it were UTC, in milliseconds. */
  readonly reading: number
}

const MINUTE = 60_000

export function localMinutes(zone: string, from: number, to: number): readonly LocalMinute[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const minutes: LocalMinute[] = []
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= to; at += MINUTE)
    minutes.push({ at, reading: Date.parse(`${format.format(at).replace(' ', 'T')}Z`) })
  return minutes
}
