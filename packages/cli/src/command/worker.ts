import process from 'node:process'
import { sep } from 'node:path'
import { JOB_KINDS } from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import { jobsOf } from '../jobs/project-jobs.ts'
import { runJob } from '../jobs/run-job.ts'
import { syncJobs } from '../jobs/table/sync-jobs.ts'
import { work, type JobTable, type WorkDone, type WorkEvent } from '../jobs/work.ts'
import { redactor } from '../schedule/redact.ts'
import { runStepProcess } from '../schedule/step-process.ts'
import type { Outcome } from '../terminal/outcome.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Project } from '../project/project.ts'
import { lengthMillis } from './length-millis.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'
import { waitingOf } from './waiting.ts'

export interface WorkerOptions extends GlobalOptions {
  readonly once?: boolean
  readonly kinds?: string
  readonly concurrency?: string
  readonly poll?: string
  readonly table?: string
}

/** `worker`: claims jobs and runs them, each in a process of its own. */
export async function worker(context: CommandContext, options: WorkerOptions): Promise<Outcome> {
  const { terminal } = context
  const concurrency = concurrencyOf(options.concurrency)
  const pollMs = lengthMillis('--poll', options.poll ?? '1s')
  const everyMs = lengthMillis('--table', options.table ?? '30s')
  const once = options.once === true
  const project = await context.project()
  const queue = await jobsOf(project)
  const { limits, known } = queue
  const kinds = kindsOf(options.kinds, [...JOB_KINDS, ...known.kinds.map(({ name }) => name)])
  const config = await context.configFile()
  const redactSecrets = redactor(project.config)
  const ending = new AbortController()
  const terminate = (): void => ending.abort()
  process.on('SIGTERM', terminate)
  const signal = AbortSignal.any([context.signal, ending.signal])
  const table = tableOf(project, everyMs, options.wait ?? '10m', terminal, signal)
  if (!once) terminal.note(`working on ${kinds.join(', ')}, ${concurrency} at once; Ctrl-C stops and gives jobs back`)
  try {
    const done = await work({
      catalog: await project.catalog(),
      kinds,
      concurrency,
      once,
      pollMs,
      retention: { days: limits.keepDays, rows: limits.keepRows },
      signal,
      now: Date.now,
      ...(table === undefined ? {} : { table }),
      onEvent: reporter(terminal),
      run: (held) =>
        runJob(held, {
          config,
          folder: project.folder,
          kinds: known.kinds,
          runStep: runStepProcess,
          // Callers need not know where on this machine the project is.
          redact: (text) => redactSecrets(text).replaceAll(`${project.folder}${sep}`, ''),
          wait: options.wait ?? '10m',
          pollMs,
          signal,
          now: Date.now,
          random: Math.random,
          onLine: (line) => terminal.note(`    ${line}`),
        }),
    })
    return { exitCode: once && done.failed > 0 ? 1 : 0, data: { jobs: done }, text: doneText(done) }
  } finally {
    process.off('SIGTERM', terminate)
  }
}

function doneText(done: WorkDone): string {
  const parts = Object.entries(done).flatMap(([outcome, count]) => (count === 0 ? [] : [`${count} ${outcome}`]))
  return parts.length === 0 ? 'there was no job' : `jobs: ${parts.join(', ')}`
}

function reporter(terminal: Terminal): (event: WorkEvent) => void {
  return (event) => {
    terminal.event(event)
    if (event.type === 'trouble') return terminal.note(event.message)
    const job = `${event.kind}  ${event.id}`
    if (event.type === 'job')
      return terminal.note(`${job} begins${event.attempt === 1 ? '' : ` (attempt ${event.attempt})`}`)
    const colour = event.outcome === 'succeeded' ? 'green' : event.outcome === 'failed' ? 'red' : 'yellow'
    terminal.note(`${job} ${terminal.paint(colour, event.outcome)}${event.error === null ? '' : `: ${event.error}`}`)
  }
}

/** The table of jobs in the warehouse, when the configuration names its schema. */
function tableOf(
  project: Project,
  everyMs: number,
  wait: string,
  terminal: Terminal,
  signal: AbortSignal,
): JobTable | undefined {
  const schema = project.config.jobs?.schema
  if (schema === undefined) return undefined
  return {
    everyMs,
    async sync(waits) {
      const synced = await syncJobs(project, schema, waits ? waitingOf(wait, terminal, signal) : undefined)
      if (synced === undefined) return undefined
      const { taken, refused } = synced
      if (taken > 0 || refused > 0) {
        terminal.event({ type: 'table', ...synced })
        terminal.note(`${schema}.jobs: ${taken} taken${refused === 0 ? '' : `, ${refused} refused`}`)
      }
      return taken
    },
  }
}

function kindsOf(text: string | undefined, all: readonly string[]): readonly string[] {
  if (text === undefined) return all
  return text.split(',').map((kind) => {
    if (all.includes(kind)) return kind
    throw usage(`--kinds ${text} names ${kind || 'nothing'}. The kinds are ${all.join(', ')}.`)
  })
}

function concurrencyOf(text: string | undefined): number {
  const count = Number(text ?? 1)
  if (Number.isSafeInteger(count) && count >= 1 && count <= 64) return count
  throw usage(`--concurrency ${text} is not a number of jobs. Give a whole number from 1 to 64.`)
}

function usage(message: string): MartletError {
  return new MartletError('USAGE', message)
}
