// A wide view: 600 features, five aggregates of ten measures over twelve windows, against the same columns by hand: at each
// instant one GROUP BY for each window, which reads no more than the window, and joins.
// node --conditions=@martlet/source bench/materialize/wide.ts      EVENTS, ENTITIES, ROUNDS
import { join } from 'node:path'
import { entity, fact, featureView, materialize, openCatalog } from '@martlet/feature-store'
import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { z } from 'zod'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { customerId, DAY, instant } from '../usage/table.ts'

const events = setting('EVENTS', 200_000)
const entities = setting('ENTITIES', 1_000)
const rounds = setting('ROUNDS', 3)
const START = Date.UTC(2025, 5, 1)
const INSTANTS = 4

const MEASURES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const
const AGGREGATES = { sum: 'SUM', mean: 'AVG', low: 'MIN', high: 'MAX', stddev: 'STDDEV_SAMP' } as const
const WINDOWS = [1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 60, 90] as const

const customer = entity('customer', { customer_id: z.string() })
const meters = fact('mart.meters', {
  columns: {
    customer_id: z.string(),
    ts: z.date(),
    a: z.number(),
    b: z.number(),
    c: z.number(),
    d: z.number(),
    e: z.number(),
    f: z.number(),
    g: z.number(),
    h: z.number(),
    i: z.number(),
    j: z.number(),
  },
  entities: [customer],
  eventTime: 'ts',
})
const [first, ...others] = WINDOWS.map((days): `${number}d` => `${days}d`)
if (first === undefined) throw new Error('There are no windows.')
const wide = featureView('wide', {
  of: customer,
  from: meters,
  every: '1d',
  features: (f) =>
    Object.fromEntries(
      MEASURES.flatMap((measure) => [
        [`sum_${measure}`, f.sum(measure).over(first, ...others)],
        [`mean_${measure}`, f.mean(measure).over(first, ...others)],
        [`low_${measure}`, f.min(measure).over(first, ...others)],
        [`high_${measure}`, f.max(measure).over(first, ...others)],
        [`stddev_${measure}`, f.stddev(measure).over(first, ...others)],
      ]),
    ),
})
const names = wide.plan.features.map(({ name }) => name)
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb') })

const sides: Readonly<Record<string, Side>> = {
  Martlet: async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    const range = { from: new Date(START), to: new Date(START + INSTANTS * DAY) }
    await clock.time('materialize', () => materialize({ warehouse, catalog, views: [wide], ...range, quality: false }))
  },
  'SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('run', () => byHand(warehouse))
  },
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeMeters(warehouse)
  }
  const measured = await takeTurns({
    script: import.meta.filename,
    sides: Object.keys(sides),
    folder,
    rounds,
    copies: true,
    warmUp: false,
    after: check,
  })
  console.log(
    `${names.length} features, ${entities.toLocaleString('en')} entities, ${INSTANTS} instants, ` +
      `${events.toLocaleString('en')} events; median of ${rounds} rounds\n`,
  )
  printSides(measured)
  printRatio(measured, 'wide view: Martlet / SQL by hand', 'Martlet', 'SQL by hand', 'at most 1.2')
})

async function makeMeters(warehouse: Warehouse): Promise<void> {
  const end = instant(START + INSTANTS * DAY)
  const back = sql`to_microseconds(CAST(hash(n * 7 + 1) % ${sql.lit(150 * DAY * 1000)} AS BIGINT))`
  const values = MEASURES.map((name, index) => sql`(hash(n, ${sql.lit(index)}) % 1000) / 8.0 AS ${sql.id(name)}`)
  for (const schema of ['mart', 'by_hand']) await warehouse.run(sql`CREATE SCHEMA ${sql.id(schema)}`)
  await warehouse.run(sql`
    CREATE TABLE mart.meters AS
    SELECT ${customerId(sql`hash(n) % ${sql.lit(entities)}`)} AS customer_id, TIMESTAMP ${sql.lit(end)} - ${back} AS ts,
      ${sql.join(values)}
    FROM range(${sql.lit(events)}) r(n)
  `)
}

async function byHand(warehouse: Warehouse): Promise<void> {
  for (let index = 0; index < INSTANTS; index++) {
    const rows = rowsAt(START + index * DAY)
    await warehouse.run(index === 0 ? sql`CREATE TABLE by_hand.wide AS ${rows}` : sql`INSERT INTO by_hand.wide ${rows}`)
  }
}

function rowsAt(time: number): Sql {
  const at = sql`TIMESTAMP ${sql.lit(instant(time))}`
  const windows = WINDOWS.map((days) => {
    const since = sql`TIMESTAMP ${sql.lit(instant(time - days * DAY))}`
    const values = MEASURES.flatMap((measure) =>
      Object.entries(AGGREGATES).map(
        ([name, call]) => sql`${sql.raw(call)}(${sql.id(measure)}) AS ${sql.id(`${name}_${measure}_${days}d`)}`,
      ),
    )
    return sql`
      LEFT JOIN (
        SELECT customer_id, ${sql.join(values)} FROM mart.meters WHERE ts >= ${since} AND ts < ${at} GROUP BY customer_id
      ) ${sql.id(`w${days}`)} USING (customer_id)`
  })
  // The sum of an empty window is 0.
  const columns = names.map((name) =>
    name.startsWith('sum_') ? sql`COALESCE(${sql.id(name)}, 0) AS ${sql.id(name)}` : sql.id(name),
  )
  return sql`
    SELECT customer_id, ${at} AS feature_time, ${sql.join(columns)}
    FROM (SELECT DISTINCT customer_id FROM mart.meters WHERE ts < ${at}) everyone ${sql.join(windows, sql` `)}
    ORDER BY customer_id
  `
}

async function check(side: string, folder: string): Promise<void> {
  if (side !== 'Martlet') return
  await using warehouse = await open(folder)
  await byHand(warehouse)
  await checkEqual(warehouse, {
    what: 'Martlet against SQL by hand',
    left: sql`features.wide`,
    right: sql`by_hand.wide`,
    keys: ['customer_id', 'feature_time'],
    columns: names.map((name) => ({ left: name, right: name })),
  })
}
