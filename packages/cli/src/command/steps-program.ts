import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { LoadCommandOptions } from './load.ts'

/** `martlet load` and `martlet snapshot`. */
export function stepsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(root.command(name).description(description), examples)

  add('load [name...]', 'merge what has arrived since the last run into tables, newest version by key', [
    'load',
    'load shipments --dry-run',
    'load shipments vehicles --json',
    'load telemetry --until 2026-03-01',
  ])
    .option('--until <instant>', 'only rows loaded until then, included (default: now)')
    .option('--restart', 'read everything again')
    .option('--dry-run', 'only show how many rows would be read')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (names: readonly string[], options: LoadCommandOptions) =>
      ended(
        await run('load', options, async (context) => (await import('./load.ts')).loadCommand(context, names, options)),
      ),
    )
}
