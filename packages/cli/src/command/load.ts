import { instantText, toMicros } from '@martlet/feature-store'
import { load, MartletError, planLoad, type LoadPlan, type LoadReport } from '@martlet/warehouse'
import { loadSteps } from '../project/load-steps.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { stepProgress } from '../terminal/step-progress.ts'
import { hanging, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { counted, grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface LoadCommandOptions extends GlobalOptions {
  readonly until?: string
  readonly restart?: boolean
  readonly dryRun?: boolean
}

/** `load [name…]`: merges what has arrived since the last run, load by load in the order of the configuration. */
export async function loadCommand(
  context: CommandContext,
  names: readonly string[],
  options: LoadCommandOptions,
): Promise<Outcome> {
  const { terminal, signal } = context
  const project = await context.project()
  const steps = await loadSteps(project, names)
  const shared = {
    signal,
    ...(options.until === undefined ? {} : { until: toMicros(options.until, '--until') }),
    ...(options.restart === undefined ? {} : { restart: options.restart }),
  }
  if (steps.length === 0) {
    const data = { dryRun: options.dryRun === true, loads: [] }
    return { exitCode: 0, data, text: 'no load is configured: write `loads` in martlet.config.ts' }
  }
  const warehouse = await project.warehouse()
  if (options.dryRun === true) {
    const plans: LoadPlan[] = []
    for (const step of steps) plans.push(await planLoad(warehouse, step, shared))
    return { exitCode: 0, data: { dryRun: true, loads: plans.map(planData) }, text: planText(plans, terminal) }
  }
  const report = stepProgress(terminal, 'load')
  const done: LoadReport[] = []
  for (const step of steps) {
    try {
      done.push(
        await load(warehouse, step, {
          ...shared,
          onProgress: (progress) => report(step.name, progress.read, progress.of),
        }),
      )
    } catch (error) {
      throw afterOthers(error, done, terminal)
    }
  }
  return { exitCode: 0, data: { dryRun: false, loads: done.map(doneData) }, text: doneText(done, terminal) }
}

/** What the loads before it did is part of the answer; in JSON it is in the error. */
function afterOthers(error: unknown, done: readonly LoadReport[], terminal: Terminal): unknown {
  if (done.length === 0) return error
  if (!terminal.json) terminal.say(`${doneText(done, terminal)}\n`)
  if (!(error instanceof MartletError)) return error
  return new MartletError(error.code, error.message, {
    data: { ...error.data, done: done.map(doneData) },
    cause: error,
  })
}

function planData({ watermark, ...plan }: LoadPlan): object {
  return { ...plan, watermark: text(watermark) }
}

function doneData({ watermark, ...report }: LoadReport): object {
  return { ...report, watermark: text(watermark) }
}

function text(instant: bigint | null): string | null {
  return instant === null ? null : instantText(instant)
}

function planText(plans: readonly LoadPlan[], { paint, width }: Terminal): string {
  const columns = [
    { title: 'load' },
    { title: 'rows to read', right: true },
    { title: 'loaded after' },
    { title: 'into' },
  ]
  const rows = plans.map((plan) => [
    plan.load,
    grouped(plan.rows),
    plan.restarted === null ? instantWords(plan.watermark) : `everything: ${plan.restarted}`,
    plan.into,
  ])
  return [table(columns, rows, paint, width), ...laterLines(plans, width)].join('\n')
}

function doneText(done: readonly LoadReport[], { paint, width }: Terminal): string {
  const columns = [
    { title: 'load' },
    ...['read', 'inserted', 'updated', 'unchanged', 'rejected'].map((title) => ({ title, right: true })),
    { title: 'loaded until' },
  ]
  const rows = done.map(({ load: name, read, inserted, updated, unchanged, rejected, watermark }) => [
    name,
    ...[read, inserted, updated, unchanged].map(grouped),
    rejected === 0 ? '0' : paint('yellow', grouped(rejected)),
    instantWords(watermark),
  ])
  const restarted = done.flatMap(({ load: name, restarted: why }) =>
    why === null ? [] : [hanging(`${name}  `, `everything was read again: ${why}`, width)],
  )
  const rejected = done.flatMap(({ load: name, lacking }) => {
    const each = Object.entries(lacking).map(([column, count]) => `${counted(count, 'row')} without ${column}`)
    return each.length === 0 ? [] : [hanging(`${name}  `, `rejected: ${each.join(', ')}`, width)]
  })
  return [table(columns, rows, paint, width), ...restarted, ...rejected, ...laterLines(done, width)].join('\n')
}

function laterLines(
  loads: readonly { readonly load: string; readonly later: number }[],
  width: number,
): readonly string[] {
  return loads.flatMap(({ load: name, later }) =>
    later === 0
      ? []
      : [
          hanging(
            `${name}  `,
            `${counted(later, 'row')} loaded after the end of this run; --until <instant> moves it`,
            width,
          ),
        ],
  )
}
