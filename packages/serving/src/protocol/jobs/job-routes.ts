import { isJobId } from '@martlet/feature-store'
import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { checkedJob } from '../../desk/jobs/checked-job.ts'
import { JOB_KINDS, JOB_STATES, MOST_PRIORITY } from '../../desk/jobs/job-kinds.ts'
import type { Job, JobSummary } from '../../desk/jobs/job.ts'
import { requestJob, requireJobs } from '../../desk/jobs/request-job.ts'
import { maySeeJob } from '../../desk/jobs/visible-jobs.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { GUARDED, inPath, inQuery } from '../route-parts.ts'
import { refuseUnknown } from '../unknown-fields.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { IDEMPOTENCY_KEY, jobSchemas, type JobsAnswer } from './job-answers.ts'

const MOST_IN_PAGE = 200
/** So many jobs are looked at for one page, however few of them the caller may see. */
const MOST_LOOKED_AT = 2000

/** The routes that take, show and cancel jobs. */
export function jobRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { group: 'jobs', scope: 'jobs:run' } as const
  const id = inPath('The id of a job')
  const declared = desk.jobs?.known.kinds ?? []
  const schemas = jobSchemas(declared)
  const kinds = [...JOB_KINDS.slice(0, -1), ...declared.map(({ name }) => name)]
  return [
    {
      ...common,
      id: 'submitJob',
      method: 'POST',
      path: '/v1/jobs',
      summary: `Ask for work that a worker does: ${kinds.join(', ')} or drift`,
      description:
        'Answered at once with 202 and the job, whose place is in `Location`; with 200 when the idempotency key is known.',
      parameters: {},
      body: schemas.body,
      answer: schemas.answer,
      otherAnswers: { 202: { description: 'The job is in the queue', body: schemas.answer } },
      problems: [400, ...GUARDED, 404, 409, 413, 415, 429],
      handle: (exchange) => submit(exchange, desk),
    },
    {
      ...common,
      id: 'jobs',
      method: 'GET',
      path: '/v1/jobs',
      summary: 'Jobs, the newest first',
      description: 'A page may hold fewer jobs than `limit`, even none, while `next` says that there are more.',
      parameters: {
        state: inQuery('Only jobs in these states, separated by commas', z.string()),
        kind: inQuery('Only jobs of these kinds, separated by commas', z.string()),
        limit: inQuery('At most so many (50 by default)', z.int().min(1).max(MOST_IN_PAGE)),
        after: inQuery('`next` of the page before'),
      },
      answer: schemas.list,
      problems: [400, ...GUARDED, 404],
      handle: async (exchange) => JSON.stringify(await list(exchange, desk)),
    },
    {
      ...common,
      id: 'job',
      method: 'GET',
      path: '/v1/jobs/:id',
      summary: 'One job: state, progress, the end of its log, result',
      parameters: { id },
      answer: schemas.answer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => jobReply(200, await visibleJob(exchange, desk)),
    },
    {
      ...common,
      id: 'cancelJob',
      method: 'POST',
      path: '/v1/jobs/:id/cancel',
      summary: 'Cancel a job',
      description:
        'A job that waits has ended with that. One that runs is told to stop, and ends a little later. ' +
        'One that has ended stays as it is.',
      parameters: { id },
      answer: schemas.answer,
      problems: [...GUARDED, 404, 415],
      handle: async (exchange) => {
        const { id: wanted } = await visibleJob(exchange, desk)
        const job = await requireJobs(desk).cancel(wanted, exchange.principal.id)
        if (job === undefined) throw unknownJob(wanted)
        return jobReply(200, job)
      },
    },
  ]
}

const BODY_FIELDS = ['kind', 'arguments', 'idempotencyKey', 'priority']

async function submit(exchange: Exchange, desk: Desk): Promise<Answer> {
  const { limits, known } = requireJobs(desk)
  const body = await exchange.object()
  refuseUnknown(body, BODY_FIELDS)
  const asked = checkedJob(body['kind'], body['arguments'], limits, known.kinds)
  const { job, created } = await requestJob(desk, exchange.principal, asked, {
    ...keyOf(body['idempotencyKey']),
    ...priorityOf(body['priority']),
  })
  exchange.about({ job: job.id })
  // Relative to this route, wherever the app is mounted.
  return created ? jobReply(202, job, { location: `jobs/${job.id}` }) : jobReply(200, job)
}

