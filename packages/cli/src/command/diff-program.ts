import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import { run, withExamples } from './define-command.ts'
import type { DiffCommandOptions } from './diff.ts'

/** `martlet diff` */
export function diffProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  withExamples(
    root
      .command('diff [view]')
      .description('show which feature values change if the present definitions replace others'),
    [
      'diff --against main',
      'diff customer_usage --against HEAD~1 --from 2026-01-01 --to 2026-02-01',
      'diff customer_usage --against 3f2a90bc --sample 1000 --json',
      'diff --against origin/main --format markdown --no-examples',
      'diff --against main --fail-on values',
    ],
  )
    .option(
      '--against <definitions>',
      'a git ref, the hash of a plan, a file of martlet export definitions, applied, or published (default: applied)',
    )
    .option('--from <instant>', 'the first feature time (default: only the last one that the facts reach)')
    .option('--to <instant>', 'feature times before this')
    .option('--sample <number>', 'compare so many entities, always the same ones (default: all)')
    .option('--format <name>', 'text, or markdown for a pull request (default: text)')
    .option('--fail-on <what>', 'end with exit code 1 when values change, or definitions (default: never)')
    .option('--no-examples', 'show no keys and values of single rows')
    .option('--wait <length>', 'wait for a warehouse that another process has open, such as 10m (default: do not wait)')
    .action(async (view: string | undefined, options: DiffCommandOptions) =>
      ended(await run('diff', options, async (context) => (await import('./diff.ts')).diff(context, view, options), 3)),
    )
}
