// How the cost of materializing grows: 1, 2, 4, 8 times the events, entities, features, views and instants, one at a time.
// A slope of 1 (log-log) means that twice the size costs twice as much.
// node --conditions=@martlet/source bench/growth.ts      ROUNDS, BASE (events; the other sizes stay)
import { join } from 'node:path'
import { featureView, materialize, openCatalog, type AnyFeatureView } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { runSideIfChild, type Clock, type Measurement, type Side } from './measure/child.ts'
import { gigabytes, printTable, runsOf, text } from './measure/report.ts'
import { logLogSlope, median } from './measure/statistics.ts'
import { setting, takeTurns, withFolder } from './measure/turns.ts'
import { customer, usage } from './usage/definition.ts'
import { customerId, DAY, makeUsage } from './usage/table.ts'

const rounds = setting('ROUNDS', 3)
const START = Date.UTC(2025, 0, 1)
const FACTORS = [1, 2, 4, 8] as const

interface Size {
  readonly events: number
  readonly entities: number
  /** Of one view. */
  readonly features: number
  readonly views: number
  readonly instants: number
}

const base: Size = { events: setting('BASE', 200_000), entities: 10_000, features: 8, views: 1, instants: 10 }
const dimensions = ['events', 'entities', 'features', 'views', 'instants'] as const

/** Sums and means over 1 to 32 days; each view has windows of its own, and one hour of delay more than the last. */
function viewsOf({ views, features }: Size): readonly AnyFeatureView[] {
  return Array.from({ length: views }, (_, number) => {
    const [first, ...others] = Array.from({ length: features / 2 }, (_each, index): `${number}d` => `${index + 1}d`)
    if (first === undefined) throw new Error('A view needs at least two features.')
    return featureView(`view_${number}`, {
      of: customer,
      from: usage,
      every: '1d',
      delay: `${number + 1}h`,
      features: (f) => ({ sum: f.sum('kwh').over(first, ...others), mean: f.mean('kwh').over(first, ...others) }),
    })
  })
}

const runs = new Map<string, Size>([
  ['base', base],
  ...dimensions.flatMap((dimension) =>
    FACTORS.slice(1).map((factor): [string, Size] => [
      `${dimension} × ${factor}`,
      { ...base, [dimension]: base[dimension] * factor },
    ]),
  ),
])
const sides: Readonly<Record<string, Side>> = Object.fromEntries(
  Array.from(runs, ([name, size]) => [name, (folder, clock) => run(folder, size, clock)]),
)
await runSideIfChild(sides)

await withFolder(async (folder) => {
  const start = performance.now()
  const measured = await takeTurns({
    script: import.meta.filename,
    sides: [...runs.keys()],
    folder,
    rounds,
    copies: true,
    warmUp: false,
  })
  console.log(`base: ${JSON.stringify(base)}; median of ${rounds} rounds; seconds, seconds of processor, peak memory\n`)
  const cells = (side: string): string => {
    const all = runsOf(measured, side)
    return `${middle(all, seconds)} s, ${middle(all, processor)} s, ${gigabytes(median(all.map(({ peak }) => peak)))}`
  }
  const side = (dimension: string, factor: number): string => (factor === 1 ? 'base' : `${dimension} × ${factor}`)
  const slope = (dimension: string, what: (run: Measurement) => number): string =>
    logLogSlope(
      FACTORS.map((factor) => [factor, median(runsOf(measured, side(dimension, factor)).map(what))] as const),
    ).toFixed(2)
  printTable(
    ['', ...FACTORS.map((factor) => `× ${factor}`), 'slope', 'of processor'],
    dimensions.map((dimension) => [
      dimension,
      ...FACTORS.map((factor) => cells(side(dimension, factor))),
      slope(dimension, seconds),
      slope(dimension, processor),
    ]),
  )
  for (const dimension of dimensions)
    console.log(
      `log time / log ${dimension}   ${slope(dimension, seconds)}   ` +
        `(processor: ${slope(dimension, processor)}${dimension === 'views' ? ', aim: at most 1' : ''})`,
    )
  console.log(`\n${((performance.now() - start) / 1000).toFixed(0)} s in all`)
})

/** Makes the facts, which does not count, and materializes all views for all instants at once. */
async function run(folder: string, size: Size, clock: Clock): Promise<void> {
  await using warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await makeUsage(warehouse, { events: size.events, entities: size.entities, end: START + 80 * DAY, days: 90 })
  // Every entity has a row at every instant.
  await warehouse.run(sql`
    INSERT INTO mart.usage
    SELECT ${customerId(sql`i`)}, TIMESTAMP '2024-12-20', 1.0
    FROM range(${sql.lit(size.entities)}) r(i)
  `)
  const done = await clock.time('materialize', () =>
    materialize({
      warehouse,
      catalog,
      views: viewsOf(size),
      from: new Date(START),
      to: new Date(START + size.instants * DAY),
    }),
  )
  const rows = done.reduce((sum, { rows: written }) => sum + written, 0)
  if (rows !== size.entities * size.instants * size.views) throw new Error(`${rows} rows were written.`)
}

function seconds(run: Measurement): number {
  return run.seconds
}

function processor(run: Measurement): number {
  return run.processor
}

function middle(all: readonly Measurement[], what: (run: Measurement) => number): string {
  return text(median(all.map(what)))
}
