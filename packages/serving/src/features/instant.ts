/** Microseconds since the epoch as ISO 8601 in UTC, with as many decimals (0, 3 or 6) as it needs. */
export function isoInstant(micros: bigint): string {
  const millis = micros >= 0n ? micros / 1000n : (micros - 999n) / 1000n
  const rest = Number(micros - millis * 1000n)
  const text = new Date(Number(millis)).toISOString()
  if (rest !== 0) return `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

/** False for the infinite instants of databases and others that ISO 8601 has no year for. */
export function isInstant(micros: bigint): boolean {
  return micros >= -62_167_219_200_000_000n && micros < 253_402_300_800_000_000n
}

/** Now, in microseconds since the epoch. */
export function clockMicros(): bigint {
  return BigInt(Date.now()) * 1000n
}
