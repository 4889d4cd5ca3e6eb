/** The largest number that a half holds. */
export const LARGEST_HALF = 65_504
/** From here on a number is nearer to 2^16, which a half cannot hold. */
const OVERFLOW = 65_520
const SMALLEST_NORMAL = 2 ** -14

const float64 = new Float64Array(1)
const words = new Uint32Array(float64.buffer)
const HIGH = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0

/** The bits of the half (IEEE 754 binary16) that is nearest to a number; infinity for numbers beyond its range. */
export function halfOf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= OVERFLOW) return sign | 0x7c00
  if (size < SMALLEST_NORMAL) return sign | toEven(size * 2 ** 24)
  float64[0] = size
  const exponent = ((words[HIGH] ?? 0) >>> 20) - 1023
  // Rounding up to 2048 carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + toEven(size * 2 ** (10 - exponent)) - 1024)
}

/** The number that the bits of a half stand for. */
export function numberOfHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** Every half is a float32 too. */
export function floatsOfHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, numberOfHalf)
}

/** The nearest whole number of one that is not negative; of two equally near ones, the even one. */
function toEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}
