import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { MaterializeArguments } from '../../desk/jobs/job-arguments.ts'
import type { Job, JobSummary } from '../../desk/jobs/job.ts'
import { requestJob, requireJobs } from '../../desk/jobs/request-job.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { inQuery } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'

/** The part of the deadline for which a caller that waits is kept waiting. */
const WAITED_SHARE = 0.75
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

const views = z.array(z.string()).nullable().optional()
const fullBody = z.looseObject({
  start_ts: z.string().nullable().optional(),
  end_ts: z.string().nullable().optional(),
  feature_views: views,
  disable_event_timestamp: z.boolean().optional(),
})
const incrementalBody = z.looseObject({ end_ts: z.string(), feature_views: views })
const accepted = z.strictObject({ status: z.literal('accepted'), feature_views: z.array(z.string()) })
const running = z.strictObject({ error: z.string(), feature_views: z.array(z.string()) })

/**
 * Feast's `/materialize` and `/materialize-incremental`, as jobs.
 *
 * @param refusing how Feast's routes refuse
 */
export function materializeRoutes(
  desk: Desk,
  refusing: Pick<ProtocolRoute, 'refusal' | 'refuse'>,
): readonly ProtocolRoute[] {
  const common = {
    ...refusing,
    group: 'feast',
    method: 'POST',
    scope: 'jobs:run',
    parameters: {
      async: inQuery('With true, the answer does not wait for the end', z.boolean()),
      force: inQuery('With true, also while these views are being materialized', z.boolean()),
    },
    answer: z.null(),
    otherAnswers: {
      202: { description: 'The job is in the queue or runs', body: accepted },
      409: { description: 'One of these views is being materialized', body: running },
    },
    problems: [401, 403, 404, 413, 415, 422, 429, 503, 504],
  } as const
  const description =
    'A worker does it. The answer is `null` once it has ended, or 202 when that takes longer than the server may wait.'
  return [
    {
      ...common,
      id: 'feastMaterialize',
      path: '/materialize',
      summary: 'Compute and publish the rows of a range of time',
      description,
      body: fullBody,
      handle: async (exchange) => materialize(exchange, desk, rangeOf(await exchange.object(), 'full')),
    },
    {
      ...common,
      id: 'feastMaterializeIncremental',
      path: '/materialize-incremental',
      summary: 'Compute and publish what is missing',
      description,
      body: incrementalBody,
      handle: async (exchange) => materialize(exchange, desk, rangeOf(await exchange.object(), 'incremental')),
    },
  ]
}

async function materialize(exchange: Exchange, desk: Desk, asked: MaterializeArguments): Promise<Answer> {
  const queue = requireJobs(desk)
  const { principal, call } = exchange
  const begun = performance.now()
  for (const view of asked.views ?? []) desk.catalog.view(view, principal)
  const flags = call.query()
  const of = asked.views ?? desk.catalog.viewsFor(principal).map(({ name }) => name)
  if (!isTrue(flags['force'])) {
    const open = await queue.list({ kinds: ['materialize'], states: ['queued', 'running'], limit: 1000 })
    const busy = of.filter((view) => open.some((job) => isAbout(job, view)))
    if (busy.length > 0)
      return json(409, { error: `Materialization is already running for: ${busy.join(', ')}`, feature_views: busy })
  }
  const { job } = await requestJob(desk, principal, { kind: 'materialize', arguments: asked })
  exchange.about({ views: of, job: job.id })
  const location = { location: `v1/jobs/${job.id}` }
  if (isTrue(flags['async'])) return json(202, { status: 'accepted', feature_views: of }, location)
  const until = begun + desk.limits.deadlineMs * WAITED_SHARE
  for (let pause = FIRST_PAUSE_MS; performance.now() + pause < until; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    await sleep(pause)
    exchange.check()
    const now = await queue.get(job.id)
    if (now?.state === 'succeeded') return 'null'
    if (now === undefined || now.endedAt !== null) throw notDone(now ?? job)
  }
  return json(202, { status: 'accepted', feature_views: of }, location)
}

/** The arguments of a job, from the body of either route. What Feast also sends there means nothing here. */
function rangeOf(body: Readonly<Record<string, unknown>>, kind: 'full' | 'incremental'): MaterializeArguments {
  const { feature_views: wanted, version, disable_event_timestamp: everything } = body
  if (wanted !== undefined && wanted !== null && !isTexts(wanted))
    throw invalid('feature_views', 'must be a list of names, or null', wanted)
  if (version !== undefined && version !== null) {
    const detail = 'Views have no numbered versions here. Leave version out.'
    throw new Problem(404, 'VIEW_VERSION_UNKNOWN', detail, { path: 'version' })
  }
  const of = isTexts(wanted) && wanted.length > 0 ? { views: wanted } : {}
  if (kind === 'full' && everything === true) return of
  const to = instant(body['end_ts'], 'end_ts')
  // Feast's callers say `now`, and their clocks may be ahead of this one. All that is closed is up to now.
  const end = Date.parse(to) >= Date.now() ? {} : { to }
  if (kind === 'incremental') return { ...of, ...end }
  const from = instant(body['start_ts'], 'start_ts')
  if (Date.parse(from) >= Date.parse(to)) throw invalid('start_ts', 'must be before end_ts', from)
  return { ...of, from, ...end }
}

/** An instant of Feast, which is UTC where it names no zone. */
function instant(given: unknown, path: string): string {
  if (typeof given === 'string') {
    const text = given.trim().replace(' ', 'T')
    const zoned = /[Zz]$|[+-]\d\d:?\d\d$/.test(text.slice(10))
      ? text
      : `${text.length === 10 ? `${text}T00:00:00` : text}Z`
    if (instants.safeParse(zoned).success && /^(?!0000)[^.]*(?:\.\d{1,6}\D.*)?$/.test(zoned)) return zoned
  }
  throw invalid(path, 'must be an instant such as 2026-01-31T06:00:00+00:00', given)
}

const instants = z.iso.datetime({ offset: true })

function isAbout({ arguments: given }: JobSummary, view: string): boolean {
  return !('views' in given) || !isTexts(given.views) || given.views.includes(view)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isTrue(values: readonly string[] | undefined): boolean {
  return values?.[0]?.toLowerCase() === 'true' || values?.[0] === '1'
}

function notDone({ id, state, error }: Job): Problem {
  const why = error === null ? '' : `: ${error.code === null ? '' : `${error.code}: `}${error.message}`
  return new Problem(422, 'JOB_FAILED', `Job ${id} ${state === 'cancelled' ? 'was cancelled' : 'has failed'}${why}`)
}

function invalid(path: string, what: string, given: unknown): Problem {
  return new Problem(400, 'FIELD_INVALID', `${path} ${what}, not ${shown(given)}.`, { path })
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: JSON.stringify(body), contentType: 'application/json', headers }
}
