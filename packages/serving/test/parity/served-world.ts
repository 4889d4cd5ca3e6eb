import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  onDemand,
  openCatalog,
  openMemoryStore,
  planDefinitions,
  request,
  type AnyFeatureService,
  type AnyFeatureView,
  type AnyOnDemand,
} from '@martlet/feature-store'
import { loadPredictions, runParity, type DriftResult, type ParityRequest } from '@martlet/drift'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { listen, serving, type ModelSource } from '../../src/index.ts'
import { temporaryFolder } from '../support/backing.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The midnight that has passed. Runs and predictions are stamped by the clock, so the facts are about these days. */
export const today = Math.floor(Date.now() / DAY) * DAY
export const customers = ['a', 'b', 'c', 'd', 'e', 'f']

export const customer = entity('customer', { customer_id: z.string() })
export const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), at: z.date(), kwh: z.number(), tariff: z.string() },
  entities: [customer],
  eventTime: 'at',
})

/** The tariff is that of the last reading, or after the definition changed that of the first. */
export function usageOf(tariff: 'first' | 'last' = 'last') {
  return featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    repair: '5d',
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '7d'),
      readings: f.count().over('7d'),
      tariff: f[tariff]('tariff'),
    }),
  })
}

/** Its rows are served for a day. */
export const fresh = featureView('fresh', {
  of: customer,
  from: readings,
  every: '1d',
  ttl: '1d',
  features: (f) => ({ peak: f.max('kwh').over('2d') }),
})

/** What a function makes of the last day; it can change without its version. */
export function levelOf(usage = usageOf(), factor = 2, version = '1') {
  return onDemand('level', {
    of: [usage.pick('kwh_1d')],
    request: request({ share: z.number() }),
    version,
    output: { twice: z.number().nullable() },
    compute: ({ features: { usage__kwh_1d: kwh }, request: { share } }) => ({
      twice: kwh === null ? null : kwh * factor * share,
    }),
  })
}

export function serviceOf(usage = usageOf(), level = levelOf(usage)) {
  return featureService('next_day', [usage, fresh, level])
}

export interface World {
  readonly warehouse: Warehouse
  /** Materializes what has closed, or only feature times before an instant. */
  refresh(to?: number): Promise<void>
  /** Asks for all customers over HTTP, and brings the log of it into the warehouse. */
  serve(keys?: readonly string[], logged?: { readonly request: boolean }): Promise<void>
  /** A fact, so many hours before the last midnight. */
  reading(customerId: string, hours: number, kwh: number): Promise<void>
  /** A fact of an instant, in ms. */
  readingAt(customerId: string, at: number, kwh: number): Promise<void>
  parity(asked?: Partial<ParityRequest>): Promise<DriftResult>
}

/** What is served. */
export interface ServedParts {
  readonly views: readonly AnyFeatureView[]
  readonly service: AnyFeatureService
  readonly onDemand?: readonly AnyOnDemand[]
  readonly fields: LoadedFields
}

/** Two readings a day of each customer for ten days, each day's its own. */
export async function servedWorld(given?: ServedParts): Promise<World> {
  const {
    views,
    service,
    onDemand = [],
    fields,
  } = given ?? {
    views: [usageOf(), fresh],
    service: serviceOf(),
    onDemand: [levelOf()],
    fields: ownFields,
  }
  const folder = await temporaryFolder()
  const warehouse = await openDuckDb({ threads: 1 })
  onTestFinished(() => warehouse.close())
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  onTestFinished(() => catalog.close())
  const online = openMemoryStore()
  onTestFinished(() => online.close())
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.readings AS
    SELECT c AS customer_id, make_timestamp(${BigInt(today) * 1000n}) - to_hours(12 * CAST(i AS INTEGER)) AS at,
      1.1 * i + ascii(c) AS kwh, CASE WHEN i > 1 THEN 'flat' ELSE 'night' END AS tariff
    FROM range(1, 21) AS r(i), (SELECT UNNEST(${sql.raw(`['${customers.join("', '")}']`)}) AS c) AS t
  `)
  await applyDefinitions(catalog, await planDefinitions(catalog, [...views, service]))
  const readingAt: World['readingAt'] = async (customerId, at, kwh) => {
    await warehouse.run(sql`
      INSERT INTO mart.readings SELECT ${customerId}, make_timestamp(${BigInt(at) * 1000n}), ${kwh}, 'night'
    `)
  }
  return {
    warehouse,
    async refresh(to) {
      const before = to === undefined ? {} : { to: new Date(to) }
      await materialize({ warehouse, catalog, online, views: [...views], actor: 'test', ...before })
    },
    async serve(keys = customers, logged = { request: true }) {
      const app = serving({
        catalog,
        online,
        registry: modelOf(service.plan.name, fields),
        auth: 'none',
        onDemand: [...onDemand],
        log: { folder, flushMs: 1, ...logged },
      })
      const server = await listen(app, { port: 0 })
      const answer = await fetch(`http://127.0.0.1:${server.port}/v1/models/sum/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          keys: keys.map((customer_id) => ({ customer_id })),
          ...(onDemand.length === 0 ? {} : { request: keys.map((_, i) => ({ share: 1 / (i + 3) })) }),
        }),
      })
      if (answer.status !== 200) throw new Error(await answer.text())
      await server.close()
      const { rows } = await loadPredictions({ warehouse, folder: join(folder, 'sum'), model: 'sum' })
      if (rows !== keys.length) throw new Error(`${rows} rows were logged`)
    },
    reading: (customerId, hours, kwh) => readingAt(customerId, today - hours * HOUR, kwh),
    readingAt,
    parity: (asked = {}) =>
      runParity({
        warehouse,
        catalog,
        model: 'sum',
        services: [service],
        reads: new Map([[1, fields.map(({ field }) => field)]]),
        windows: [{ from: new Date(today), to: new Date(today + 2 * DAY) }],
        record: false,
        ...asked,
      }),
  }
}

type LoadedFields = Awaited<ReturnType<ModelSource['load']>>['fields']

const ownFields: LoadedFields = (
  [
    ['usage__kwh_1d', 'double'],
    ['usage__kwh_7d', 'double'],
    ['usage__readings_7d', 'bigint'],
    ['usage__tariff', 'text'],
    ['fresh__peak_2d', 'double'],
    ['level__twice', 'double'],
  ] as const
).map(([field, type]) => ({ field, type, missing: 'nan' as const }))

function modelOf(service: string, fields: LoadedFields): ModelSource {
  return {
    aliases: () => [{ model: 'sum', alias: 'champion', version: 1 }],
    models: () => [],
    versions: () => [],
    history: () => [],
    load: async (model, version) => ({
      model,
      version,
      sha256: 'f'.repeat(64),
      service,
      definitionHashes: {},
      fields,
      predict: async ({ rows }) => ({
        sum: { element: 'float64', dims: [rows, 1], data: new Float64Array(rows) },
      }),
      release: async () => undefined,
    }),
  }
}
