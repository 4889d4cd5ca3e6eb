// Windows of training sets from facts: Martlet, RANGE frames, and SQL by hand.
// node --conditions=@martlet/source bench/windows/run.ts [--large]      EVENTS, SPINE, ENTITIES, ROUNDS, MEMORY
// --large: 50 M events × 1 M spine rows within 6 GB, without the frames, once.
import { join } from 'node:path'
import process from 'node:process'
import { buildTrainingSet, type AnyFeatureService } from '@martlet/feature-store'
import { openDuckDb, sql, type Sql } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { makeMart } from './mart.ts'
import { handWritten, rangeFrames } from './plans.ts'
import { allMoments, columnPairs, DAYS, fourSums, MOMENTS, sums } from './services.ts'

const large = process.argv.includes('--large')
const size = {
  events: setting('EVENTS', large ? 50_000_000 : 10_000_000),
  spine: setting('SPINE', 1_000_000),
  entities: setting('ENTITIES', 10_000),
}
const rounds = setting('ROUNDS', large ? 1 : 3)
const memoryLimit = process.env['MEMORY'] ?? (large ? '6GB' : '12GB')
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })

const martlet =
  (service: AnyFeatureService): Side =>
  async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('build', () =>
      buildTrainingSet({ warehouse, service, spine: { table: 'mart.spine' }, time: 'at' }),
    )
  }
const statement =
  (query: Sql): Side =>
  async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('run', () => warehouse.run(query))
  }

const [ONE, THREE] = ['sum over 1, 7, 30, 90 d', 'sum, mean, stddev over 1, 7, 30, 90 d']
const byHand = {
  [`${ONE}: Martlet`]: martlet(fourSums),
  [`${ONE}: by hand`]: statement(handWritten('training.hand_sums', ['sum'], DAYS)),
  [`${THREE}: Martlet`]: martlet(allMoments),
  [`${THREE}: by hand`]: statement(handWritten('training.hand_moments', MOMENTS, DAYS)),
}
const sides: Readonly<Record<string, Side>> = large
  ? byHand
  : {
      ...byHand,
      [`${ONE}: RANGE frames`]: statement(rangeFrames('training.frames_sums', ['sum'], DAYS)),
      [`${THREE}: RANGE frames`]: statement(rangeFrames('training.frames_moments', MOMENTS, DAYS)),
      'sum over 1 d: Martlet': martlet(sums('one', '1d')),
      'sum over 90 d: Martlet': martlet(sums('ninety', '90d')),
    }
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeMart(warehouse, size)
    await warehouse.run(sql`CREATE SCHEMA training`)
  }
  const measured = await takeTurns({
    script: import.meta.filename,
    sides: Object.keys(sides),
    folder,
    rounds,
  })
  await check(folder)
  console.log(
    `${size.events.toLocaleString('en')} events, ${size.spine.toLocaleString('en')} spine rows, ` +
      `${size.entities.toLocaleString('en')} customers, memory limit ${memoryLimit}; median of ${rounds} rounds\n`,
  )
  printSides(measured)
  if (!large) {
    printRatio(measured, 'RANGE frames / Martlet, sum', `${ONE}: RANGE frames`, `${ONE}: Martlet`, 'at least 4')
    printRatio(measured, 'RANGE frames / Martlet, three', `${THREE}: RANGE frames`, `${THREE}: Martlet`, 'at least 4.5')
    printRatio(measured, '90 d / 1 d', 'sum over 90 d: Martlet', 'sum over 1 d: Martlet', 'at most 1.2')
  }
  printRatio(measured, 'Martlet / by hand, sum', `${ONE}: Martlet`, `${ONE}: by hand`, 'at most 1.3')
  printRatio(measured, 'Martlet / by hand, three', `${THREE}: Martlet`, `${THREE}: by hand`)
})

async function check(folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const [view, aggregates] of [
    ['sums', ['sum']],
    ['moments', MOMENTS],
  ] as const) {
    const columns = columnPairs(view, aggregates).map(({ martlet: left, plain: right }) => ({ left, right }))
    const left = sql`${sql.id('training', view)}`
    const keys = ['customer_id', 'at']
    await checkEqual(warehouse, {
      what: `Martlet against SQL by hand, ${view}`,
      left,
      right: sql`${sql.id('training', `hand_${view}`)}`,
      keys,
      columns,
    })
    if (large) continue
    const frames = sql`${sql.id('training', `frames_${view}`)}`
    // An empty window has the sum null in SQL and 0 in Martlet; where both have a value, they must be the same.
    await checkEqual(warehouse, {
      what: `Martlet against RANGE frames, ${view}`,
      left,
      right: frames,
      keys,
      columns,
      nullIsZero: true,
    })
  }
}
