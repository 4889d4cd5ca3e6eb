import { rm } from 'node:fs/promises'
import process from 'node:process'
import { daysBack, UNTIL } from '../world-range.ts'
import { STATE } from '../state-folder.ts'
import { Commands } from './commands.ts'
import { Narrator } from './narrator.ts'
import { sameScores } from './same-scores.ts'

export interface DemoOptions {
  readonly trainer: 'python' | 'typescript'
  readonly vehicles: number
}

/** The last day of the year arrives after the others, as the night's work. */
const LAST_DAY = 364

/** Runs every step and prints what happens. Returns the exit code: 1 when the scored table and the server disagree. */
export async function walkThrough({ trainer, vehicles }: DemoOptions): Promise<number> {
  const say = new Narrator()
  // Both processes and every step must mean the same year, also at midnight.
  const commands = new Commands(say, { LOGISTICS_UNTIL: UNTIL })
  await rm(STATE, { recursive: true, force: true })

  say.step('Create the warehouse: raw, staging, mart, and the views of monitoring')
  const deploy = ['deploy', '--folder', '../../sql/duckdb/logistics', '--yes'] as const
  await commands.martlet(deploy, { last: 1 })
  await commands.martlet(deploy, { last: 1 })

  say.step(`A year of ${vehicles} vehicles arrives in raw, with the faults that such data has`)
  const fleet = ['--vehicles', String(vehicles)] as const
  await commands.script('src/generate/run.ts', 'generate', [...fleet, '--until', String(LAST_DAY)])

  say.step('Load: merged by key into staging and mart; histories become validity intervals')
  await commands.martlet(['load'])
  await commands.martlet(['snapshot'])

  say.step('Check the business rules')
  await commands.martlet(['check'], { codes: [0, 1, 2] })

  say.step('Apply the definitions, and compute the last days of all feature views')
  await commands.martlet(['apply', '--yes'], { last: 1 })
  await commands.martlet(['materialize', '--from', daysBack(10), '--to', daysBack(1)], { upTo: /^\d+ warnings?$/ })

  say.step(`Train on the first months, judge by the last ones (${trainer})`)
  const trainedBy = trainer === 'typescript' ? ['--typescript'] : []
  await commands.script('src/train/run.ts', 'train', [
    ...trainedBy,
    '--promote',
    ...['maintenance_risk', 'delivery_delay'].flatMap((model) => ['--model', model]),
  ])

  say.step('The last day arrives, and the schedule does the work of the night')
  await commands.script('src/generate/run.ts', 'generate', [...fleet, '--from', String(LAST_DAY)], { last: 0 })
  await commands.martlet(['run-due', '--schedule', 'nightly'])
  say.line('')
  await commands.martlet(['run-due', '--schedule', 'nightly'])

  say.step('Serve, and compare the scored fleet with predictions over HTTP')
  const server = await commands.serve()
  const compared = await sameScores(server.url, 'maintenance_risk', 'scores.maintenance_risk').finally(() =>
    server.stop(),
  )
  say.line(`${compared.rows} vehicles: ${compared.different} scores differ from what ${server.url} predicts now`)

  say.step('Compare what the model reads now with what it was trained on')
  await commands.martlet(['drift'], { codes: [0, 1, 2] })

  say.step('Where everything is')
  await commands.martlet(['status'])
  for (const line of [
    'warehouse  examples/logistics/.martlet/warehouse.duckdb: schemas raw, staging, mart, features, scores, monitoring',
    'reports    examples/logistics/reports/*.html: drift of what the models read',
    'serve      npx martlet serve, in examples/logistics; then http://127.0.0.1:8080/docs',
    'guide      docs/guide-logistics.md',
  ])
    say.line(line)
  const seconds = say.end().toFixed(1)
  process.stdout.write(`\nDone in ${seconds} s. The next run starts from scratch.\n`)
  return compared.different === 0 && compared.rows > 0 ? 0 : 1
}
