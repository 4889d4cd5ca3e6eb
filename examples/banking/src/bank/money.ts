/** Amounts are whole cents, so that sums are exact. */
export type Cents = number

/** `-1234` is `-12.34`. */
export function moneyText(cents: Cents): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** What Debezium's precise mode makes of a NUMERIC: the unscaled integer as two's complement, big-endian, in base64. */
export function moneyBytes(cents: Cents): string {
  let value = BigInt(cents)
  const bytes: number[] = []
  do {
    bytes.unshift(Number(value & 0xffn))
    value >>= 8n
    // Done when the rest is only the sign, and the first byte already says it.
  } while (!((value === 0n && (bytes[0] ?? 0) < 0x80) || (value === -1n && (bytes[0] ?? 0) >= 0x80)))
  return Buffer.from(bytes).toString('base64')
}
