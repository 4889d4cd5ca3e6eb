import { sql, type Warehouse } from '@martlet/warehouse'
import {
  buildTrainingSet,
  materialize,
  openMemoryStore,
  openOnlineReader,
  vectorFields,
  type AnyFeatureService,
  type Catalog,
  type FeatureStatus,
  type VectorField,
  type ViewPlan,
} from '../../src/index.ts'
import { servedTime } from '../oracle/clock.ts'
import { disagreement, type Answer } from '../oracle/exact/agree.ts'
import { rowsOf, tableBatch, type Kind } from '../oracle/mart-tables.ts'
import { featureRow } from '../oracle/oracle.ts'
import { valueOf, type OracleMart } from '../oracle/mart.ts'
import { DAYS, START } from '../oracle/random-mart.ts'
import type { Row, Value } from '../oracle/row.ts'
import { DAY } from '../parity/random-service.ts'

/** What a field must be. */
export interface Expected {
  readonly value: Value | Answer
  /** Undefined for what is computed on demand. */
  readonly status: FeatureStatus | undefined
}

export interface ServiceCase {
  readonly service: AnyFeatureService
  /** All views that it reads. */
  readonly views: readonly ViewPlan[]
  /** The keys, and what else the spine has and a request brings. */
  readonly keys: readonly Row[]
  readonly types: Readonly<Record<string, Kind>>
  readonly request?: readonly string[]
  /** Instants that become now one after the other. */
  readonly times: readonly number[]
  expected(field: VectorField, key: Row, t: number): Expected
}

/** What a row of a view is at an instant. */
export function viewAt(mart: OracleMart, view: ViewPlan, feature: string, key: Row, t: number): Expected {
  const row = featureRow(mart, view, key, servedTime(view, t))
  if (row === null) return { value: null, status: 'NOT_FOUND' }
  const value = row[feature] ?? null
  return { value, status: valueOf(value) === null ? 'NULL_VALUE' : 'PRESENT' }
}

/** Where facts, feature tables and the online store say something else than is expected, at each instant. */
export async function mismatchesInService(
  warehouse: Warehouse,
  catalog: Catalog,
  { service, views, keys, types, request = [], times, expected }: ServiceCase,
): Promise<readonly string[]> {
  for (const schema of ['features', 'features_internal', 'ml'])
    await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`)
  const online = openMemoryStore()
  const found: string[] = []
  for (const [i, t] of times.toSorted((a, b) => a - b).entries()) {
    const from = i === 0 ? { from: BigInt(START - 4 * DAY) } : {}
    await materialize({ warehouse, catalog, online, views, quality: false, now: BigInt(t), ...from })
    const spine = {
      rows: tableBatch(
        keys.map((key) => ({ ...key, at: t })),
        { ...types, at: 'timestamp' },
      ),
    }
    const options = { warehouse, service, catalog, spine, time: 'at' } as const
    const facts = rowsOf(await (await buildTrainingSet({ ...options, from: 'facts' })).read())
    const tables = rowsOf(await (await buildTrainingSet({ ...options, from: 'materialized' })).read())
    const asked = keys.map((key) => Object.fromEntries(Object.entries(key).filter(([name]) => !request.includes(name))))
    const functions = service.onDemand
    const vectors = await openOnlineReader({ service: service.plan, store: online, functions }).read(
      asked.map((key) => Object.fromEntries(Object.entries(key).map(([name, value]) => [name, value ?? '']))),
      {
        now: BigInt(t),
        ...(request.length === 0 ? {} : { request: keys.map((key) => brought(key, request)) }),
      },
    )
    const json = keys.map((_, row): Row => JSON.parse(vectors.json(row)))
    for (const [row, key] of keys.entries()) {
      for (const [field, one] of vectorFields(service.plan).entries()) {
        const { value, status } = expected(one, key, t)
        const where = `${one.name} of ${JSON.stringify(key)} at ${new Date(t / 1000).toISOString()}`
        const say = (who: string, problem: string | undefined): void => {
          if (problem !== undefined) found.push(`${who}: ${where}: ${problem}`)
        }
        say('facts', disagreement(facts[row]?.[one.name] ?? null, value))
        say('tables', disagreement(tables[row]?.[one.name] ?? null, value))
        const served = vectors.value(row, field)
        say('online', disagreement(typeof served === 'bigint' ? Number(served) : served, value))
        say('json', disagreement(json[row]?.[one.name] ?? null, value))
        if (status !== undefined && vectors.status(row, field) !== status)
          say('status', `${vectors.status(row, field)} instead of ${status}`)
        if (one.default === undefined) continue
        const missing = status !== 'PRESENT'
        for (const [who, rows] of [['facts', facts] as const, ['tables', tables] as const])
          if (rows[row]?.[`${one.name}__missing`] !== missing)
            say(who, `${String(rows[row]?.[`${one.name}__missing`])} as missing instead of ${missing}`)
      }
    }
  }
  return found
}

function brought(key: Row, request: readonly string[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(request.map((name) => [name, typeof key[name] === 'number' ? key[name] : null]))
}

/** The end of the random marts. */
export const END = START + DAYS * DAY
