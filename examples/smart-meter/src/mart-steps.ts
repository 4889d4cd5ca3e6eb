import type { LoadConfig } from 'martlet'

const file = (name: string): string => `loads/${name}.sql`

/** The days of a run: the reference date, and the two weeks before it, in which something may still arrive. */
export const PARAMETERS = {
  'reference-date': 'date',
  since: { type: 'date', default: '{reference-date-13d}' },
} as const

const days = { column: 'day', from: '{since}', to: '{reference-date}' } as const

/** The newest version of everything that has arrived. */
export const merged = [
  {
    name: 'agreements',
    from: file('agreements'),
    into: 'mart.fact_agreement',
    key: ['agreement_id'],
    loadedAt: '_arrived_at',
    newest: 'updated_at',
  },
  { name: 'products', from: file('products'), into: 'mart.dim_product', key: ['product_id'], loadedAt: '_arrived_at' },
  { name: 'meters', from: file('meters'), into: 'mart.dim_meter', key: ['serial'], loadedAt: '_arrived_at' },
  { name: 'holidays', from: file('holidays'), into: 'mart.dim_holiday', key: ['date'], loadedAt: '_arrived_at' },
  {
    name: 'prices',
    from: file('prices'),
    into: 'mart.dim_price',
    key: ['slot', 'valid_from'],
    loadedAt: 'published_at',
  },
  {
    name: 'half_hour_prices',
    from: file('half-hour-prices'),
    into: 'mart.dim_half_hour_price',
    key: ['valid_from'],
    loadedAt: 'published_at',
  },
  { name: 'weather', from: file('weather'), into: 'mart.dim_weather', key: ['date'], loadedAt: 'issued_at' },
  {
    name: 'readings',
    from: file('readings'),
    into: 'staging.readings',
    key: ['meterpoint_id', 'serial', 'ts'],
    loadedAt: 'arrived_at',
    newest: 'version',
  },
] as const satisfies readonly LoadConfig[]

/** Tables by day, for a reference date. */
export const daily = [
  {
    name: 'fact_consumption',
    from: file('fact-consumption'),
    into: 'mart.fact_consumption',
    key: ['day', 'meterpoint_id', 'ts'],
    slice: days,
    parameters: PARAMETERS,
  },
  {
    name: 'active_agreements',
    from: file('active-agreements'),
    into: 'mart.active_agreements',
    key: ['reference_date', 'meterpoint_id'],
    slice: { column: 'reference_date', from: '{reference-date}', to: '{reference-date}' },
    parameters: PARAMETERS,
  },
  {
    name: 'half_hourly_consumption',
    from: file('half-hourly-consumption'),
    into: 'mart.half_hourly_consumption',
    key: ['day', 'interval_start'],
    slice: days,
    parameters: PARAMETERS,
  },
  {
    name: 'daily_product_consumption',
    from: file('daily-product-consumption'),
    into: 'mart.daily_product_consumption',
    key: ['day', 'product_id'],
    slice: days,
    parameters: PARAMETERS,
  },
] as const satisfies readonly LoadConfig[]

const names = (loads: readonly { readonly name: string }[]): string => loads.map(({ name }) => name).join(' ')

export const etl = {
  name: 'etl',
  parameters: PARAMETERS,
  zone: 'Europe/London',
  run: [`load ${names(merged)}`, `load ${names(daily)} --set reference-date={reference-date} --set since={since}`],
} as const
