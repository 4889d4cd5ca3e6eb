import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import type { AlertsOptions } from './alerts.ts'
import { neverScheduled, run, withExamples } from './define-command.ts'
import type { UntilOptions } from './monitors.ts'
import type { GlobalOptions } from './run-command.ts'

const UNTIL = 'an instant, or a length such as 2h or 7d'

/** `martlet monitors` and `martlet alerts` */
export function monitorsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const monitors = withExamples(
    root.command('monitors').description('whether monitors alert, and who keeps them quiet'),
    [
      'monitors',
      'monitors ack usage_drift --until 2d --reason "the new tariff"',
      'monitors mute usage_drift tariff --until 2026-07-01 --reason "new codes"',
    ],
  )
  monitors
    .command('list', { isDefault: true })
    .description('list them')
    .action(async (options: GlobalOptions) =>
      ended(
        await run('monitors', options, async (context) => (await import('./monitors.ts')).monitorsCommand(context)),
      ),
    )
  neverScheduled(
    monitors
      .command('ack <name>')
      .description('tell nobody about a monitor until then, or until it has recovered')
      .requiredOption('--until <instant or length>', UNTIL)
      .requiredOption('--reason <text>', 'why; it is shown and kept'),
  ).action(async (name: string, options: UntilOptions) =>
    ended(
      await run('monitors ack', options, async (context) =>
        (await import('./monitors.ts')).acknowledge(context, name, options),
      ),
    ),
  )
  neverScheduled(
    monitors
      .command('mute <name> <column>')
      .description('a column does not alert until then; reports still show it')
      .requiredOption('--until <instant or length>', UNTIL)
      .requiredOption('--reason <text>', 'why; it is shown and kept'),
  ).action(async (name: string, column: string, options: UntilOptions) =>
    ended(
      await run('monitors mute', options, async (context) =>
        (await import('./monitors.ts')).mute(context, name, column, options),
      ),
    ),
  )
  neverScheduled(monitors.command('unmute <name> <column>').description('a muted column alerts again')).action(
    async (name: string, column: string, options: GlobalOptions) =>
      ended(
        await run('monitors unmute', options, async (context) =>
          (await import('./monitors.ts')).unmute(context, name, column),
        ),
      ),
  )

  const alerts = withExamples(
    root.command('alerts').description('messages of alerts, and whether they were delivered'),
    ['alerts', 'alerts send', 'alerts test ops'],
  )
  alerts
    .command('list', { isDefault: true })
    .description('the newest messages')
    .option('--limit <number>', 'at most this many (default: 20)')
    .action(async (options: AlertsOptions) =>
      ended(
        await run('alerts', options, async (context) => (await import('./alerts.ts')).alertsCommand(context, options)),
      ),
    )
  alerts
    .command('send')
    .description('deliver what waits')
    .action(async (options: GlobalOptions) =>
      ended(await run('alerts send', options, async (context) => (await import('./alerts.ts')).sendAlerts(context))),
    )
  neverScheduled(alerts.command('test <channel>').description('send a test message through a channel')).action(
    async (name: string, options: GlobalOptions) =>
      ended(
        await run('alerts test', options, async (context) => (await import('./alerts.ts')).testAlert(context, name)),
      ),
  )
}
