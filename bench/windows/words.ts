// Windows since an event, along a meter and of local days, and what intervals cover and which are open, at one feature
// time and at a fortnight of them: Martlet and SQL by hand. The best plan for so many feature times is the one that `choosePlan` takes.
// node --conditions=@martlet/source bench/windows/words.ts      EVENTS, TRUCKS, ROUNDS, WORDS=since,open
import { join } from 'node:path'
import process from 'node:process'
import {
  entity,
  event,
  fact,
  featureView,
  gridInstants,
  gridOf,
  intervals,
  type AnyFeatureView,
} from '@martlet/feature-store'
import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { choosePlan } from '../../packages/feature-store/src/compile/plan-choice.ts'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'

const events = setting('EVENTS', 3_000_000)
const trucks = setting('TRUCKS', 2_000)
const rounds = setting('ROUNDS', 3)
const DAY = 86_400_000_000
const DAYS = 200
const START = Date.UTC(2025, 0, 1) * 1000
const ZONE = 'Europe/Zurich'
/** Midnight in Zurich, 190 days after the first event. */
const LAST = Date.UTC(2025, 6, 9, 22) * 1000

const truck = entity('truck', { truck_id: z.string() })
const telemetry = fact('mart.telemetry', {
  columns: { truck_id: z.string(), ts: z.date(), km: z.number(), engine_hours: z.number() },
  entities: [truck],
  eventTime: 'ts',
})
const services = fact('mart.services', {
  columns: { truck_id: z.string(), done_at: z.date() },
  entities: [truck],
  eventTime: 'done_at',
})
const service = event('service', services)
const trips = intervals('mart.trips', {
  columns: { truck_id: z.string(), began: z.date(), ended: z.date().nullable(), km: z.number() },
  entities: [truck],
  start: 'began',
  end: 'ended',
})
const base = { of: truck, from: telemetry, every: '1d', zone: ZONE } as const

interface Word {
  readonly view: AnyFeatureView
  readonly columns: readonly string[]
  /** `(truck_id, feature_time, columns)` at the feature times of `points`. */
  readonly byHand: (points: Sql) => Sql
}

