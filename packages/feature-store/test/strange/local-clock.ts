const DAY = 86_400_000_000

const clocks = new Map<string, Intl.DateTimeFormat>()

/** What a clock in a zone shows at an instant, as if it were UTC; both in µs. */
export function shown(instant: number, zone: string): number {
  if (zone === 'UTC') return instant
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  clocks.set(zone, clock)
  const whole = Math.floor(instant / 1_000_000)
  const parts = new Map(clock.formatToParts(whole * 1000).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) * 1000 +
    (instant - whole * 1_000_000)
  )
}

/** The last instant at which a clock in a zone shows this; one that it never shows is not asked for. */
export function lastShowing(local: number, zone: string): number {
  if (zone === 'UTC') return local
  const offsets = [-2, -1, 0, 1, 2].map((days) => local + days * DAY).map((near) => shown(near, zone) - near)
  const instants = [...new Set(offsets)]
    .map((offset) => local - offset)
    .filter((instant) => shown(instant, zone) === local)
  if (instants.length === 0) throw new Error(`a clock in ${zone} never shows ${new Date(local / 1000).toISOString()}`)
  return Math.max(...instants)
}

/** Instants around which a zone does something that few expect, by the start of the days to be drawn. */
export const oddPlaces = [
  { zone: 'UTC', start: Date.UTC(1969, 11, 28) },
  { zone: 'Europe/Zurich', start: Date.UTC(1969, 11, 28) },
  { zone: 'Europe/Zurich', start: Date.UTC(2024, 2, 27) },
  { zone: 'Europe/Zurich', start: Date.UTC(2024, 9, 24) },
  // A day that never was: December 30, and August 21 in the other.
  { zone: 'Pacific/Apia', start: Date.UTC(2011, 11, 27) },
  { zone: 'Pacific/Kwajalein', start: Date.UTC(1993, 7, 18) },
  // Days without a midnight.
  { zone: 'America/Havana', start: Date.UTC(2024, 2, 7) },
  { zone: 'Asia/Beirut', start: Date.UTC(2024, 2, 28) },
  { zone: 'America/Sao_Paulo', start: Date.UTC(2018, 10, 1) },
  { zone: 'Asia/Kathmandu', start: Date.UTC(1985, 11, 29) },
  // Midnight twice, and a day that begins, ends and begins again.
  { zone: 'America/Havana', start: Date.UTC(2024, 9, 31) },
  { zone: 'Asia/Pyongyang', start: Date.UTC(2015, 7, 11) },
  { zone: 'America/St_Johns', start: Date.UTC(2010, 10, 4) },
  // Half an hour.
  { zone: 'Australia/Lord_Howe', start: Date.UTC(2024, 3, 4) },
].map(({ zone, start }) => ({ zone, start: start * 1000 }))
