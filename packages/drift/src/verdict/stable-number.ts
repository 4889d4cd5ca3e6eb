/**
 * Rounds to significant digits. Engines add doubles in the order in which their threads finish, so the last digits of a sum
 * differ from run to run; results keep fewer digits and have the same bytes every time.
 *
 * @example significant(1.23456789, 3) // 1.23
 */
export function significant(value: number, digits: number): number {
  return Number.isFinite(value) && value !== 0 ? Number(value.toPrecision(digits)) : value
}

/** Rounds to a multiple of a millionth of `scale`, for differences that may cancel to almost nothing. */
export function millionth(value: number, scale: number): number {
  if (!(scale > 0) || !Number.isFinite(value)) return value
  const step = 10 ** Math.floor(Math.log10(scale * 1e-6))
  const rounded = significant(Math.round(value / step) * step, 12)
  return Number.isFinite(rounded) ? rounded : significant(value, 9)
}
