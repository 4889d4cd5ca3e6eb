/** A whole number with groups of three digits. */
export function count(value: number | bigint): string {
  return value.toLocaleString('en')
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** An amount with two decimals. */
export function kwh(value: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

/** An instant of the data, µs. */
export function instant(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}
