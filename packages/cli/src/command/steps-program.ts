import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, several, withExamples } from './define-command.ts'
import type { LoadCommandOptions } from './load.ts'
import type { SnapshotCommandOptions } from './snapshot.ts'

/** `martlet load` and `martlet snapshot`. */
export function stepsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withExamples(root.command(name).description(description), examples)

  add('load [name...]', 'merge what has arrived since the last run into tables, newest version by key', [
    'load',
    'load shipments --dry-run',
    'load shipments vehicles --json',
    'load telemetry --until 2026-03-01',
    'load daily_consumption --set reference-date=2026-03-01',
  ])
    .option('--until <instant>', 'only rows loaded until then, included (default: now)')
    .option('--restart', 'read everything again')
    .option('--chunk-rows <rows>', 'so many rows are written in one transaction, about (default: 4 million on DuckDB)')
    .option('--set <name=value>', 'a parameter of loads by day; may be given several times', several)
    .option('--dry-run', 'only show how many rows would be read')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (names: readonly string[], options: LoadCommandOptions) =>
      ended(
        await run('load', options, async (context) => (await import('./load.ts')).loadCommand(context, names, options)),
      ),
    )

  add('snapshot [name...]', 'keep the history of sources: a row for every interval in which a version held', [
    'snapshot',
    'snapshot customers --dry-run',
    'snapshot customers vehicles --json',
    'snapshot customers --at 2026-03-01',
  ])
    .option('--at <instant>', 'when rows end whose key has left the source (default: now)')
    .option('--until <instant>', 'only versions loaded until then, included (default: now)')
    .option('--restart', 'read everything again')
    .option('--dry-run', 'only show how many versions would be read')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (names: readonly string[], options: SnapshotCommandOptions) =>
      ended(
        await run('snapshot', options, async (context) =>
          (await import('./snapshot.ts')).snapshotCommand(context, names, options),
        ),
      ),
    )
}
