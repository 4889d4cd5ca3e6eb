const FLOAT32_BITS = 24

/**
 * The 32-bit float that is nearest to a whole number, ties to even. By way of a double, numbers beyond 2^53 would be
 * rounded twice.
 */
export function nearestFloat32(value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return Math.fround(number)
  const size = value < 0n ? -value : value
  const shift = BigInt(size.toString(2).length - FLOAT32_BITS)
  const kept = size >> shift
  const [rest, half] = [size - (kept << shift), 1n << (shift - 1n)]
  const up = rest > half || (rest === half && (kept & 1n) === 1n)
  const rounded = Number((kept + (up ? 1n : 0n)) << shift)
  return value < 0n ? -rounded : rounded
}
