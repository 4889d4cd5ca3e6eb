import { createClient, type ServedVector } from '@martlet/serving/client'
import type { trips } from '../on-demand/taxi.ts'
import type { metered, nextDay } from '../support/energy.ts'

const client = createClient<typeof nextDay>({ url: 'http://localhost', service: 'next_day' })
const [row] = await client.features([{ customer_id: 'a' }])
if (row !== undefined) {
  const kwh: number | null = row.values.customer_usage__kwh_1d
  const tariff: string | null = row.values.customer_profile__tariff
  void [kwh, tariff]
  // @ts-expect-error a value may be missing
  const sure: number = row.values.customer_usage__kwh_1d
  // @ts-expect-error not a feature of this service
  void row.values.meter_volts__volts_7d
  void sure
}
const [part] = await client.features([{ customer_id: 'a' }], { features: ['customer_usage__kwh_1d'] })
// @ts-expect-error not asked for
void part?.values.customer_usage__kwh_7d

// @ts-expect-error another service's name
createClient<typeof nextDay>({ url: 'http://localhost', service: 'metered' })
// @ts-expect-error a key column is missing
await createClient<typeof metered>({ url: 'http://localhost', service: 'metered' }).features([{ customer_id: 'a' }])
// @ts-expect-error a misspelt feature
await client.features([{ customer_id: 'a' }], { features: ['customer_usage__kwh_2d'] })

const exact = createClient<typeof nextDay>({ url: 'http://localhost', service: 'next_day', exactNumbers: true })
const [digits] = await exact.features([{ customer_id: 'a' }])
if (digits !== undefined) {
  const kwh: number | bigint | string | null = digits.values.customer_usage__kwh_1d
  const tariff: string | null = digits.values.customer_profile__tariff
  void [kwh, tariff]
  // @ts-expect-error a number may be too long for a JavaScript number
  const short: number | null = digits.values.customer_usage__kwh_1d
  void short
}

export type Vector = ServedVector<typeof nextDay>

const ride = createClient<typeof trips>({ url: 'http://localhost', service: 'trips' })
const [fares] = await ride.features([{ zone_id: 'a' }], { request: [{ km: 1, promised_at: null }] })
const minutes: number | null | undefined = fares?.values.fare__minutes
void minutes
// @ts-expect-error a request brings values, so they cannot be left out
await ride.features([{ zone_id: 'a' }])
// @ts-expect-error km is missing
await ride.predict('fares', [{ zone_id: 'a' }], { request: [{ seats: 3 }] })
// @ts-expect-error km is a number
await ride.predict('fares', [{ zone_id: 'a' }], { request: [{ km: '3' }] })
// @ts-expect-error this service computes nothing on demand
await client.features([{ customer_id: 'a' }], { request: [{ km: 1 }] })