const words: Readonly<Record<string, Word>> = {
  since: {
    view: featureView('since', {
      ...base,
      features: (f) => ({
        km: f.sum('km').since(service),
        most: f.max('km').since(service),
        n: f.count().since(service),
      }),
    }),
    columns: ['km_since_service', 'most_since_service', 'n_since_service'],
    byHand: (points) => sql`
      SELECT a.truck_id, a.feature_time, COALESCE(SUM(t.km), 0) AS km_since_service, MAX(t.km) AS most_since_service,
        COUNT(t.km) AS n_since_service
      FROM (SELECT s.truck_id, p.feature_time, MAX(s.done_at) AS since
        FROM mart.services s JOIN (${points}) p ON s.done_at < p.feature_time GROUP BY ALL) a
      LEFT JOIN mart.telemetry t ON t.truck_id = a.truck_id AND t.ts >= a.since AND t.ts < a.feature_time
      GROUP BY ALL
    `,
  },
  along: {
    view: featureView('along', {
      ...base,
      features: (f) => ({
        km: f.sum('km').along('engine_hours', 250),
        most: f.max('km').along('engine_hours', 250),
        n: f.count().along('engine_hours', 250),
      }),
    }),
    columns: ['km_250_engine_hours', 'most_250_engine_hours', 'n_250_engine_hours'],
    byHand: (points) => sql`
      WITH increased AS (
        SELECT truck_id, ts, km, engine_hours - LAG(engine_hours) OVER w AS step, engine_hours
        FROM mart.telemetry WINDOW w AS (PARTITION BY truck_id ORDER BY ts, engine_hours)
      ),
      metered AS (
        SELECT truck_id, ts, km, SUM(CASE WHEN step < 0 THEN engine_hours ELSE step END) OVER w AS meter
        FROM increased WINDOW w AS (PARTITION BY truck_id ORDER BY ts, engine_hours ROWS UNBOUNDED PRECEDING)
      ),
      newest AS (
        SELECT m.truck_id, p.feature_time, MAX(m.meter) AS meter
        FROM metered m JOIN (${points}) p ON m.ts < p.feature_time GROUP BY ALL
      )
      SELECT n.truck_id, n.feature_time, SUM(m.km) AS km_250_engine_hours, MAX(m.km) AS most_250_engine_hours,
        COUNT(*) AS n_250_engine_hours
      FROM newest n
      JOIN metered m ON m.truck_id = n.truck_id AND m.ts < n.feature_time AND n.meter - COALESCE(m.meter, 0) < 250
      GROUP BY ALL
    `,
  },
  'local days': {
    view: featureView('days', {
      ...base,
      features: (f) => ({ km: f.sum('km').overDays(28), most: f.max('km').overDays(28), n: f.count().overDays(28) }),
    }),
    columns: ['km_28days', 'most_28days', 'n_28days'],
    byHand: (points) => sql`
      SELECT t.truck_id, p.feature_time, SUM(t.km) AS km_28days, MAX(t.km) AS most_28days, COUNT(*) AS n_28days
      FROM mart.telemetry t
      JOIN (SELECT feature_time, timezone(${sql.lit(ZONE)}, feature_time AT TIME ZONE 'UTC') - INTERVAL 28 DAY AS local
        FROM (${points}) q) p
        ON t.ts < p.feature_time AND t.ts >= timezone('UTC', timezone(${sql.lit(ZONE)}, p.local))
      GROUP BY ALL
    `,
  },
  overlap: {
    view: featureView('overlap', {
      ...base,
      from: trips,
      features: (f) => ({ busy: f.overlap().over('1d', '28d'), used: f.overlap({ union: true }).over('28d') }),
    }),
    columns: ['busy_1d', 'busy_28d', 'used_28d'],
    byHand: (points) => sql`
      WITH cut AS (
        SELECT t.truck_id, p.feature_time, t.began, GREATEST(t.began, p.feature_time - INTERVAL 28 DAY) AS a,
          LEAST(COALESCE(t.ended, p.feature_time), p.feature_time) AS b
        FROM mart.trips t
        JOIN (${points}) p ON t.began < p.feature_time AND (t.ended IS NULL OR t.ended > p.feature_time - INTERVAL 28 DAY)
      ),
      reached AS (
        SELECT *, MAX(b) OVER (PARTITION BY truck_id, feature_time ORDER BY began, b
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
        FROM cut
      )
      SELECT truck_id, feature_time,
        SUM(GREATEST(epoch_us(b) - epoch_us(GREATEST(a, feature_time - INTERVAL 1 DAY)), 0)) / 86400e6 AS busy_1d,
        SUM(epoch_us(b) - epoch_us(a)) / 86400e6 AS busy_28d,
        SUM(GREATEST(epoch_us(b) - epoch_us(GREATEST(a, COALESCE(reach, a))), 0)) / 86400e6 AS used_28d
      FROM reached
      GROUP BY ALL
    `,
  },
  open: {
    view: featureView('open', {
      ...base,
      from: trips,
      features: (f) => ({ n: f.count().open(), km: f.sum('km').open(), most: f.max('km').open() }),
    }),
    columns: ['n_open', 'km_open', 'most_open'],
    byHand: (points) => sql`
      SELECT b.truck_id, b.feature_time, COALESCE(o.n_open, 0) AS n_open, COALESCE(o.km_open, 0) AS km_open, o.most_open
      FROM (SELECT f.truck_id, p.feature_time
        FROM (SELECT truck_id, MIN(began) AS began FROM mart.trips GROUP BY ALL) f
        JOIN (${points}) p ON f.began < p.feature_time) b
      LEFT JOIN (SELECT t.truck_id, p.feature_time, COUNT(*) AS n_open, SUM(t.km) AS km_open, MAX(t.km) AS most_open
        FROM mart.trips t
        JOIN (${points}) p ON t.began < p.feature_time AND (t.ended IS NULL OR t.ended >= p.feature_time)
        GROUP BY ALL) o ON o.truck_id = b.truck_id AND o.feature_time = b.feature_time
    `,
  },
}

const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit: '8GB' })
const rangeOf = (instants: number) => ({ from: BigInt(LAST) - BigInt((instants - 1) * DAY), to: BigInt(LAST) + 1n })
const tableOf = (name: string, instants: number, side: string): Sql =>
  sql.id('made', `${name.replace(' ', '_')}_${instants}_${side}`)

const martlet =
  (name: string, { view }: Word, instants: number): Side =>
  async (folder, clock) => {
    await using warehouse = await open(folder)
    const { lookup } = choosePlan(view.plan, { events, entities: trucks, span: DAYS * DAY }, instants)
    const options = lookup === undefined ? {} : { lookup }
    await clock.time('rows', async () => {
      const { prepare, query, cleanup } = compileViewRows(warehouse, view.plan, rangeOf(instants), options)
      await warehouse.session(async (session) => {
        for (const statement of prepare) await session.run(statement)
        await session.run(sql`CREATE OR REPLACE TABLE ${tableOf(name, instants, 'martlet')} AS ${query}`)
        for (const statement of cleanup) await session.run(statement)
      })
    })
  }
