import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, several, withExamples } from './define-command.ts'
import type { ParityOptions } from './parity.ts'

/** `martlet parity` */
export function parityProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  withExamples(
    root
      .command('parity <model>')
      .description('whether the vectors that were served are what the definitions give, and why not'),
    ['parity next_day_kwh', 'parity next_day_kwh --from 2026-06-01 --at-least 1 --allow "late facts" --json'],
  )
    .option('--from <instant>', 'predictions from this time on (default: a week before --to)')
    .option('--to <instant>', 'predictions before this time (default: now)')
    .option('--at-least <share>', 'how many values of each feature have to be equal (default: 0.999)')
    .option(
      '--allow <reason>',
      'a reason that counts as equal, such as "late facts"; may be given several times',
      several,
    )
    .option('--tolerance <share>', 'how far doubles may be apart (default: 1e-9)')
    .option('--model-version <number>', 'only predictions of this version')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (model: string, options: ParityOptions) =>
      ended(
        await run(
          'parity',
          options,
          async (context) => (await import('./parity.ts')).parityCommand(context, model, options),
          3,
        ),
      ),
    )
}
