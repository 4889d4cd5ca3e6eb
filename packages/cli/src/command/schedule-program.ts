import { Option, type Command } from 'commander'
import { generators } from '../schedule/generators/list.ts'
import type { ExitCode } from '../terminal/outcome.ts'
import { neverScheduled, run, several, withExamples } from './define-command.ts'
import type { RunDueOptions } from './run-due.ts'
import type { SchedulesOptions } from './schedules.ts'

/** `martlet run-due` and `martlet schedules` */
export function scheduleProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const runDue = root
    .command('run-due')
    .description('run the steps of schedules whose time has come; a slot that has succeeded never runs again')
  neverScheduled(
    withExamples(runDue, [
      'run-due',
      'run-due --schedule nightly --dry-run',
      'run-due --schedule nightly --now 2026-06-01T03:00:00Z --json',
      'run-due --failed',
      'run-due --watch',
    ]),
  )
    .option('--schedule <name>', 'only this schedule; may be given several times', several)
    .option('--now <instant>', 'run what was due then (default: the clock)')
    .option('--failed', 'also run slots again that failed, from the step that failed')
    .option('--watch', 'stay, and run slots as they come')
    .option('--dry-run', 'only show what would be run')
    .option('--wait <length>', 'wait for a schedule that another process runs, such as 10m (default: leave it to that)')
    .action(async (options: RunDueOptions) =>
      ended(
        await run('run-due', options, async (context) =>
          (await import('./run-due.ts')).runDueCommand(context, options),
        ),
      ),
    )

  const schedules = neverScheduled(
    withExamples(
      root.command('schedules').description('when schedules ran and run next, or their text for another scheduler'),
      ['schedules', 'schedules --cron', 'schedules --snowflake --prefix SHOP --image /shop/jobs/images/shop:latest'],
    ),
  ).option('--schedule <name>', 'only this schedule; may be given several times', several)
  for (const { name, about } of generators) schedules.addOption(new Option(`--${name}`, about))
  schedules
    .option('--prefix <name>', 'with --snowflake: begins the names of warehouses and pool (default: MARTLET)')
    .option(
      '--image <path>',
      'with --snowflake: the image of the project (default: /martlet/jobs/images/martlet:latest)',
    )
    .action(async (options: SchedulesOptions) =>
      ended(
        await run('schedules', options, async (context) =>
          (await import('./schedules.ts')).schedulesCommand(context, options),
        ),
      ),
    )
}
