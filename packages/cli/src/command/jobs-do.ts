import { toMicros } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { suggestion } from '../config/suggestion.ts'
import { performJob } from '../jobs/kinds/perform-job.ts'
import { syncJobs } from '../jobs/table/sync-jobs.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { counted } from '../terminal/words.ts'
import { argumentsOf } from './jobs.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface JobsDoOptions extends GlobalOptions {
  readonly arguments?: string
  readonly askedAt?: string
}

/** `jobs do <kind>`: does the work of a kind of the project here and now, as a worker does it for a job. */
export async function doJob(context: CommandContext, kind: string, options: JobsDoOptions): Promise<Outcome> {
  const { terminal, signal } = context
  const project = await context.project()
  const kinds = project.config.jobs?.kinds ?? {}
  const config = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (config === undefined) {
    const near = Object.keys(kinds).length === 0 ? 'It declares none.' : suggestion(kind, Object.keys(kinds), 'kinds')
    throw new MartletError('JOB_KIND_UNKNOWN', `The project declares no kind of job called ${kind}. ${near}`, {
      data: { kind },
    })
  }
  const askedAt =
    options.askedAt === undefined ? new Date() : new Date(Number(toMicros(options.askedAt, '--asked-at') / 1000n))
  const work = await performJob({
    project,
    kind,
    config,
    given: argumentsOf(options.arguments),
    askedAt,
    signal,
    note(message) {
      terminal.event({ type: 'note', message })
      terminal.note(message)
    },
  })
  const lines = [
    ...work.artifacts.map(({ name, bytes, sha256 }) => `${name}  ${bytes} bytes  ${sha256}`),
    JSON.stringify(work.output),
  ]
  return { exitCode: 0, data: { ...work }, text: lines.join('\n') }
}

/** `jobs sync`: takes the jobs that rows of the warehouse ask for, and writes there how all jobs are. */
export async function syncJobsCommand(context: CommandContext): Promise<Outcome> {
  const project = await context.project()
  const schema = project.config.jobs?.schema
  if (schema === undefined)
    throw new MartletError(
      'NO_JOB_TABLE',
      "There is no table of jobs: the configuration names no schema for it. Add jobs: { schema: 'ops' }.",
    )
  const synced = await syncJobs(project, schema, context.waiting ?? { milliseconds: 0 })
  const { taken, refused, written } = synced ?? { taken: 0, refused: 0, written: 0 }
  const text = `${schema}.jobs: ${taken} taken, ${refused} refused, ${counted(written, 'row')} written`
  return { exitCode: 0, data: { schema, taken, refused, written }, text }
}
