import { rowsOf, openDuckDb, sql } from '@martlet/warehouse'
import type * as featureStore from '../../src/index.ts'

/** Feature views of this copy of the package, and the copy's own functions. */
type FeatureStore = typeof featureStore

const AT = '2024-01-04 00:00:00'
const CUSTOMERS: readonly string[] = ['anna', 'ben']

/** Values by feature, then by customer. */
export type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Answers {
  readonly facts: Values
  readonly materialized: Values
  readonly online: Values
}

/**
 * Takes a service from readings of Anna and Ben through a training set from facts, materialization, a training set from
 * feature tables and an online read, all at midnight of January 4.
 *
 * Hour i (0 to 95, from January 1) has kwh i of Anna and 100 - i of Ben, and cost i² of both.
 */
export async function endToEnd(store: FeatureStore, service: featureStore.AnyFeatureService): Promise<Answers> {
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  for (const [table, from, to] of [
    ['mart.readings', 0, 96],
    ['mart.first_readings', 0, 48],
    ['mart.more_readings', 48, 96],
  ] as const) {
    await warehouse.run(sql`
      CREATE TABLE ${sql.table(table)} AS
      SELECT c AS customer_id, TIMESTAMP '2024-01-01' + to_hours(CAST(i AS INTEGER)) AS ts,
        CAST(CASE WHEN c = 'anna' THEN i ELSE 100 - i END AS DOUBLE) AS kwh, CAST(i * i AS DOUBLE) AS cost
      FROM range(${sql.lit(from)}, ${sql.lit(to)}) r(i), (VALUES ('anna'), ('ben')) v(c)
    `)
  }
  await using catalog = await store.openCatalog({ path: ':memory:' })
  const online = store.openMemoryStore()
  const fields = store.vectorFields(service.plan)
  const spine = {
    query: sql`SELECT c AS customer_id, TIMESTAMP ${sql.lit(AT)} AS at FROM (VALUES ('anna'), ('ben')) v(c)`,
  }
  const trained = async (from: 'facts' | 'materialized'): Promise<Values> => {
    const set = await store.buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from })
    const rows = rowsOf<Record<string, unknown>>(await set.read())
    return valuesOf(fields, (name, customer) => rows.find((row) => row['customer_id'] === customer)?.[name])
  }
  const facts = await trained('facts')
  const views = service.plan.views.map(({ view }) => view)
  await store.materialize({ warehouse, catalog, online, views, now: AT, from: '2024-01-02' })
  const now = BigInt(Date.parse(`${AT.replace(' ', 'T')}Z`)) * 1000n
  const keys = CUSTOMERS.map((customer_id) => ({ customer_id }))
  const vectors = await store.openOnlineReader({ service: service.plan, store: online }).read(keys, { now })
  return {
    facts,
    materialized: await trained('materialized'),
    online: valuesOf(fields, (name, customer) =>
      vectors.value(
        CUSTOMERS.indexOf(customer),
        fields.findIndex((field) => field.name === name),
      ),
    ),
  }
}

function valuesOf(
  fields: readonly { readonly name: string; readonly feature: string }[],
  value: (name: string, customer: string) => unknown,
): Values {
  return Object.fromEntries(
    fields.map(({ name, feature }) => [
      feature,
      Object.fromEntries(CUSTOMERS.map((customer) => [customer, value(name, customer)])),
    ]),
  )
}
