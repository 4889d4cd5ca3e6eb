import { openMemoryStore, publishRows, type ViewPlan } from '@martlet/feature-store'
import { createClient, listen, serving } from '@martlet/serving'
import { sql, tableRef, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import type { EnergyDefinitions } from '../definitions/next-day.ts'
import { MODEL } from '../forecast/train.ts'
import type { DemoRun } from './demo-run.ts'

const BATCH = 100

/**
 * Forecasts every customer at each of some days over HTTP, by the rows that were published then, so that the prediction log is
 * that of a server which has run since. Returns how many forecasts were logged.
 */
export async function replayDays({ project, definitions }: DemoRun, days: readonly bigint[]): Promise<number> {
  const { warehouse, catalog, registry, paths } = project
  const online = openMemoryStore()
  let now = days[0] ?? 0n
  const app = serving({ catalog, online, registry, auth: 'none', log: { folder: paths.log }, now: () => now })
  const server = await listen(app, { port: 0, signals: false })
  const models = createClient<EnergyDefinitions['nextDay']>({ url: server.url, service: 'next_day_consumption' })
  let forecasts = 0
  try {
    for (now of days) {
      for (const { view } of definitions.nextDay.plan.views)
        await publishRows(online, view, rowsAt(warehouse, view, now), { last: now })
      const customers = await customersAt(warehouse, now)
      for (let from = 0; from < customers.length; from += BATCH) {
        const keys = customers.slice(from, from + BATCH).map((customer_id) => ({ customer_id }))
        forecasts += (await models.predict(MODEL, keys)).rows.length
      }
    }
  } finally {
    await server.close()
    await online.close()
  }
  return forecasts
}

async function* rowsAt(warehouse: Warehouse, view: ViewPlan, instant: bigint): AsyncGenerator<ColumnBatch> {
  yield await warehouse.read(sql`
    SELECT *
    FROM ${tableRef(`features.${view.name}`)}
    WHERE feature_time = ${warehouse.leaves.timestamp(instant)}
  `)
}

async function customersAt(warehouse: Warehouse, instant: bigint): Promise<readonly string[]> {
  const { columns } = await warehouse.read(sql`
    SELECT customer_id
    FROM features.customer_usage
    WHERE kwh_7days > 0 AND feature_time = ${warehouse.leaves.timestamp(instant)}
    ORDER BY 1
  `)
  return columns[0]?.type === 'text' ? columns[0].values : []
}
