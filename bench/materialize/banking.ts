// A heavy view: bank transactions that arrive late, a population with validity intervals, 16 features over several windows.
// node --conditions=@martlet/source bench/materialize/banking.ts [facts] [accounts] [days] [--lookup=direct|dense] [--statements]
// --lookup forces a plan, to compare with what is chosen; --statements prints what each statement of a chunk costs.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  dimension,
  entity,
  fact,
  featureView,
  materialize,
  openCatalog,
  openLmdbStore,
  type MaterializeOptions,
} from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { z } from 'zod'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'

const plain = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const [facts = 200_000, accounts = 2_000, days = 92] = plain.map(Number)
const forced = process.argv.find((one) => one.startsWith('--lookup='))?.slice('--lookup='.length)
const lookup = forced === 'direct' || forced === 'dense' ? forced : undefined

const account = entity('account', { account_id: z.string() })
const transactions = fact('mart.transactions', {
  columns: {
    account_id: z.string(),
    booked: z.date(),
    loaded: z.date(),
    amount: z.number(),
    merchant: z.string(),
    channel: z.enum(['card', 'wire', 'cash']),
    country: z.string(),
  },
  entities: [account],
  eventTime: 'booked',
  knownAt: 'loaded',
})
const customers = dimension('mart.accounts', {
  columns: {
    account_id: z.string(),
    segment: z.enum(['private', 'firm']),
    branch: z.string(),
    risk: z.int(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: account,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
const activity = featureView('activity', {
  of: account,
  from: transactions,
  every: '1d',
  delay: '2h',
  population: customers,
  features: (f) => ({
    n: f.count().over('1d', '7d', '30d'),
    spent: f.sum('amount').over('1d', '7d', '30d'),
    cash: f
      .sum('amount')
      .where((r) => r.channel.eq('cash'))
      .over('7d', '30d'),
    spread: f.stddev('amount').over('30d'),
    mean: f.mean('amount').over('30d'),
    merchants: f.distinct('merchant').over('7d', '30d'),
    countries: f.distinct('country').over('30d'),
    largest: f.max('amount').over('30d'),
    segment: f.attribute(customers, 'segment'),
    risk: f.attribute(customers, 'risk'),
  }),
})

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const day = 86_400_000_000
const from = BigInt(Date.UTC(2024, 0, 1)) * 1000n
const range = { from, to: from + BigInt(days * day) }
try {
  await using warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  // Nine in ten arrive within an hour, the rest within five days. The data begins 30 days before the first feature time.
  await warehouse.run(sql`CREATE TABLE mart.transactions AS SELECT account_id, booked,
    booked + to_seconds(CAST(hash(i * 3) % (CASE WHEN hash(i * 5) % 10 = 0 THEN 432000 ELSE 3600 END) AS BIGINT)) AS loaded,
      amount, merchant, channel, country FROM (
    SELECT i, 'a' || lpad(CAST(hash(i) % ${sql.lit(accounts)} AS VARCHAR), 7, '0') AS account_id,
      TIMESTAMP '2023-12-02' + to_microseconds(CAST(hash(i * 7 + 1) % ${sql.lit((days + 30) * day)} AS BIGINT)) AS booked,
      (hash(i * 11) % 80000) / 8.0 AS amount, 'm' || (hash(i * 13) % 400) AS merchant, ['card', 'wire',
        'cash'][CAST(1 + hash(i * 17) % 3 AS BIGINT)] AS channel, 'c' || (hash(i * 19) % 12) AS country
    FROM range(${sql.lit(facts)}) r(i)) made`)
  // One account in four changes its segment and risk half-way; one in ten is closed for the last third.
  const since = (share: number): ReturnType<typeof sql> =>
    sql`TIMESTAMP '2024-01-01' + to_days(${sql.lit(Math.floor(days * share))})`
  await warehouse.run(sql`CREATE TABLE mart.accounts AS SELECT 'a' || lpad(CAST(a AS VARCHAR), 7, '0') AS account_id,
    ['private', 'firm'][CAST(1 + (a + part) % 2 AS BIGINT)] AS segment, 'b' || (a % 40) AS branch, CAST(hash(a,
      part) % 5 AS BIGINT) AS risk,
      CASE WHEN part = 0 THEN TIMESTAMP '2023-01-01' ELSE ${since(0.5)} END AS valid_from,
      CASE WHEN part = 0 AND a % 4 = 0 THEN ${since(0.5)} WHEN a % 10 = 1 THEN ${since(0.67)} END AS valid_to
    FROM range(${sql.lit(accounts)}) r(a), range(2) s(part) WHERE part = 0 OR a % 4 = 0`)

  if (process.argv.includes('--statements')) await statements()
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await using online = openLmdbStore({ path: join(folder, 'online') })
  const options: MaterializeOptions = {
    warehouse,
    catalog,
    views: [activity],
    now: new Date(Number(range.to / 1000n)),
    ...(lookup === undefined ? {} : { compile: (to, view, chunk) => compileViewRows(to, view, chunk, { lookup }) }),
  }
  await step('first run of all days', () => materialize({ ...options, from: new Date(Number(from / 1000n)) }))
  await step('rebuild of all days', () =>
    materialize({ ...options, from: new Date(Number(from / 1000n)), quality: false }),
  )
  await step('publish to an empty LMDB', () => materialize({ ...options, online }))
  await step('publish the last 10 days again', () =>
    materialize({ ...options, online, quality: false, from: new Date(Number((range.to - BigInt(10 * day)) / 1000n)) }),
  )

  async function statements(): Promise<void> {
    await warehouse.session(async (session) => {
      const { prepare, query, cleanup } = compileViewRows(
        session,
        activity.plan,
        range,
        lookup === undefined ? {} : { lookup },
      )
      for (const statement of [...prepare, sql`CREATE TEMPORARY TABLE written AS ${query}`, ...cleanup]) {
        const start = performance.now()
        await session.run(statement)
        console.log(
          `${((performance.now() - start) / 1000).toFixed(2)} s  ${session.compile(statement).sql.slice(0, 90)}`,
        )
      }
    })
  }
} finally {
  await rm(folder, { recursive: true })
}

async function step(what: string, run: () => ReturnType<typeof materialize>): Promise<void> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  const [done] = await run()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    `${what.padEnd(32)}${seconds.toFixed(2)} s  (${((user + system) / 1e6).toFixed(2)} s of processor, ${done?.rows} ` +
      `rows written, ${done?.published ?? 0} published, peak so far ${Math.round(process.resourceUsage().maxRSS / 1e3)} MB)`,
  )
}
