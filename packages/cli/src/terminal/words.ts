/** `1,234,567`. */
export function grouped(count: number | bigint): string {
  // Most are short, and the first use of a locale costs a command more than all else that it prints.
  return Number.isInteger(count) && Math.abs(Number(count)) < 1000 ? String(count) : count.toLocaleString('en-US')
}

/** A number of four digits, whole numbers with all of theirs. */
export function numberWords(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return grouped(value)
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-4) return value.toExponential(3)
  return size >= 1000 ? grouped(Math.round(value)) : String(Number(value.toPrecision(4)))
}

/** `1 view`, `2 views`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** An instant in UTC as people read it: `2026-01-31 06:00`, without what is zero. */
export function instantWords(instant: string | bigint | Date | null): string {
  if (instant === null) return '–'
  const iso =
    instant instanceof Date
      ? instant.toISOString()
      : typeof instant === 'bigint'
        ? new Date(Number(instant / 1000n)).toISOString()
        : instant
  const [day = '', clock = ''] = iso.replace(/Z$/, '').split('T')
  const short = clock
    .replace(/\.0+$/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/^(\d\d:\d\d):00$/, '$1')
  return short === '' || short === '00:00' ? day : `${day} ${short}`
}

/** `3 s`, `5 min`, `2.5 h`, `4 d`. */
export function ageWords(millis: number): string {
  const seconds = Math.max(0, millis) / 1000
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`
  return `${(seconds / 86_400).toFixed(0)} d`
}

/** `12 kB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
