/** The tariffs of the generated mart. Prices have at most three decimals, so that a cost is exact to the sixth. */
export const TARIFFS = {
  flat: { day: 0.285, night: 0.285 },
  day_night: { day: 0.318, night: 0.214 },
  green: { day: 0.302, night: 0.302 },
  business_flat: { day: 0.241, night: 0.241 },
  business_peak: { day: 0.276, night: 0.178 },
} as const

export type Tariff = keyof typeof TARIFFS

export const TARIFFS_OF = {
  household: ['flat', 'day_night', 'green'],
  business: ['business_flat', 'business_peak'],
} as const satisfies Record<string, readonly Tariff[]>

/** The price of one kWh in an hour of the day (0 to 23, UTC); the night runs from 22:00 to 06:00. */
export function priceOf(tariff: Tariff, hour: number): number {
  return hour >= 6 && hour < 22 ? TARIFFS[tariff].day : TARIFFS[tariff].night
}

/** The cost of `kwh` (three decimals), exact to the sixth decimal. */
export function costOf(kwh: number, price: number): number {
  return (Math.round(kwh * 1000) * Math.round(price * 1000)) / 1e6
}
