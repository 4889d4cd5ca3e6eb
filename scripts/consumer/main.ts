import { columnBatch, MartletError, openDuckDb, rowsOf } from '@martlet/warehouse'
import { entity, fact, featureService, featureView, openMemoryStore } from '@martlet/feature-store'
import { isolatedRuntime, linearRegressionOnnx } from '@martlet/registry'
import { z } from 'zod'

// A warehouse: the native binding loads from the installed packages, rows go in and come out.
await using warehouse = await openDuckDb()
await warehouse.db.schema
  .createTable('readings')
  .addColumn('customer_id', 'varchar')
  .addColumn('kwh', 'double precision')
  .execute()
await warehouse.append(
  'readings',
  columnBatch({ customer_id: { type: 'text', values: ['c1', 'c2'] }, kwh: { type: 'double', values: [1.5, null] } }),
)
const rows = await warehouse.db.selectFrom('readings').selectAll().orderBy('customer_id').execute()
if (JSON.stringify(rows) !== '[{"customer_id":"c1","kwh":1.5},{"customer_id":"c2","kwh":null}]')
  throw new Error(`read back ${JSON.stringify(rows)}`)
if (rowsOf(columnBatch({ n: { type: 'integer', values: [1] } })).length !== 1) throw new Error('rowsOf lost a row')

const refused = await warehouse.append('absent', columnBatch({})).then(
  () => undefined,
  (error: unknown) => error,
)
if (!(refused instanceof MartletError) || refused.code !== 'TABLE_NOT_FOUND')
  throw new Error(`expected TABLE_NOT_FOUND, not ${String(refused)}`)

// Definitions: the types that are inferred must survive the trip through .d.ts files.
const customer = entity('customer', { customer_id: z.string() })
const usage = fact('readings', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  ttl: '3d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
})
export const refusedByTypes = () =>
  featureView('wrong', {
    of: customer,
    from: usage,
    every: '1d',
    delay: '6h',
    ttl: '3d',
    // @ts-expect-error there is no such column
    features: (f) => ({ kwh: f.sum('kwhh').over('7d') }),
  })
const service = featureService('next_day', [view])
if (service.name !== 'next_day') throw new Error('a feature service lost its name')

await openMemoryStore().close()

// A model in a process of its own: its entry file is in the package and finds onnxruntime from there.
const session = await isolatedRuntime().open(
  linearRegressionOnnx({ features: ['a', 'b'], weights: [2, 3], bias: 5 }),
  'linear',
)
const { prediction } = await session.run(
  { features: { element: 'float32', dims: [1, 2], data: Float32Array.of(1, 2) } },
  ['prediction'],
)
await session.release()
if (prediction?.data[0] !== 13) throw new Error(`the isolated model predicted ${String(prediction?.data[0])}`)
console.log('definitions, a DuckDB warehouse, an online store and an isolated model work')
