const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/**
 * The largest float32 that is not above a finite number. For every float32 x, `x <= value` and `x <= roundDown(value)` are the same,
 * which does not hold for the nearest float32.
 */
export function roundDown(value: number): number {
  float[0] = value
  const nearest = float[0] ?? Number.NaN
  if (nearest <= value) return nearest
  if (nearest === 0) return -(2 ** -149)
  // Neighbours of a float32 have neighbouring bit patterns: the next smaller one is nearer to 0 for positive numbers.
  bits[0] = (bits[0] ?? 0) + (nearest > 0 ? -1 : 1)
  return float[0]
}
