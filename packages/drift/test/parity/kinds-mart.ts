import { join } from 'node:path'
import { entity, fact, featureService, featureView, openCatalog } from '@martlet/feature-store'
import { columnBatch, ensureSchema, ensureTable, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadPredictions } from '../../src/index.ts'
import { logFolder, logLine } from '../predictions/log-folder.ts'
import { addRun, addState, type RecordedRun } from './mart.ts'

const account = entity('account', { account_id: z.string() })
const site = entity('site', { site: z.string() })
const columns = { account_id: z.string(), at: z.date(), arrived: z.date(), amount: z.number(), site: z.string() }
const payments = fact('mart.payments', { columns, entities: [account], eventTime: 'at' })
const dated = fact('mart.payments', { columns, entities: [account], eventTime: 'at', knownAt: 'arrived' })
const visits = fact('mart.visits', {
  columns: { site: z.string(), at: z.date(), people: z.number() },
  entities: [site],
  eventTime: 'at',
})

/** Continuous, of a fact that does not say when its rows arrived. */
export const spent = featureView('spent', {
  of: account,
  from: payments,
  every: 'continuous',
  features: (f) => ({ sum: f.sum('amount').lifetime() }),
})
/** The same of a fact that says it. */
export const known = featureView('known', {
  of: account,
  from: dated,
  every: 'continuous',
  features: (f) => ({ sum: f.sum('amount').lifetime() }),
})
/** Where an account paid last. */
export const home = featureView('home', {
  of: account,
  from: payments,
  every: '1d',
  delay: '6h',
  features: (f) => ({ site: f.last('site') }),
})
/** How many people came to that site. */
export const busy = featureView('busy', {
  of: site,
  from: visits,
  every: '1d',
  delay: '6h',
  features: (f) => ({ people: f.sum('people').over('1d') }),
})

export const service = featureService('kinds', [spent, known, busy.via(home, 'site')])

export interface Payment {
  readonly account: string
  readonly at: number
  readonly arrived: number
  readonly amount: number
  readonly site: string
}

export interface Visit {
  readonly site: string
  readonly at: number
  readonly people: number
}

/** A row of a feature table. */
export interface StoredRow<V> {
  readonly key: string
  readonly time: number
  readonly value: V
  readonly run: string
}

/** What was served of a view. */
export interface ServedRow {
  readonly time: number | null
  readonly value: number | null
  readonly definition: string
}

export interface ServedVector {
  readonly account: string
  readonly at: number
  readonly spent: ServedRow
  readonly known: ServedRow
  readonly busy: ServedRow
}

export interface KindsMart {
  readonly payments: readonly Payment[]
  readonly visits: readonly Visit[]
  readonly homes: readonly StoredRow<string>[]
  readonly busy: readonly StoredRow<number>[]
  readonly runs: readonly RecordedRun[]
  readonly served: readonly ServedVector[]
}

const text = (values: readonly string[]) => ({ type: 'text' as const, values })
const doubles = (values: readonly number[]) => ({ type: 'double' as const, values })
const instants = (values: readonly number[]) => ({
  type: 'timestamp' as const,
  values: values.map((at) => BigInt(at) * 1000n),
})

/** Puts a mart into a warehouse and a catalog, its predictions by way of log files. */
export async function landKinds(warehouse: Warehouse, mart: KindsMart, model: string) {
  const folder = await logFolder({ 'a.jsonl': mart.served.map(lineOf) })
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  onTestFinished(() => catalog.close())
  for (const schema of ['mart', 'features']) await ensureSchema(warehouse, schema)
  const stored = <V>(key: string, name: string, rows: readonly StoredRow<V>[], values: ColumnOf): ColumnBatch =>
    columnBatch({
      [key]: text(rows.map((row) => row.key)),
      feature_time: instants(rows.map(({ time }) => time)),
      [name]: values,
      run_id: text(rows.map(({ run }) => run)),
    })
  const tables: Readonly<Record<string, ColumnBatch>> = {
    'mart.payments': columnBatch({
      account_id: text(mart.payments.map((one) => one.account)),
      at: instants(mart.payments.map(({ at }) => at)),
      arrived: instants(mart.payments.map(({ arrived }) => arrived)),
      amount: doubles(mart.payments.map(({ amount }) => amount)),
      site: text(mart.payments.map((one) => one.site)),
    }),
    'mart.visits': columnBatch({
      site: text(mart.visits.map((one) => one.site)),
      at: instants(mart.visits.map(({ at }) => at)),
      people: doubles(mart.visits.map(({ people }) => people)),
    }),
    'features.home': stored('account_id', 'site', mart.homes, text(mart.homes.map(({ value }) => value))),
    'features.busy': stored('site', 'people_1d', mart.busy, doubles(mart.busy.map(({ value }) => value))),
  }
  for (const [table, batch] of Object.entries(tables)) {
    const shape = batch.names.map((name, i) => ({ name, type: batch.columns[i]?.type ?? 'text' }))
    await ensureTable(warehouse, { table, columns: shape })
    await warehouse.append(table, batch)
  }
  for (const run of mart.runs) await addRun(catalog, run)
  for (const view of [home, busy]) await addState(catalog, view.plan.name, view.plan.hash)
  const features = ['spent__sum', 'known__sum', 'busy__people_1d']
  const logged = features.map((name) => ({ name, type: 'double' as const }))
  await loadPredictions({ warehouse, folder, model, columns: logged })
  return { catalog, reads: new Map([[1, features]]) }
}

type ColumnOf = ReturnType<typeof text> | ReturnType<typeof doubles>

function lineOf({ account: key, at, spent: sum, known: other, busy: people }: ServedVector, i: number): string {
  const time = (one: ServedRow) =>
    one.time === null ? null : { time: new Date(one.time).toISOString(), ageSeconds: 1 }
  return logLine({
    requestId: `r-${i}`,
    time: new Date(at).toISOString(),
    service: 'kinds',
    keys: { account_id: key },
    values: { spent__sum: sum.value, known__sum: other.value, busy__people_1d: people.value },
    times: { spent: time(sum), known: time(other), busy: time(people) },
    definitions: { spent: sum.definition, known: other.definition, busy: people.definition },
  })
}
