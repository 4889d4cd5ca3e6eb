/** Microseconds since the epoch as ISO 8601 in UTC, with 0, 3 or 6 decimals as needed. */
export function isoInstant(micros: bigint): string {
  const millis = micros >= 0n ? micros / 1000n : (micros - 999n) / 1000n
  const rest = Number(micros - millis * 1000n)
  const text = new Date(Number(millis)).toISOString()
  if (rest !== 0) return `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

/** False for the infinite instants of databases and for years outside 0000 to 9999, which ISO 8601 cannot write. */
export function isInstant(micros: bigint): boolean {
  return micros >= -62_167_219_200_000_000n && micros < 253_402_300_800_000_000n
}

/** The current time in microseconds since the epoch. */
export function clockMicros(): bigint {
  return BigInt(Date.now()) * 1000n
}
