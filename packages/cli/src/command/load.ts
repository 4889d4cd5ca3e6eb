import { toMicros } from '@martlet/feature-store'
import { load, MartletError, planLoad, type LoadReport } from '@martlet/warehouse'
import { loadSteps } from '../project/steps.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { loadProgress } from '../terminal/load-progress.ts'
import { doneText } from '../terminal/step-text.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { grouped, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { runSteps } from './run-steps.ts'

export interface LoadCommandOptions extends GlobalOptions {
  readonly until?: string
  readonly restart?: boolean
  readonly chunkRows?: string
  readonly dryRun?: boolean
}

/** `load [name…]`: merges what has arrived since the last run, load by load in the order of the configuration. */
export async function loadCommand(
  context: CommandContext,
  names: readonly string[],
  options: LoadCommandOptions,
): Promise<Outcome> {
  const { terminal, signal } = context
  const shared = {
    signal,
    ...(options.until === undefined ? {} : { until: toMicros(options.until, '--until') }),
    ...(options.restart === undefined ? {} : { restart: options.restart }),
    ...chunkRowsOf(options.chunkRows),
  }
  const project = await context.project()
  const steps = await loadSteps(project, names)
  const report = loadProgress(terminal)
  return runSteps({
    kind: 'load',
    steps,
    terminal,
    dryRun: options.dryRun === true,
    plan: async (step) => {
      const { load: name, ...plan } = await planLoad(await project.warehouse(), step, shared)
      return { name, ...plan }
    },
    run: async (step) => {
      const { load: name, ...done } = await load(await project.warehouse(), step, {
        ...shared,
        onProgress: ({ read, of }) => report(step.name, read, of),
      })
      return { name, ...done }
    },
    text: (done) => textOf(done, terminal),
  })
}

function chunkRowsOf(text: string | undefined): { readonly chunkRows?: number } {
  if (text === undefined) return {}
  const chunkRows = Number(text)
  if (Number.isSafeInteger(chunkRows) && chunkRows > 0) return { chunkRows }
  throw new MartletError('USAGE', `--chunk-rows ${text} is not a number of rows. Give a whole number of at least 1.`)
}

type Done = Omit<LoadReport, 'load'> & { readonly name: string }

function textOf(done: readonly Done[], terminal: Terminal): string {
  const columns = [
    { title: 'load' },
    ...['read', 'inserted', 'updated', 'unchanged', 'rejected'].map((title) => ({ title, right: true })),
    { title: 'loaded until' },
  ]
  const rows = done.map(({ name, read, inserted, updated, unchanged, rejected, watermark }) => [
    name,
    ...[read, inserted, updated, unchanged, rejected].map(grouped),
    instantWords(watermark),
  ])
  return doneText(columns, rows, done, terminal)
}
