import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { Commands } from '@martlet/example-logistics/demo/commands'
import { Narrator } from '@martlet/example-logistics/demo/narrator'
import { STATE } from '../state-folder.ts'
import { askForecast } from './ask-server.ts'

const EXAMPLE = join(import.meta.dirname, '../..')

export interface DemoOptions {
  readonly meterpoints: number
}

/** The world has 189 days from 2025-10-06 on: the last one arrives after the others. */
const LAST_DAY = 188

/** Runs every step and prints what happens. Returns the exit code: 1 when the forecast is not as good as it has to be. */
export async function walkThrough({ meterpoints }: DemoOptions): Promise<number> {
  const say = new Narrator()
  const commands = new Commands(say, {}, EXAMPLE)
  await rm(STATE, { recursive: true, force: true })

  say.step('Create the warehouse: raw, staging and mart')
  await commands.martlet(['deploy', '--yes'], { last: 1 })

  say.step(`Half a year of ${meterpoints} meterpoints arrives as files: JSON lines, and a SQLite file every week`)
  const world = ['--meterpoints', String(meterpoints)] as const
  await commands.script('src/generate/run.ts', 'generate', [...world, '--until', String(LAST_DAY)])
  await commands.script('src/land/run.ts', 'land', [])

  say.step('The etl for a reference date, and for all days before it')
  await commands.martlet(['run', 'etl', '--reference-date', '2026-04-11', '--since', '2025-10-06'])

  say.step('The last day arrives, with a file that was late: only the last two weeks are done again')
  await commands.script('src/generate/run.ts', 'generate', [...world, '--from', String(LAST_DAY)], { last: 0 })
  await commands.script('src/land/run.ts', 'land', [])
  await commands.martlet(['run', 'etl', '--reference-date', '2026-04-12'])

  say.step('Apply the definitions, and publish the features of the day that begins')
  await commands.martlet(['apply', '--yes'], { last: 1 })
  await commands.martlet(['materialize', '--from', '2026-04-11', '--to', '2026-04-13'], { codes: [0, 2], last: 6 })

  say.step('The next 48 half-hours: judged on four unseen weeks, then fitted, registered, live')
  await commands.script('src/forecast/run.ts', 'forecast', [])

  say.step('Serve, and ask for the next 48 half-hours of a meterpoint')
  const forecast = await askForecast('M0001', new Date('2026-04-12T23:30:00Z'))
  for (const [i, { begins, low, middle, high }] of forecast.entries())
    if (i % 4 === 1)
      say.line(
        `${begins}  ${middle.toFixed(3)} kWh, in 8 of 10 cases from ${low.toFixed(3)} to ${high.toFixed(3)}  ${bar(high)}`,
      )
  const whole = forecast.every(({ low, middle, high }) => low <= middle && middle <= high)

  say.step('Where everything is')
  for (const line of [
    'landing    examples/smart-meter/.martlet/landing: files as they arrived',
    'warehouse  examples/smart-meter/.martlet/warehouse.duckdb: schemas raw, staging, mart, features, training',
    'guide      docs/guide-smart-meter.md',
  ])
    say.line(line)
  process.stdout.write(`\nDone in ${say.end().toFixed(1)} s. The next run starts from scratch.\n`)
  return whole && forecast.length === 48 ? 0 : 1
}

function bar(kwh: number): string {
  return '▪'.repeat(Math.min(40, Math.round(20 * kwh)))
}
