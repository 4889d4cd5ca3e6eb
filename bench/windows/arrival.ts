// Facts with arrival times against the same facts without, and logs against a join of every point with its events.
// EVENTS=2000000 SPINE=200000 ROUNDS=3 node --conditions=@martlet/source bench/windows/arrival.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entity, fact, featureService, featureView, type AnyFeatureService } from '@martlet/feature-store'
import { openDuckDb } from '@martlet/warehouse'
import { sql } from 'kysely'
import { z } from 'zod'
import { compileTraining } from '../../packages/feature-store/src/compile/training-sql.ts'
import { temporaryPrefix } from '../../packages/feature-store/src/compile/temporary-tables.ts'
import { stageSpine } from '../../packages/feature-store/src/read/spine.ts'
import { makeMart } from './mart.ts'

const size = {
  events: Number(process.env['EVENTS'] ?? 2_000_000),
  spine: Number(process.env['SPINE'] ?? 200_000),
  entities: 10_000,
}
const rounds = Number(process.env['ROUNDS'] ?? 3)

const columns = { customer_id: z.string(), ts: z.date(), loaded: z.date(), kwh: z.number() }
const customer = entity('customer', { customer_id: z.string() })
const plain = fact('mart.arrivals', { columns, entities: [customer], eventTime: 'ts' })
const arriving = fact('mart.arrivals', { columns, entities: [customer], eventTime: 'ts', knownAt: 'loaded' })
const sums = (name: string, from: typeof plain): AnyFeatureService =>
  featureService(name, [
    featureView(name, {
      of: customer,
      from,
      every: '1d',
      delay: '6h',
      features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d', '30d', '90d') }),
    }),
  ])
const many = (name: string, from: typeof plain): AnyFeatureService =>
  featureService(name, [
    featureView(name, {
      of: customer,
      from,
      every: '1d',
      delay: '6h',
      features: (f) => ({
        sum: f.sum('kwh').over('1d', '7d', '30d', '90d'),
        mean: f.mean('kwh').over('1d', '7d', '30d', '90d'),
        stddev: f.stddev('kwh').over('1d', '7d', '30d', '90d'),
        last: f.last('kwh').over('30d'),
        quiet: f.age(),
      }),
    }),
  ])

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit: '12GB' })
try {
  await makeMart(warehouse, size)
  // Nine in ten arrive within six hours, the rest within ten days.
  await warehouse.run(
    sql`CREATE TABLE mart.arrivals AS SELECT *, ts + to_seconds(CAST(hash(ts) % (CASE WHEN hash(ts, 1) % 10 = 0 THEN 864000
      ELSE 21600 END) AS BIGINT)) AS loaded FROM mart.usage`,
  )
  const plans: Readonly<Record<string, () => Promise<void>>> = {
    'sums, no arrival times: tiles': () => train(sums('a', plain)),
    'sums, arrival times: logs': () => train(sums('b', arriving)),
    'sums, arrival times: direct': () => train(sums('c', arriving), 'direct'),
    'five kinds, no arrival times: tiles': () => train(many('d', plain)),
    'five kinds, arrival times: logs': () => train(many('e', arriving)),
    'five kinds, arrival times: direct': () => train(many('f', arriving), 'direct'),
  }
  const seconds = new Map<string, number[]>(Object.keys(plans).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(plans)) {
      const start = performance.now()
      await run()
      const took = (performance.now() - start) / 1000
      if (round > 0) seconds.get(name)?.push(took)
      console.error(`${round === 0 ? 'warm-up' : `round ${round}`}: ${name} ${took.toFixed(2)} s`)
    }
  }
  await checkEqual()
  const median = (name: string): number =>
    (seconds.get(name) ?? []).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN
  console.log(
    `\n${size.events.toLocaleString('en')} events, ${size.spine.toLocaleString('en')} spine rows, ` +
      `${size.entities.toLocaleString('en')} customers; median of ${rounds} interleaved rounds\n`,
  )
  for (const [name, all] of seconds)
    console.log(
      `${name.padEnd(42)} ${median(name).toFixed(2).padStart(7)} s   (${all.map((one) => one.toFixed(2)).join(', ')})`,
    )
  console.log('')
  for (const what of ['sums', 'five kinds']) {
    console.log(
      `${what}: direct / logs`.padEnd(42),
      (median(`${what}, arrival times: direct`) / median(`${what}, arrival times: logs`)).toFixed(2),
    )
    console.log(
      `${what}: logs / no arrival times`.padEnd(42),
      (median(`${what}, arrival times: logs`) / median(`${what}, no arrival times: tiles`)).toFixed(2),
    )
  }
} finally {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
}

/** Makes the training set of a service as a table `training_<service>`. */
async function train(service: AnyFeatureService, lookup?: 'direct'): Promise<void> {
  await warehouse.session(async (session) => {
    const spine = await stageSpine(
      session,
      { table: 'mart.spine' },
      'at',
      customer.plan.keys,
      `${temporaryPrefix()}_spine`,
    )
    const compiled = compileTraining(session.leaves, service.plan, [], spine, {
      asOf: spine.last,
      from: 'facts',
      featureTable: () => sql``,
      ...(lookup === undefined ? {} : { lookup }),
    })
    for (const statement of compiled.prepare) await session.run(statement)
    await session.run(sql`CREATE OR REPLACE TABLE ${sql.id(`training_${service.plan.name}`)} AS ${compiled.query}`)
    for (const statement of compiled.cleanup) await session.run(statement)
    await session.run(sql`DROP TABLE IF EXISTS ${sql.id(spine.table)}`)
  })
}

/** Values are multiples of 1/8, so sums are exact: both plans must agree in every row. */
async function checkEqual(): Promise<void> {
  const wrong = await warehouse.read(
    sql`SELECT COUNT(*) AS n FROM (SELECT * FROM training_b EXCEPT ALL SELECT * FROM training_c) differences`,
  )
  const count = wrong.columns[0]?.values[0]
  if (count !== 0n) throw new Error(`logs and the direct plan differ in ${String(count)} rows`)
}
