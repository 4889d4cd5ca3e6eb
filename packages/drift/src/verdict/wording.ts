/** A number in three significant digits (four from 1000 on), without an exponent where it can be avoided. */
export function brief(value: number): string {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-4) return value.toExponential(1).replace('e+', 'e')
  return String(Number(value.toPrecision(size >= 1000 ? 4 : 3)))
}

/** A share as a percentage. */
export function percent(share: number): string {
  const value = share * 100
  if (!Number.isFinite(value) && Number.isFinite(share)) {
    const [digits = '', exponent = ''] = share.toExponential(1).split('e')
    return `${digits}e${Number(exponent) + 2} %`
  }
  return `${value !== 0 && Math.abs(value) < 0.1 ? brief(value) : String(Number(value.toFixed(1)))} %`
}

/** A chance; never 0, because a tail too small for a double is still a chance. */
export function chance(p: number): string {
  return p < 1e-12 ? '< 1e-12' : brief(p)
}

/** A whole number in groups of three digits, as 12 345. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202F')
}
