import {
  openIntake,
  type AnyIngestSource,
  type Intake,
  type OnlineStore,
  type Taken,
  type TakenEvent,
} from '@martlet/feature-store'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { Limits } from '../limits.ts'
import { notFound } from '../not-found.ts'
import { authorize } from '../principal.ts'
import { Problem } from '../problem.ts'
import type { RequestContext } from '../request-context.ts'
import { pushMetrics } from './push-metrics.ts'
import type { SourceTails } from './source-tails.ts'

/** Events that are read between two looks at the network. */
const EVENTS_A_STEP = 256

/** Where callers push events to. */
export interface PushDesk {
  readonly sources: ReadonlyMap<string, AnyIngestSource>
  /**
   * Refuses more events than one request may have, before they are made.
   *
   * @throws Problem `TOO_MANY_EVENTS` (413)
   */
  checkCount(events: number): void
  /**
   * Takes events of a source: those that are valid and new, and the others into the quarantine. Durable when it resolves.
   *
   * @param bodies the bytes of each event
   * @throws Problem `SOURCE_UNKNOWN` or `NO_PUSH` (404), `NAME_NOT_ALLOWED` (403), `TOO_MANY_EVENTS` (413)
   */
  push(context: RequestContext, source: string, bodies: readonly Uint8Array[]): Promise<Taken>
}

interface Parts {
  readonly sources: readonly AnyIngestSource[]
  readonly online: OnlineStore
  readonly tails: SourceTails
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly now: () => bigint
}

export function pushDesk({ sources, online, tails, limits, metrics, now }: Parts): PushDesk {
  const { events: store } = online
  const measured = pushMetrics(metrics)
  const byName = new Map(sources.map((source) => [source.name, source]))
  const intakes = new Map<string, Intake>()

  function intakeOf(name: string): Intake {
    const known = intakes.get(name)
    if (known !== undefined) return known
    const source = byName.get(name)
    if (source === undefined) throw notFound('source', name, byName.keys())
    if (store === undefined) {
      const detail = `The online store (${online.kind}) of this server takes no events.`
      throw new Problem(404, 'NO_PUSH', detail)
    }
    const made = openIntake(source.plan, store, () => tails(source.plan))
    intakes.set(name, made)
    return made
  }

  async function read(context: RequestContext, intake: Intake, bodies: readonly Uint8Array[]): Promise<TakenEvent[]> {
    const arrived = now()
    const came = { arrived, origin: () => 'push' }
    if (bodies.length <= EVENTS_A_STEP)
      return [
        ...intake.read(
          bodies.map((body) => ({ body })),
          came,
        ),
      ]
    const work = context.begin()
    try {
      const events: TakenEvent[] = []
      for (let from = 0; from < bodies.length; from += EVENTS_A_STEP) {
        await work.turn()
        context.check()
        const step = bodies.slice(from, from + EVENTS_A_STEP).map((body) => ({ body }))
        events.push(...intake.read(step, came))
      }
      return events
    } finally {
      work.end()
    }
  }

  function checkCount(events: number): void {
    if (events <= limits.eventsPerRequest) return
    const detail = `The body has ${events} events; the limit is ${limits.eventsPerRequest}. Send fewer in each request.`
    throw new Problem(413, 'TOO_MANY_EVENTS', detail)
  }

  return {
    sources: byName,
    checkCount,
    async push(context, name, bodies) {
      authorize(context.principal, 'events:push', 'source', name)
      const intake = intakeOf(name)
      checkCount(bodies.length)
      const events = await read(context, intake, bodies)
      const begun = performance.now()
      const taken = await intake.append(events)
      measured.append.observe({ source: name }, (performance.now() - begun) / 1000)
      measured.events.inc({ source: name, outcome: 'accepted' }, taken.accepted)
      measured.events.inc({ source: name, outcome: 'repeated' }, taken.repeated)
      measured.events.inc({ source: name, outcome: 'rejected' }, taken.rejected.length)
      context.about({ source: name, rows: bodies.length })
      context.trace?.note({ 'martlet.source': name, 'martlet.events': bodies.length })
      return taken
    },
  }
}