function keyOf(given: unknown): { readonly idempotencyKey?: string } {
  if (given === undefined) return {}
  if (typeof given === 'string' && IDEMPOTENCY_KEY.test(given)) return { idempotencyKey: given }
  const detail = `idempotencyKey must be 1 to 200 printable ASCII characters, not ${shown(given)}.`
  throw new Problem(400, 'JOB_ARGUMENT_INVALID', detail, { path: 'idempotencyKey' })
}

function priorityOf(given: unknown): { readonly priority?: number } {
  if (given === undefined) return {}
  if (typeof given === 'number' && Number.isInteger(given) && Math.abs(given) <= MOST_PRIORITY)
    return { priority: given }
  const detail = `priority must be a whole number from ${-MOST_PRIORITY} to ${MOST_PRIORITY}, not ${shown(given)}.`
  throw new Problem(400, 'JOB_ARGUMENT_INVALID', detail, { path: 'priority' })
}

async function list({ call, principal }: Exchange, desk: Desk): Promise<JobsAnswer> {
  const queue = requireJobs(desk)
  const query = call.query()
  refuseUnknown(query, ['state', 'kind', 'limit', 'after'])
  const states = chosen('state', query['state'], JOB_STATES)
  const kinds = chosen('kind', query['kind'], [...JOB_KINDS, ...queue.known.kinds.map(({ name }) => name)])
  const limit = limitOf(query['limit']?.[0])
  const after = query['after']?.[0]
  if (after !== undefined && !isJobId(after))
    throw wrong('after', `must be \`next\` of the page before, not ${shown(after)}`)
  const filter = { ...(states === undefined ? {} : { states }), ...(kinds === undefined ? {} : { kinds }) }
  const visible: JobSummary[] = []
  let before = after
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += MOST_IN_PAGE) {
    const rows = await queue.list({ ...filter, ...(before === undefined ? {} : { before }), limit: MOST_IN_PAGE })
    for (const job of rows) {
      if (visible.length === limit) return { jobs: visible, next: before ?? null }
      before = job.id
      if (maySeeJob(desk, queue, principal, job)) visible.push(job)
    }
    if (rows.length < MOST_IN_PAGE) return { jobs: visible, next: null }
  }
  return { jobs: visible, next: before ?? null }
}

/** One or several of some values. */
function chosen<T extends string>(
  name: string,
  given: readonly string[] | undefined,
  values: readonly T[],
): readonly T[] | undefined {
  if (given === undefined) return undefined
  const wanted = given.flatMap((text) => text.split(','))
  const unknown = wanted.find((text) => !values.some((value) => value === text))
  if (unknown !== undefined) throw wrong(name, `must be of ${values.join(', ')}, not ${shown(unknown)}`)
  return values.filter((value) => wanted.includes(value))
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return 50
  const limit = Number(text)
  if (/^\d{1,9}$/.test(text) && limit >= 1 && limit <= MOST_IN_PAGE) return limit
  throw wrong('limit', `must be a whole number from 1 to ${MOST_IN_PAGE}, not ${shown(text)}`)
}

function wrong(path: string, what: string): Problem {
  return new Problem(400, 'JOB_ARGUMENT_INVALID', `${path} ${what}.`, { path })
}

/** The job in the path, if the caller may see it. */
async function visibleJob(exchange: Exchange, desk: Desk): Promise<Job> {
  const { call, principal } = exchange
  const queue = requireJobs(desk)
  const id = call.param('id')
  const job = isJobId(id) ? await queue.get(id) : undefined
  if (job === undefined || !maySeeJob(desk, queue, principal, job)) throw unknownJob(id)
  exchange.about({ job: job.id })
  return job
}

function unknownJob(id: string): Problem {
  return new Problem(404, 'JOB_UNKNOWN', `There is no job ${shown(id)}, or it ended long ago.`, { path: 'id' })
}

function jobReply(status: number, job: Job, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: JSON.stringify(job), contentType: 'application/json', headers }
}
