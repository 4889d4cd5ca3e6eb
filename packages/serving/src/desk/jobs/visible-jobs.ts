import type { Desk } from '../desk.ts'
import type { Principal } from '../principal.ts'
import { isBuiltIn, type AskedJob } from './checked-job.ts'
import type { JobNames } from './job-names.ts'
import type { JobQueue, KnownMonitor } from './job-queue.ts'
import type { JobSummary } from './job.ts'

type Of = Pick<Desk, 'catalog' | 'models'>

/** Whether a caller may see everything, and so whatever a job is about. */
export function seesAll(principal: Principal): boolean {
  return principal.seesEvery('service') && principal.seesEvery('model')
}

/** What a caller may name: the definitions, models, training sets and monitors that it may see. */
export function namesFor(desk: Of, { known }: JobQueue, principal: Principal): JobNames {
  return {
    views: () => desk.catalog.viewsFor(principal).map(({ name }) => name),
    models: async () => {
      const models = (await desk.models?.source.models()) ?? []
      return models.flatMap(({ name }) => (principal.maySee('model', name) ? [name] : []))
    },
    trainingSets: () =>
      known.trainingSets.flatMap(({ name, service }) => (principal.maySee('service', service) ? [name] : [])),
    monitors: () =>
      known.monitors.flatMap((monitor) => (maySeeMonitor(desk, principal, monitor) ? [monitor.name] : [])),
  }
}

/** Whether a caller may see a job: it may see all that the job names. */
export function maySeeJob(desk: Of, queue: JobQueue, principal: Principal, job: JobSummary): boolean {
  if (seesAll(principal)) return true
  const names = namesFor(desk, queue, principal)
  const asked = askedOf(job)
  // What a job of the project reads is not known here.
  if (!isBuiltIn(asked)) return false
  switch (asked.kind) {
    case 'materialize': {
      const visible = new Set(names.views())
      return asked.arguments.views?.every((view) => visible.has(view)) ?? principal.seesEvery('service')
    }
    case 'training-set':
      return [...names.trainingSets()].includes(asked.arguments.name)
    case 'score': {
      const { model, of, spine } = asked.arguments
      if (!principal.maySee('model', model)) return false
      return of === undefined ? spine === undefined || principal.seesEvery('service') : [...names.views()].includes(of)
    }
    case 'drift': {
      const { monitor } = asked.arguments
      return monitor !== undefined && [...names.monitors()].includes(monitor)
    }
  }
}

/**
 * The job as this caller may ask for it: one about everything becomes one about what the caller may see. Undefined when
 * that cannot be said.
 */
export function narrowed(desk: Of, principal: Principal, job: AskedJob): AskedJob | undefined {
  if (seesAll(principal)) return job
  if (!isBuiltIn(job)) return undefined
  if (job.kind === 'materialize' && job.arguments.views === undefined && !principal.seesEvery('service')) {
    const views = desk.catalog.viewsFor(principal).map(({ name }) => name)
    return views.length === 0 ? undefined : { kind: job.kind, arguments: { ...job.arguments, views } }
  }
  if (job.kind === 'drift' && job.arguments.monitor === undefined) return undefined
  // The keys of a table are nobody's definitions.
  if (job.kind === 'score' && job.arguments.spine !== undefined && !principal.seesEvery('service')) return undefined
  return job
}

function maySeeMonitor(desk: Of, principal: Principal, { service, view, model }: KnownMonitor): boolean {
  if (service !== undefined) return principal.maySee('service', service)
  if (model !== undefined) return principal.maySee('model', model)
  if (view !== undefined) return desk.catalog.viewsFor(principal).some(({ name }) => name === view)
  return seesAll(principal)
}

/** The arguments of a stored job were checked when it was asked for. */
function askedOf(job: JobSummary): AskedJob {
  return job as AskedJob
}
