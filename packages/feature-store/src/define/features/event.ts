import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import type { EntityPlan, EventsPlan } from '../../plan/source-plan.ts'
import type { Row } from '../sources/columns.ts'
import type { AnyEntity } from '../sources/entity.ts'
import type { Fact } from '../sources/fact.ts'
import { expressionColumns, isNeighbour, someExpression } from '../../vocabulary/algebra/expression-columns.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkName } from '../names.ts'
import { planWhere, type Predicate } from './measure.ts'

/** Events of an entity that something is counted from. */
export interface Anchor<N extends string, E extends AnyEntity> {
  readonly kind: 'event'
  readonly name: N
  readonly '~entity'?: E
  plan(place: Place): AnchorPlan
}

export type AnyAnchor = Anchor<string, AnyEntity>

export interface EventOptions<R> {
  /** Only the events for which the condition is true. */
  readonly where?: Predicate<R>
}

/**
 * Names events that windows and ages are counted from: `f.sum('km').since(service)`, `f.age(service)`.
 *
 * @example const service = event('service', services, { where: (r) => r.kind.eq('major') })
 */
export function event<const N extends string, R extends Row, E extends AnyEntity>(
  name: N,
  fact: Pick<Fact<R, E>, 'kind' | 'plan' | '~row' | '~entity'>,
  options: EventOptions<R> = {},
): Anchor<N, E> {
  return Object.freeze({
    kind: 'event',
    name,
    plan: (place) => anchorPlan(name, fact?.plan, options, place),
  } satisfies Anchor<N, E>)
}

function anchorPlan<R>(
  name: string,
  fact: EventsPlan | undefined,
  { where }: EventOptions<R>,
  place: Place,
): AnchorPlan {
  checkName(name, 'the name of an event', place)
  if (fact?.kind !== 'fact') throw invalid(place, `event '${name}' must be of a fact, like event('service', services)`)
  const condition = planWhere(where === undefined ? [] : [where], fact, place)
  const unknown = expressionColumns(condition).find((column) => !fact.columns.some((one) => one.name === column))
  if (unknown !== undefined)
    throw invalid(
      place,
      `the condition of event '${name}' is about '${unknown}', which is computed; use columns of the table`,
    )
  if (condition !== null && someExpression(condition, isNeighbour))
    throw invalid(place, `the condition of event '${name}' is about the event before; use columns of the table`)
  return { name, fact, where: condition }
}

/** The plan of an anchor, which callers without types may get wrong. */
export function planAnchor(anchor: unknown, what: string, place: Place): AnchorPlan {
  if (isAnchor(anchor)) return anchor.plan(place)
  throw invalid(place, `${what} takes an event, like event('service', services)`)
}

function isAnchor(given: unknown): given is AnyAnchor {
  return typeof given === 'object' && given !== null && 'kind' in given && given.kind === 'event'
}

/** Refuses an anchor whose events do not describe the entity of the view. */
export function checkAnchor({ name, fact }: AnchorPlan, entity: EntityPlan, place: Place): void {
  if (fact.entities.some((one) => one.name === entity.name)) return
  const described = fact.entities.map((one) => one.name).join(', ')
  throw invalid(
    place,
    `event '${name}' is of fact '${fact.table}', which describes ${described}, not entity '${entity.name}'`,
  )
}
