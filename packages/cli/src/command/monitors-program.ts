import type { Command } from 'commander'
import type { ExitCode } from '../terminal/outcome.ts'
import type { AlertsOptions } from './alerts.ts'
import { neverScheduled, run, withExamples } from './define-command.ts'
import type { FindingOption, UntilOptions } from './monitors.ts'
import type { GlobalOptions } from './run-command.ts'

const UNTIL = 'an instant, or a length such as 2h or 7d'
const WHY = 'why; it is shown and kept'
const FINDING = 'a kind of finding instead of a column, as reports in JSON name it, such as volume'

/** `martlet monitors` and `martlet alerts` */
export function monitorsProgram(root: Command, ended: (exitCode: ExitCode) => void): void {
  const monitors = add(root, 'monitors', 'whether monitors alert, and who keeps them quiet', [
    'monitors',
    'monitors ack usage_drift --until 2d --reason "the new tariff"',
    'monitors mute usage_drift tariff --until 30d --reason "new codes"',
  ])
  add(monitors, 'list', 'whether they alert, since when, and what they say', ['monitors list --json'], true).action(
    async (options: GlobalOptions) =>
      ended(
        await run('monitors', options, async (context) => (await import('./monitors.ts')).monitorsCommand(context)),
      ),
  )
  neverScheduled(
    add(monitors, 'ack <name>', 'tell nobody about it until then, or until it has recovered', [
      'monitors ack usage_drift --until 2d --reason "the new tariff"',
      'monitors ack quality:customer_usage --until 2026-06-03 --reason "asked the loader"',
    ]),
  )
    .requiredOption('--until <instant or length>', UNTIL)
    .requiredOption('--reason <text>', WHY)
    .action(async (name: string, options: UntilOptions) =>
      ended(
        await run('monitors ack', options, async (context) =>
          (await import('./monitors.ts')).acknowledge(context, name, options),
        ),
      ),
    )
  neverScheduled(
    add(
      monitors,
      'mute <name> [column]',
      'a column, or a kind of finding, does not alert until then; reports show it',
      [
        'monitors mute usage_drift tariff --until 30d --reason "new codes"',
        'monitors mute usage_drift --finding silentEntities --until 14d --reason "meters are replaced"',
      ],
    ),
  )
    .option('--finding <kind>', FINDING)
    .requiredOption('--until <instant or length>', UNTIL)
    .requiredOption('--reason <text>', WHY)
    .action(async (name: string, column: string | undefined, options: UntilOptions & FindingOption) =>
      ended(
        await run('monitors mute', options, async (context) =>
          (await import('./monitors.ts')).mute(context, name, column, options),
        ),
      ),
    )
  neverScheduled(
    add(monitors, 'unmute <name> [column]', 'what was muted alerts again', [
      'monitors unmute usage_drift tariff',
      'monitors unmute usage_drift --finding silentEntities',
    ]),
  )
    .option('--finding <kind>', FINDING)
    .action(async (name: string, column: string | undefined, options: GlobalOptions & FindingOption) =>
      ended(
        await run('monitors unmute', options, async (context) =>
          (await import('./monitors.ts')).unmute(context, name, column, options),
        ),
      ),
    )

  const alerts = add(root, 'alerts', 'messages of alerts, and whether they were delivered', [
    'alerts',
    'alerts send',
    'alerts test ops',
  ])
  add(alerts, 'list', 'the newest messages', ['alerts list --limit 5', 'alerts list --json'], true)
    .option('--limit <number>', 'at most this many (default: 20)')
    .action(async (options: AlertsOptions) =>
      ended(
        await run('alerts', options, async (context) => (await import('./alerts.ts')).alertsCommand(context, options)),
      ),
    )
  add(alerts, 'send', 'deliver what waits', ['alerts send']).action(async (options: GlobalOptions) =>
    ended(await run('alerts send', options, async (context) => (await import('./alerts.ts')).sendAlerts(context))),
  )
  neverScheduled(add(alerts, 'test <channel>', 'send a test message through a channel', ['alerts test ops'])).action(
    async (name: string, options: GlobalOptions) =>
      ended(
        await run('alerts test', options, async (context) => (await import('./alerts.ts')).testAlert(context, name)),
      ),
  )
}

function add(
  parent: Command,
  name: string,
  description: string,
  examples: readonly string[],
  isDefault = false,
): Command {
  return withExamples(parent.command(name, { isDefault }).description(description), examples)
}
