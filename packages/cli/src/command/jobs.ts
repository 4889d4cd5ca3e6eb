import { defaultActor, isJobId } from '@martlet/feature-store'
import {
  checkedJob,
  checkJobNames,
  JOB_KINDS,
  JOB_STATES,
  MOST_PRIORITY,
  type Job,
  type JobQueue,
  type JobSummary,
} from '@martlet/serving'
import { MartletError } from '@martlet/warehouse'
import { writeArtifacts } from '../jobs/kinds/write-artifacts.ts'
import { jobsOf, namesOfProject } from '../jobs/project-jobs.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { facts, table } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface JobsListOptions extends GlobalOptions {
  readonly state?: readonly string[]
  readonly kind?: readonly string[]
  readonly limit?: string
}

export interface JobsRunOptions extends GlobalOptions {
  readonly arguments?: string
  readonly key?: string
  readonly priority?: string
}

export interface JobsShowOptions extends GlobalOptions {
  readonly artifacts?: string
}

/** `jobs list`: the newest jobs. */
export async function listJobsCommand(context: CommandContext, options: JobsListOptions): Promise<Outcome> {
  const { paint, width } = context.terminal
  const states = (options.state ?? []).map((state) => oneOf('state', state, JOB_STATES))
  const limit = limitOf(options.limit)
  const queue = await jobsOf(await context.project())
  const kinds = (options.kind ?? []).map((kind) => oneOf('kind', kind, kindsOf(queue)))
  const jobs = await queue.list({
    limit,
    ...(states.length === 0 ? {} : { states }),
    ...(kinds.length === 0 ? {} : { kinds }),
  })
  const columns = [
    { title: 'id' },
    { title: 'kind' },
    { title: 'state' },
    { title: 'asked' },
    { title: 'by' },
    { title: 'about' },
  ]
  const rows = jobs.map((job) => [
    job.id,
    job.kind,
    stateText(job, context.terminal),
    toSecond(job.createdAt),
    job.requestedBy,
    job.error === null ? JSON.stringify(job.arguments) : (job.error.code ?? job.error.message),
  ])
  return {
    exitCode: 0,
    data: { jobs },
    text: jobs.length === 0 ? 'there are no such jobs' : table(columns, rows, paint, width),
  }
}

/** `jobs show <id>`: one job, with the end of its log. */
export async function showJob(context: CommandContext, id: string, options: JobsShowOptions): Promise<Outcome> {
  const project = await context.project()
  const queue = await jobsOf(project)
  const job = isJobId(id) ? await queue.get(id) : undefined
  if (job === undefined) throw unknownJob(id)
  const files = options.artifacts === undefined ? [] : await writeArtifacts(context, project, job, options.artifacts)
  const text = [jobText(job, context.terminal), ...files].join('\n')
  return { exitCode: 0, data: { job, ...(options.artifacts === undefined ? {} : { files }) }, text }
}

/** `jobs run <kind>`: asks for a job. */
export async function askForJob(context: CommandContext, kind: string, options: JobsRunOptions): Promise<Outcome> {
  const project = await context.project()
  const queue = await jobsOf(project)
  oneOf('kind', kind, kindsOf(queue))
  const asked = checkedJob(kind, argumentsOf(options.arguments), queue.limits, queue.known.kinds)
  const priority = priorityOf(options.priority)
  await checkJobNames(asked, await namesOfProject(project))
  const { job, created } = await queue.submit({
    ...asked,
    by: defaultActor(),
    ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
    ...(priority === undefined ? {} : { priority }),
  })
  const text = created ? 'is in the queue; martlet worker runs it' : `was asked for before, and is ${job.state}`
  return { exitCode: 0, data: { job, created }, text: `${context.terminal.paint('bold', job.id)} ${text}` }
}

/** `jobs cancel <id>`: ends a job that waits, and tells one that runs to stop. */
export async function cancelJobCommand(context: CommandContext, id: string): Promise<Outcome> {
  const queue = await jobsOf(await context.project())
  const job = isJobId(id) ? await queue.cancel(id, defaultActor()) : undefined
  if (job === undefined) throw unknownJob(id)
  const text = job.endedAt === null ? 'is being stopped' : `is ${job.state}`
  return { exitCode: 0, data: { job }, text: `${job.id} ${text}` }
}

function jobText(job: Job, terminal: Terminal): string {
  const at = (instant: string | null): string => (instant === null ? '–' : toSecond(instant))
  const lines = facts(
    [
      ['state', stateText(job, terminal)],
      ['arguments', JSON.stringify(job.arguments)],
      ...(job.priority === 0 ? [] : [['priority', String(job.priority)] as const]),
      ['asked', `${at(job.createdAt)} by ${job.requestedBy}`],
      ['begun', at(job.startedAt)],
      ['ended', at(job.endedAt)],
      ['attempts', `${job.attempts}, of which ${job.failures} failed (${job.maxFailures} may)`],
      ...(job.state === 'queued' && job.attempts > 0 ? [['next', at(job.notBefore)] as const] : []),
      ...(job.error === null ? [] : [['error', `${job.error.code ?? ''} ${job.error.message}`.trim()] as const]),
      ...(job.progress === null ? [] : [['progress', JSON.stringify(job.progress)] as const]),
    ],
    terminal.width,
  )
  const log = job.log === null || job.log === '' ? [] : ['', job.log.trimEnd()]
  return [`${job.kind} ${job.id}`, ...lines, ...log].join('\n')
}

function toSecond(instant: string): string {
  return instantWords(`${instant.slice(0, 19)}Z`)
}

function stateText({ state, cancelledBy }: JobSummary, { paint }: Terminal): string {
  const colours = { queued: 'dim', running: 'bold', succeeded: 'green', failed: 'red', cancelled: 'yellow' } as const
  return paint(colours[state], state === 'running' && cancelledBy !== null ? 'stopping' : state)
}

export function argumentsOf(text: string | undefined): unknown {
  if (text === undefined) return {}
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError('USAGE', `--arguments is not JSON: ${why}. Write it as '{"views": ["customer_usage"]}'.`, {
      cause,
    })
  }
}

function oneOf<T extends string>(what: string, given: string, values: readonly T[]): T {
  const found = values.find((value) => value === given)
  if (found !== undefined) return found
  throw new MartletError('USAGE', `${given} is not a ${what} of jobs. There are ${values.join(', ')}.`)
}

function kindsOf({ known }: JobQueue): readonly string[] {
  return [...JOB_KINDS, ...known.kinds.map(({ name }) => name)]
}

function priorityOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const priority = Number(text)
  if (Number.isInteger(priority) && Math.abs(priority) <= MOST_PRIORITY) return priority
  throw new MartletError(
    'USAGE',
    `--priority ${text} is not a priority. Give a whole number from ${-MOST_PRIORITY} to ${MOST_PRIORITY}.`,
  )
}

function limitOf(text = '20'): number {
  const limit = Number(text)
  if (Number.isSafeInteger(limit) && limit >= 1) return limit
  throw new MartletError('USAGE', `--limit ${text} is not a number of jobs. Give a whole number of at least 1.`)
}

function unknownJob(id: string): MartletError {
  return new MartletError(
    'JOB_UNKNOWN',
    `There is no job ${id}, or it ended long ago. martlet jobs list shows the others.`,
    {
      data: { id },
    },
  )
}
