import { join } from 'node:path'
import {
  entity,
  fact,
  featureService,
  featureView,
  instantText,
  openCatalog,
  type Catalog,
} from '@martlet/feature-store'
import { columnBatch, ensureSchema, ensureTable, type Warehouse } from '@martlet/warehouse'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadPredictions } from '../../src/index.ts'
import { logFolder, logLine } from '../predictions/log-folder.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** The first midnight that matters. */
export const START = Date.UTC(2026, 0, 1)
export const DELAY = 6 * HOUR
export const TTL = 30 * HOUR

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), at: z.date(), kwh: z.number(), kind: z.string() },
  entities: [customer],
  eventTime: 'at',
})

/** With a ttl, rows are served until the next ones are due. */
export function usageOf(ttl: boolean) {
  return featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    delay: '6h',
    ...(ttl ? { ttl: '30h' } : {}),
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), readings: f.count().over('2d'), kind: f.last('kind') }),
  })
}

export function serviceOf(ttl: boolean) {
  return featureService('next_day', [usageOf(ttl)])
}

export interface Fact {
  readonly customer: string
  readonly at: number
  readonly kwh: number
  readonly kind: string
  /** Whether it was there when rows were first written. */
  readonly early: boolean
}

/** The features of a row; all null without one. */
export interface Row {
  readonly kwh: number | null
  readonly readings: number | null
  readonly kind: string | null
}

export const FEATURES = ['kwh', 'readings', 'kind'] as const
const COLUMNS = { kwh: 'kwh_1d', readings: 'readings_2d', kind: 'kind' } as const
export const NO_ROW: Row = { kwh: null, readings: null, kind: null }

/** The name of a feature in vectors. */
export function named(feature: keyof Row): string {
  return `usage__${COLUMNS[feature]}`
}

/** A row of the feature table. */
export interface StoredRow extends Row {
  readonly customer: string
  readonly time: number
  readonly run: string
}

export interface Run {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly ended: number
}

/** A prediction as it was logged. */
export interface Served extends Row {
  readonly customer: string
  readonly at: number
  /** The feature time of the row; null without one. */
  readonly time: number | null
  readonly withheld: boolean
  readonly definition: string
}

export interface Mart {
  readonly facts: readonly Fact[]
  readonly stored: readonly StoredRow[]
  readonly runs: readonly Run[]
  readonly served: readonly Served[]
  readonly ttl: boolean
}

/** Puts a mart into a warehouse and a catalog, its predictions by way of log files. */
export async function landed(warehouse: Warehouse, mart: Mart, model: string) {
  const service = serviceOf(mart.ttl)
  const folder = await logFolder({ 'a.jsonl': mart.served.map(lineOf) })
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  onTestFinished(() => catalog.close())
  const text = (values: readonly (string | null)[]) => ({ type: 'text' as const, values })
  const instants = (values: readonly number[]) => ({
    type: 'timestamp' as const,
    values: values.map((at) => BigInt(at) * 1000n),
  })
  for (const schema of ['mart', 'features']) await ensureSchema(warehouse, schema)
  for (const table of ['mart.readings', 'features.usage'])
    await ensureTable(warehouse, {
      table,
      columns:
        table === 'mart.readings'
          ? [
              { name: 'customer_id', type: 'text' },
              { name: 'at', type: 'timestamp' },
              { name: 'kwh', type: 'double' },
              { name: 'kind', type: 'text' },
            ]
          : [
              { name: 'customer_id', type: 'text' },
              { name: 'feature_time', type: 'timestamp' },
              { name: 'kwh_1d', type: 'double' },
              { name: 'readings_2d', type: 'bigint' },
              { name: 'kind', type: 'text' },
              { name: 'run_id', type: 'text' },
            ],
    })
  const { facts, stored, runs } = mart
  await warehouse.append(
    'mart.readings',
    columnBatch({
      customer_id: text(facts.map((one) => one.customer)),
      at: instants(facts.map(({ at }) => at)),
      kwh: { type: 'double', values: facts.map(({ kwh }) => kwh) },
      kind: text(facts.map(({ kind }) => kind)),
    }),
  )
  if (stored.length > 0)
    await warehouse.append(
      'features.usage',
      columnBatch({
        customer_id: text(stored.map((one) => one.customer)),
        feature_time: instants(stored.map(({ time }) => time)),
        kwh_1d: { type: 'double', values: stored.map(({ kwh }) => kwh) },
        readings_2d: { type: 'bigint', values: stored.map((one) => one.readings) },
        kind: text(stored.map(({ kind }) => kind)),
        run_id: text(stored.map(({ run }) => run)),
      }),
    )
  const { hash } = usageOf(mart.ttl).plan
  for (const { id, from, to, ended } of runs)
    await addRun(catalog, { id, view: 'usage', hash, from, to, began: ended - HOUR, ended, published: null })
  // Its table does not depend on the ttl.
  await addState(catalog, 'usage', usageOf(false).plan.hash)
  await loadPredictions({
    warehouse,
    folder,
    model,
    columns: [
      { name: 'usage__kwh_1d', type: 'double' },
      { name: 'usage__readings_2d', type: 'bigint' },
      { name: 'usage__kind', type: 'text' },
    ],
  })
  return { catalog, service }
}

export interface RecordedRun {
  readonly id: string
  readonly view: string
  readonly hash: string
  readonly from: number | null
  readonly to: number | null
  readonly began: number
  readonly ended: number
  readonly published: number | null
}

/** Records a run that succeeded. */
export async function addRun(catalog: Catalog, run: RecordedRun): Promise<void> {
  const at = (instant: number): string => instantText(BigInt(instant) * 1000n)
  const { id, view, hash, from, to, began, ended, published } = run
  await catalog.db
    .insertInto('runs')
    .values({
      id,
      kind: 'materialize',
      view,
      hash,
      from_time: from === null ? null : at(from),
      to_time: to === null ? null : at(to),
      reason: 'test',
      rows: from === null ? 0 : 1,
      bytes: null,
      published,
      seconds: null,
      outcome: 'succeeded',
      error: null,
      started_at: at(began),
      finished_at: at(ended),
      host: 'test',
      pid: 1,
      actor: 'test',
    })
    .execute()
}

/** Records that the feature table of a view has all rows, by a definition. */
export async function addState(catalog: Catalog, view: string, hash: string): Promise<void> {
  const at = (instant: number): string => instantText(BigInt(instant) * 1000n)
  await catalog.db
    .insertInto('view_states')
    .values({
      view,
      hash,
      since: at(START - 30 * DAY),
      watermark: at(START + 60 * DAY),
      pending_hash: null,
      pending_run: null,
      pending_phase: null,
      pending_from: null,
      pending_to: null,
      pending_done: null,
      unpublished_from: null,
      published_hash: null,
      published_time: null,
      published_at: null,
    })
    .execute()
}

function lineOf(one: Served, i: number): string {
  const values = Object.fromEntries(FEATURES.map((feature) => [named(feature), one[feature]]))
  const status = one.time === null ? 'NOT_FOUND' : one.withheld ? 'OUTSIDE_MAX_AGE' : 'NULL_VALUE'
  const missing = Object.entries(values).flatMap(([name, value]) => (value === null ? [[name, status]] : []))
  return logLine({
    requestId: `r-${i}`,
    time: new Date(one.at).toISOString(),
    service: 'next_day',
    keys: { customer_id: one.customer },
    values,
    missing: Object.fromEntries(missing),
    times: { usage: one.time === null ? null : { time: new Date(one.time).toISOString(), ageSeconds: 1 } },
    definitions: { usage: one.definition },
  })
}
