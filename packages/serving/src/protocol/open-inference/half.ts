/** A float32 and its bits. */
const FLOAT = new Float32Array(1)
const BITS = new Uint32Array(FLOAT.buffer)

/** The bits of the half-precision number nearest to a number; ties to even. */
export function halfOf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size >= 65_520) return sign | 0x7c00
  // Below the smallest normal number, halves are multiples of 2^-24.
  if (size < 2 ** -14) return sign | roundEven(size * 2 ** 24)
  FLOAT[0] = size
  const exponent = ((BITS[0] ?? 0) >>> 23) - 127
  // Rounding up to 2048 carries into the exponent, as it should. A float32 that was rounded up to the next power is exact there.
  return sign | (((exponent + 15) << 10) + roundEven((size / 2 ** exponent - 1) * 1024))
}

/** The number that the bits of a half-precision number stand for. */
export function numberOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function roundEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest < 0.5) return floor
  return rest > 0.5 || floor % 2 === 1 ? floor + 1 : floor
}
