import { toMicros } from '@martlet/feature-store'
import { load, loadSlice, MartletError, planLoad } from '@martlet/warehouse'
import type { LoadPlan, LoadReport, Slice } from '@martlet/warehouse'
import { loadSteps, type LoadToRun } from '../project/steps.ts'
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
  readonly set?: readonly string[]
  readonly dryRun?: boolean
}

/** `load [name…]`: merges what has arrived since the last run, or replaces days, load by load in the order of the configuration. */
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
  const { steps, left } = await loadSteps(project, names, setValues(options.set ?? []))
  if (left.length > 0) terminal.note(`left out, because they need --set: ${left.join(', ')}`)
  const report = loadProgress(terminal)
  return runSteps<LoadToRun, LoadDoing, Done>({
    kind: 'load',
    steps,
    terminal,
    dryRun: options.dryRun === true,
    plan: async ({ kind, name, step }) => {
      if (kind === 'slice')
        return { name, into: step.into, rows: null, later: 0, restarted: null, watermark: null, ...daysOf(step.slice) }
      const { load: _, ...plan } = await planLoad(await project.warehouse(), step, shared)
      return { name, ...plan }
    },
    run: async ({ kind, name, step }) => {
      if (kind === 'slice') {
        terminal.event({ type: 'load', load: name, ...daysOf(step.slice) })
        const { load: _, ...done } = await loadSlice(await project.warehouse(), step, { signal })
        return { name, later: 0, restarted: null, watermark: null, ...done }
      }
      const { load: _, ...done } = await load(await project.warehouse(), step, {
        ...shared,
        onProgress: ({ read, of }) => report(name, read, of),
      })
      return { name, ...done }
    },
    text: (done) => textOf(done, terminal),
  })
}

/** `--set name=value`, each. @throws MartletError USAGE when one has no name, or one is given twice */
export function setValues(texts: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=([^]*)$/.exec(text) ?? []
    if (name === undefined || value === undefined)
      throw new MartletError('USAGE', `--set ${text} gives nothing. Write --set name=value.`)
    if (values.has(name)) throw new MartletError('USAGE', `--set ${name} is given twice.`, { data: { name } })
    values.set(name, value)
  }
  return values
}

function daysOf({ from, to }: Slice): { readonly from: string; readonly to: string } {
  return { from, to }
}

function chunkRowsOf(text: string | undefined): { readonly chunkRows?: number } {
  if (text === undefined) return {}
  const chunkRows = Number(text)
  if (Number.isSafeInteger(chunkRows) && chunkRows > 0) return { chunkRows }
  throw new MartletError('USAGE', `--chunk-rows ${text} is not a number of rows. Give a whole number of at least 1.`)
}

interface LoadDoing extends Omit<LoadPlan, 'load' | 'rows'> {
  readonly name: string
  /** Null: what a query has for its days is known when it has run. */
  readonly rows: number | null
  readonly from?: string
  readonly to?: string
}

type Done = Omit<LoadReport, 'load'> & {
  readonly name: string
  readonly removed?: number
  readonly from?: string
  readonly to?: string
}

function textOf(done: readonly Done[], terminal: Terminal): string {
  const removes = done.some(({ removed }) => (removed ?? 0) > 0)
  const titles = ['read', 'inserted', 'updated', ...(removes ? ['removed'] : []), 'unchanged', 'rejected']
  const columns = [{ title: 'load' }, ...titles.map((title) => ({ title, right: true })), { title: 'loaded until' }]
  const rows = done.map(({ name, read, inserted, updated, removed = 0, unchanged, rejected, watermark, from, to }) => [
    name,
    ...[read, inserted, updated, ...(removes ? [removed] : []), unchanged, rejected].map(grouped),
    from === undefined || to === undefined ? instantWords(watermark) : from === to ? from : `${from} to ${to}`,
  ])
  return doneText(columns, rows, done, terminal)
}
