import type { CustomerType } from './customers.ts'

/** A bump around `centre` o'clock that continues past midnight. */
function bump(hour: number, centre: number, width: number): number {
  const apart = Math.abs(hour - centre)
  return Math.exp(-0.5 * (Math.min(apart, 24 - apart) / width) ** 2)
}

const SHAPES: Readonly<Record<CustomerType, (hour: number, weekend: boolean) => number>> = {
  household: (hour, weekend) =>
    0.35 +
    (weekend ? 0.7 * bump(hour, 10.5, 2.6) : 0.75 * bump(hour, 7, 1.3)) +
    0.25 * bump(hour, 12.5, 1.5) +
    1.3 * bump(hour, 19, 2.3),
  business: (hour, weekend) =>
    weekend ? 0.3 : 0.3 + 1.6 / (1 + Math.exp(-2 * (hour - 7.5))) - 1.6 / (1 + Math.exp(-2 * (hour - 17.5))),
}

const DAILY: Readonly<Record<CustomerType, { readonly weekday: number; readonly weekend: number }>> = {
  household: { weekday: 0.96, weekend: 1.1 },
  business: { weekday: 1.25, weekend: 0.38 },
}

/** The share of a normal day's consumption in each of `perDay` intervals; sums to the weight of that kind of day. */
export function profileOf(type: CustomerType, weekend: boolean, shift: number, perDay: number): Float64Array {
  const shape = SHAPES[type]
  const shares = Float64Array.from({ length: perDay }, (_, i) =>
    shape((((i + 0.5) * 24) / perDay + shift + 24) % 24, weekend),
  )
  const total = shares.reduce((sum, share) => sum + share, 0)
  const weight = DAILY[type][weekend ? 'weekend' : 'weekday']
  return shares.map((share) => (share * weight) / total)
}
