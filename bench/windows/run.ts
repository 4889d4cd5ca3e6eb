import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildTrainingSet,
  entity,
  fact,
  featureService,
  featureView,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { openDuckDb, type Sql, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { z } from 'zod'
import { makeMart } from './mart.ts'
import { handWritten, rangeFrames, type Aggregates } from './plans.ts'

const size = {
  events: Number(process.env['EVENTS'] ?? 10_000_000),
  spine: Number(process.env['SPINE'] ?? 1_000_000),
  entities: 10_000,
}
const rounds = Number(process.env['ROUNDS'] ?? 3)

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const service = (name: string, ...windows: readonly [`${number}d`, ...`${number}d`[]]): AnyFeatureService =>
  featureService(name, [
    featureView(name, {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').over(...windows) }),
    }),
  ])
const three = featureService('three', [
  featureView('three', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({
      sum: f.sum('kwh').over('1d', '7d', '30d', '90d'),
      mean: f.mean('kwh').over('1d', '7d', '30d', '90d'),
      stddev: f.stddev('kwh').over('1d', '7d', '30d', '90d'),
    }),
  }),
])

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit: '12GB' })
try {
  await makeMart(warehouse, size)
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS training`)
  const martlet = (of: AnyFeatureService) => () =>
    buildTrainingSet({ warehouse, service: of, spine: { table: 'mart.spine' }, time: 'at' })
  const statement = (query: Sql) => () => warehouse.run(query)
  const four: Aggregates = ['sum']
  const days = [1, 7, 30, 90]
  const seconds = await interleaved({
    'sum over 1, 7, 30, 90 d: Martlet': martlet(service('four', '1d', '7d', '30d', '90d')),
    'sum over 1, 7, 30, 90 d: RANGE frames': statement(rangeFrames(four, days)),
    'sum over 1, 7, 30, 90 d: by hand': statement(handWritten(days)),
    'sum, mean, stddev over 1, 7, 30, 90 d: Martlet': martlet(three),
    'sum, mean, stddev over 1, 7, 30, 90 d: RANGE frames': statement(rangeFrames(['sum', 'mean', 'stddev'], days)),
    'sum over 1 d: Martlet': martlet(service('one', '1d')),
    'sum over 90 d: Martlet': martlet(service('ninety', '90d')),
  })
  await checkEqual(warehouse)
  const ratio = (a: string, b: string): string => `${(median(seconds, a) / median(seconds, b)).toFixed(2)}`
  console.log(
    `\n${size.events.toLocaleString('en')} events, ${size.spine.toLocaleString('en')} spine rows, ` +
      `${size.entities.toLocaleString('en')} customers; median of ${rounds} interleaved rounds\n`,
  )
  for (const name of seconds.keys())
    console.log(
      `${name.padEnd(54)} ${median(seconds, name).toFixed(2).padStart(7)} s   ` +
        `(${(seconds.get(name) ?? []).map((one) => one.toFixed(2)).join(', ')})`,
    )
  const report = (what: string, slow: string, fast: string, aim: string): void =>
    console.log(`${what.padEnd(42)} ${ratio(slow, fast)}   (aim: ${aim})`)
  const [sums, moments] = ['sum over 1, 7, 30, 90 d', 'sum, mean, stddev over 1, 7, 30, 90 d']
  console.log()
  report('RANGE frames / Martlet, one aggregate', `${sums}: RANGE frames`, `${sums}: Martlet`, 'at least 4')
  report('RANGE frames / Martlet, three aggregates', `${moments}: RANGE frames`, `${moments}: Martlet`, 'at least 4')
  report('Martlet / by hand', `${sums}: Martlet`, `${sums}: by hand`, 'at most 1.3')
  report('90 d / 1 d', 'sum over 90 d: Martlet', 'sum over 1 d: Martlet', 'at most 1.2')
} finally {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
}

async function interleaved(
  plans: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const seconds = new Map<string, number[]>(Object.keys(plans).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(plans)) {
      const start = performance.now()
      await run()
      if (round > 0) seconds.get(name)?.push((performance.now() - start) / 1000)
    }
  }
  return seconds
}

function median(seconds: ReadonlyMap<string, readonly number[]>, name: string): number {
  const sorted = (seconds.get(name) ?? []).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** The three ways must agree, or the times compare nothing. Values are multiples of 1/8, so sums are exact. */
async function checkEqual(on: Warehouse): Promise<void> {
  const wrong = await on.read(sql`SELECT COUNT(*) AS n FROM (
    SELECT customer_id, "at", four__kwh_1d AS a, four__kwh_7d AS b, four__kwh_30d AS c, four__kwh_90d AS d FROM training.four
      EXCEPT ALL SELECT customer_id, "at", sum_1, sum_7, sum_30, sum_90 FROM training.by_hand
  ) differences`)
  const count = wrong.columns[0]?.values[0]
  if (count !== 0n) throw new Error(`Martlet and the hand-written SQL differ in ${String(count)} rows`)
}
