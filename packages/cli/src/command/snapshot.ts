import { toMicros } from '@martlet/feature-store'
import { planSnapshot, snapshot, type SnapshotReport } from '@martlet/warehouse'
import { snapshotSteps } from '../project/steps.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { doneText } from '../terminal/step-text.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { runSteps } from './run-steps.ts'

export interface SnapshotCommandOptions extends GlobalOptions {
  readonly at?: string
  readonly until?: string
  readonly restart?: boolean
  readonly dryRun?: boolean
}

/** `snapshot [name…]`: puts the versions that have arrived since the last run into intervals, in the order of the configuration. */
export async function snapshotCommand(
  context: CommandContext,
  names: readonly string[],
  options: SnapshotCommandOptions,
): Promise<Outcome> {
  const { terminal, signal } = context
  const shared = {
    signal,
    ...(options.until === undefined ? {} : { until: toMicros(options.until, '--until') }),
    ...(options.restart === undefined ? {} : { restart: options.restart }),
  }
  const at = options.at === undefined ? {} : { at: toMicros(options.at, '--at') }
  const project = await context.project()
  return runSteps({
    kind: 'snapshot',
    steps: await snapshotSteps(project, names),
    terminal,
    dryRun: options.dryRun === true,
    plan: async (step) => {
      const { snapshot: name, ...plan } = await planSnapshot(await project.warehouse(), step, shared)
      return { name, ...plan }
    },
    run: async (step) => {
      terminal.event({ type: 'snapshot', snapshot: step.name })
      const { snapshot: name, ...done } = await snapshot(await project.warehouse(), step, { ...shared, ...at })
      return { name, ...done }
    },
    text: (done) => textOf(done, terminal),
  })
}

type Done = Omit<SnapshotReport, 'snapshot'> & { readonly name: string }

/** Counts in the order of load's; those that are rare stand there when there are any. */
const COUNTS = ['read', 'inserted', 'updated', 'removed', 'unchanged', 'closed', 'rejected'] as const
const RARE: readonly string[] = ['removed', 'closed']

function textOf(done: readonly Done[], terminal: Terminal): string {
  const shown = COUNTS.filter((count) => !RARE.includes(count) || done.some((step) => step[count] > 0))
  const columns = [{ title: 'snapshot' }, ...shown.map((title) => ({ title, right: true })), { title: 'loaded until' }]
  const rows = done.map((step) => [
    step.name,
    ...shown.map((count) => grouped(step[count])),
    instantWords(step.watermark),
  ])
  return doneText(columns, rows, done, terminal)
}
