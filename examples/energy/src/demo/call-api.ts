import { readdir } from 'node:fs/promises'
import type { Catalog, OnlineStore } from '@martlet/feature-store'
import type { Registry } from '@martlet/registry'
import { createClient, hashApiKey, listen, RequestRefused, serving } from '@martlet/serving'
import type { EnergyDefinitions } from '../definitions/next-day.ts'
import { MODEL } from '../forecast/train.ts'
import { count, instant, kwh } from './format.ts'

export interface ApiCalls {
  readonly catalog: Catalog
  readonly online: OnlineStore
  readonly registry: Registry
  /** The folder of prediction logs. */
  readonly log: string
  /** The clock of the data, µs: the day with the newest features. */
  readonly now: bigint
  readonly customers: readonly string[]
}

const BATCH = 100

/** Serves on a free port, reads a customer's features, forecasts the next day of all, is refused once, and shuts down. */
export async function callApi({
  catalog,
  online,
  registry,
  log,
  now,
  customers,
}: ApiCalls): Promise<readonly string[]> {
  const key = 'demo-key-of-this-machine'
  const app = serving({
    catalog,
    online,
    registry,
    auth: {
      keys: [
        {
          name: 'demo',
          sha256: hashApiKey(key),
          scopes: ['features:read', 'models:predict', 'catalog:read', 'metrics:read'],
        },
      ],
    },
    log: { folder: log },
    now: () => now,
  })
  const server = await listen(app, { port: 0, signals: false })
  const lines: string[] = [`serving on ${server.url}, docs at ${server.url}/docs`]
  try {
    const [first = ''] = customers
    const cards = createClient<EnergyDefinitions['customerCard']>({
      url: server.url,
      service: 'customer_card',
      apiKey: key,
    })
    const [card] = await cards.features([{ customer_id: first }])
    lines.push(
      `POST features of customer ${first}: tier ${String(card?.values.customer_usage__tier)}, ` +
        `fifth ${String(card?.values.customer_usage__fifth)} of 5, ` +
        `${kwh(Number(card?.values.customer_usage__kwh_7days))} kWh in 7 days, ` +
        `tariff ${String(card?.values.customer_profile__tariff)}, as of ${card?.times['customer_usage']?.time ?? '–'}`,
    )
    const models = createClient<EnergyDefinitions['nextDay']>({
      url: server.url,
      service: 'next_day_consumption',
      apiKey: key,
    })
    const start = performance.now()
    let total = 0
    for (let from = 0; from < customers.length; from += BATCH) {
      const { rows } = await models.predict(
        MODEL,
        customers.slice(from, from + BATCH).map((customer_id) => ({ customer_id })),
      )
      for (const row of rows) total += Number(row.prediction['next_day_kwh'])
    }
    lines.push(
      `POST predict: ${count(customers.length)} customers in ${(performance.now() - start).toFixed(0)} ms, ` +
        `${kwh(total)} kWh expected for the day after ${instant(now)}`,
    )
    const refused = await cards
      .features([{ customer_id: first }, JSON.parse('{"customer_id": 7}')])
      .catch((error: unknown) => error)
    if (!(refused instanceof RequestRefused)) throw new Error('a number as customer_id was not refused')
    lines.push(`a key of the wrong type is refused: ${refused.status} ${refused.code} at ${refused.path ?? '?'}`)
    const ready = await fetch(`${server.url}/health/ready`)
    lines.push(`GET /health/ready: ${ready.status}`)
  } finally {
    await server.close()
  }
  const files = (await readdir(log, { recursive: true })).filter((name) => name.endsWith('.jsonl'))
  return [...lines, `shut down; ${count(files.length)} prediction log file${files.length === 1 ? '' : 's'}`]
}