const byHand =
  (name: string, word: Word, instants: number): Side =>
  async (folder, clock) => {
    await using warehouse = await open(folder)
    const { from, to } = rangeOf(instants)
    const times = gridInstants(gridOf(word.view.plan), from, to).map(
      (t) => sql`SELECT make_timestamp(${sql.lit(t)}) AS feature_time`,
    )
    const rows = word.byHand(sql.join(times, sql` UNION ALL `))
    await clock.time('rows', () =>
      warehouse.run(sql`CREATE OR REPLACE TABLE ${tableOf(name, instants, 'hand')} AS ${rows}`),
    )
  }

const only = process.env['WORDS']?.split(',')
const cases = Object.entries(words)
  .filter(([name]) => only?.includes(name) ?? true)
  .flatMap(([name, word]) => [1, 14].map((instants) => ({ name, word, instants })))
const sideName = (name: string, instants: number, side: string): string => `${name}, ${instants}: ${side}`
const sides: Readonly<Record<string, Side>> = Object.fromEntries(
  cases.flatMap(({ name, word, instants }) => [
    [sideName(name, instants, 'Martlet'), martlet(name, word, instants)],
    [sideName(name, instants, 'by hand'), byHand(name, word, instants)],
  ]),
)
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeFleet(warehouse)
  }
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  {
    await using warehouse = await open(folder)
    for (const { name, word, instants } of cases)
      await checkEqual(warehouse, {
        what: `${name} at ${instants}`,
        left: tableOf(name, instants, 'martlet'),
        right: tableOf(name, instants, 'hand'),
        keys: ['truck_id', 'feature_time'],
        columns: word.columns.map((column) => ({ left: column, right: column })),
      })
  }
  console.log(
    `${events.toLocaleString('en')} events of ${trucks.toLocaleString('en')} trucks in ${DAYS} days; ${medianOf(rounds)}\n`,
  )
  printSides(measured)
  for (const { name, instants } of cases)
    printRatio(
      measured,
      `Martlet / by hand, ${name}, ${instants}`,
      sideName(name, instants, 'Martlet'),
      sideName(name, instants, 'by hand'),
      'at most 1.3',
    )
})

/** Trucks at random moments; engine hours grow by a tenth of the time and start anew after 400; a service every 30 days. */
async function makeFleet(warehouse: Warehouse): Promise<void> {
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`CREATE SCHEMA made`)
  const names = sql`'truck-' || lpad(CAST(i % ${sql.lit(trucks)} AS VARCHAR), 6, '0') AS truck_id`
  const micros = sql`CAST(hash(i * 7) % ${sql.lit(DAYS * DAY)} AS BIGINT)`
  await warehouse.run(sql`
    CREATE TABLE mart.telemetry AS
    SELECT truck_id, make_timestamp(${sql.lit(START)} + us) AS ts, km, floor(us / 3.6e9 * 4.5 / 8 % 400) AS engine_hours
    FROM (SELECT ${names}, ${micros} AS us, (hash(i * 11) % 1000) / 8.0 AS km FROM range(${sql.lit(events)}) r(i)) t
    ORDER BY ts
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.services AS
    SELECT ${names}, make_timestamp(${sql.lit(START)} + (i // ${sql.lit(trucks)}) * ${sql.lit(30 * DAY)}
      + CAST(hash(i) % ${sql.lit(20 * DAY)} AS BIGINT)) AS done_at
    FROM range(${sql.lit(trucks * 6)}) r(i)
  `)
  // Trips of up to six hours, so that some of a truck are at once, and one of ten thousand that has not ended.
  await warehouse.run(sql`
    CREATE TABLE mart.trips AS
    SELECT truck_id, make_timestamp(${sql.lit(START)} + us) AS began, km,
      CASE WHEN i % 10007 <> 0 THEN make_timestamp(${sql.lit(START)} + us + CAST(hash(i * 13) % 21600000000 AS BIGINT)) END AS ended
    FROM (SELECT i, ${names}, ${micros} AS us, (hash(i * 11) % 1000) / 8.0 AS km FROM range(${sql.lit(events)}) r(i)) t
    ORDER BY began
  `)
}
