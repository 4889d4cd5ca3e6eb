import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { GlobalOptions } from './run-command.ts'

/** `martlet log load` */
export function logProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const log = withExamples(root.command('log').description('the prediction log in the warehouse'), [
    'log load',
    'log load next_day_kwh',
  ])
  withExamples(
    log
      .command('load [model]')
      .description('bring finished files of the prediction log into the warehouse, each line once'),
    ['log load', 'log load next_day_kwh', 'log load --json'],
  )
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (model: string | undefined, options: GlobalOptions) =>
      ended(await run('log load', options, async (context) => (await import('./log-load.ts')).logLoad(context, model))),
    )
}
