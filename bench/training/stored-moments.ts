// Training sets from what materialization has stored: Martlet from its stored tiles and from facts, RANGE frames, and SQL by
// hand from stored running sums and from facts.
// node --conditions=@martlet/source bench/training/stored-moments.ts      EVENTS, SPINE, ENTITIES, ROUNDS, MEMORY
import { join } from 'node:path'
import process from 'node:process'
import { buildTrainingSet, type AnyFeatureService, type ServicePlan } from '@martlet/feature-store'
import { openDuckDb, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { compileTraining } from '../../packages/feature-store/src/compile/training-sql.ts'
import type { MomentTable } from '../../packages/feature-store/src/compile/tiles/moment-table.ts'
import { refreshMoments, sharedMoments } from '../../packages/feature-store/src/materialize/refresh-moments.ts'
import { stageSpine } from '../../packages/feature-store/src/read/spine.ts'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { makeMart } from '../windows/mart.ts'
import { handWritten, rangeFrames, runningSums, type Aggregates } from '../windows/plans.ts'
import { allMoments, columnPairs, DAYS, fourSums, MOMENTS } from '../windows/services.ts'

const size = {
  events: setting('EVENTS', 10_000_000),
  spine: setting('SPINE', 1_000_000),
  entities: setting('ENTITIES', 10_000),
}
const rounds = setting('ROUNDS', 3)
const memoryLimit = process.env['MEMORY'] ?? '12GB'
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })
const END = BigInt(Date.UTC(2026, 0, 1)) * 1000n

/** What each of the two services is compared with. */
const cases = [
  { name: 'sum over 1, 7, 30, 90 d', view: 'sums', service: fourSums, aggregates: ['sum'], aim: 'at least 8' },
  {
    name: 'sum, mean, stddev over 1, 7, 30, 90 d',
    view: 'moments',
    service: allMoments,
    aggregates: MOMENTS,
    aim: 'at least 10',
  },
] as const satisfies readonly {
  readonly name: string
  readonly view: string
  readonly service: AnyFeatureService
  readonly aggregates: Aggregates
  readonly aim: string
}[]

const sides: Readonly<Record<string, Side>> = Object.fromEntries(
  cases.flatMap(({ name, view, service, aggregates }) => [
    [`${name}: Martlet from stored tiles`, fromTiles(service)],
    [`${name}: Martlet from facts`, fromFacts(service)],
    [
      `${name}: by hand from stored running sums`,
      statement(handWritten(`training.stored_${view}`, aggregates, DAYS, sql`SELECT * FROM ${running(view)}`)),
    ],
    [`${name}: by hand from facts`, statement(handWritten(`training.hand_${view}`, aggregates, DAYS))],
    [`${name}: RANGE frames`, statement(rangeFrames(`training.frames_${view}`, aggregates, DAYS))],
  ]),
)
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeMart(warehouse, size)
    for (const schema of ['training', 'stored']) await warehouse.run(sql`CREATE SCHEMA ${sql.id(schema)}`)
    for (const { view, service, aggregates } of cases) {
      for (const table of tilesOf(service.plan).values()) await refreshMoments(warehouse, table, END)
      await warehouse.run(
        sql`CREATE TABLE ${running(view)} AS SELECT * FROM (${runningSums(aggregates)}) r ORDER BY customer_id, day`,
      )
    }
  }
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  await check(folder)
  console.log(
    `${size.events.toLocaleString('en')} events, ${size.spine.toLocaleString('en')} spine rows, ` +
      `${size.entities.toLocaleString('en')} customers, memory limit ${memoryLimit}; ${medianOf(rounds)}\n`,
  )
  printSides(measured)
  for (const { name, aim } of cases) {
    const [tiles, facts] = [`${name}: Martlet from stored tiles`, `${name}: Martlet from facts`]
    const short = name.replace(' over 1, 7, 30, 90 d', '')
    printRatio(measured, `RANGE frames / Martlet from stored tiles, ${short}`, `${name}: RANGE frames`, tiles, aim)
    const hand = `${name}: by hand from stored running sums`
    printRatio(measured, `Martlet from stored tiles / by hand from stored sums, ${short}`, tiles, hand)
    printRatio(measured, `Martlet from facts / from stored tiles, ${short}`, facts, tiles)
  }
})

function running(view: string): Sql {
  return sql`${sql.id('stored', view)}`
}

function tilesOf(service: ServicePlan): ReadonlyMap<string, MomentTable> {
  return sharedMoments(service.views.map(({ view }) => view))
}

function statement(query: Sql): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('run', () => warehouse.run(query))
  }
}

function fromFacts(service: AnyFeatureService): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('build', () =>
      buildTrainingSet({
        warehouse,
        service,
        spine: { table: 'mart.spine' },
        time: 'at',
        into: `training.facts_${service.plan.name}`,
      }),
    )
  }
}

function fromTiles(service: AnyFeatureService): Side {
  return async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('build', () => warehouse.session((session) => buildFromTiles(session, service)))
  }
}

async function buildFromTiles(session: Warehouse, { plan }: AnyFeatureService): Promise<void> {
  const tiles = tilesOf(plan)
  const keys = plan.views.flatMap(({ view }) => view.entity.keys)
  const spine = await stageSpine(session, { table: 'mart.spine' }, 'at', keys, 'bench_spine', {})
  const { prepare, query, cleanup } = compileTraining(session.leaves, plan, [], spine, {
    asOf: END,
    from: 'facts',
    featureTable: (view) => sql`${sql.id('features', view.name)}`,
    moments: (view) => tiles.get(view.name),
  })
  for (const one of prepare) await session.run(one)
  await session.run(sql`CREATE OR REPLACE TABLE ${sql.id('training', plan.name)} AS ${query}`)
  for (const one of cleanup) await session.run(one)
}

async function check(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const { view, aggregates } of cases) {
    const pairs = columnPairs(view, aggregates)
    const keys = ['customer_id', 'at']
    const left = sql`${sql.id('training', view)}`
    await checkEqual(warehouse, {
      what: `stored tiles against facts, ${view}`,
      left,
      right: sql`${sql.id('training', `facts_${view}`)}`,
      keys,
      columns: pairs.map(({ martlet }) => ({ left: martlet, right: martlet })),
    })
    for (const other of ['stored', 'hand', 'frames'])
      await checkEqual(warehouse, {
        what: `stored tiles against ${other}_${view}`,
        left,
        right: sql`${sql.id('training', `${other}_${view}`)}`,
        keys,
        columns: pairs.map(({ martlet, plain }) => ({ left: martlet, right: plain })),
        // An empty window has the sum null in SQL and 0 in Martlet.
        nullIsZero: other === 'frames',
      })
  }
}
