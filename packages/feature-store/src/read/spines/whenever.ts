import { durationMicros, type Duration } from '../../define/duration.ts'
import type { Predicate } from '../../define/features/measure.ts'
import { planWhere } from '../../define/features/measure.ts'
import { invalid, type Place } from '../../define/invalid-definition.ts'
import type { Row } from '../../define/sources/columns.ts'
import type { AnyEntity } from '../../define/sources/entity.ts'
import type { Fact } from '../../define/sources/fact.ts'
import { columnNamed, entityPlan } from '../../define/sources/source.ts'
import { freezeDeep } from '../../plan/canonical-json.ts'
import { sourceKeys, type EntityPlan, type FactPlan } from '../../plan/source-plan.ts'
import type { EventSpinePlan } from '../../plan/spine-plan.ts'
import { expressionColumns, isNeighbour, someExpression } from '../../vocabulary/algebra/expression-columns.ts'
import { eventColumns, neededColumns } from '../../vocabulary/sources/computed.ts'

/** A spine of the events of a fact. */
export interface EventSpine {
  readonly kind: 'whenever'
  readonly plan: EventSpinePlan
}

/** One of the fact's entities, and a sentence for others. */
type Described<A extends AnyEntity, O extends AnyEntity> = O['name'] extends A['name']
  ? O
  : `entity '${O['name']}' is not one of the entities of this fact`

export interface EventSpineSpec<R extends Row, A extends AnyEntity, O extends AnyEntity> {
  /** Only before the events for which the condition is true. */
  readonly where?: Predicate<R>
  /** How long before the event the row is. @default '0h' */
  readonly before?: Duration
  /** The entity whose keys the rows have. @default all entities of the fact */
  readonly of?: Described<A, O>
  /** Columns of the event that the rows have too, such as values of requests. */
  readonly columns?: readonly (keyof R & string)[]
}

/**
 * A spine with a row before each event of a fact, made in the warehouse. Events without one of the keys or without a
 * time make no row; two events of one entity and time make two. Throws INVALID_DEFINITION.
 *
 * @example whenever(failures, { where: (r) => r.severity.gt(2), before: '1h' })
 */
export function whenever<R extends Row, A extends AnyEntity, O extends AnyEntity = A>(
  fact: Pick<Fact<R, A>, 'kind' | 'plan' | '~row' | '~entity'>,
  spec: EventSpineSpec<R, A, O> = {},
): EventSpine {
  const place = { spine: 'whenever' }
  if (fact?.kind !== 'fact')
    throw invalid(place, 'it takes a fact, whose events have a time; use everyGrid for a dimension or a view')
  const where = planWhere(spec.where === undefined ? [] : [spec.where], fact.plan, place)
  const before = durationMicros(spec.before ?? '0h', 'before', place)
  const given: unknown = spec.of
  const { entity, source } = keysOf(fact.plan, given, place)
  const columns = [...new Set(spec.columns ?? [])]
  for (const name of columns) {
    columnNamed(eventColumns(source), name, 'fact', place)
    if (entity.keys.some((key) => key.name === name))
      throw invalid(place, `column '${name}' is a key, which the rows have anyway; leave it out`)
  }
  if (given === undefined && fact.plan.entities.length > 1) refuseNeighbours(source, [where, columns], place)
  const plan = freezeDeep({ kind: 'whenever', fact: source, entity, where, before, columns } as const)
  return Object.freeze({ kind: 'whenever', plan })
}

interface Keyed {
  readonly entity: EntityPlan
  /** The fact, which has the keys of the entity. */
  readonly source: FactPlan
}

function keysOf(fact: FactPlan, given: unknown, place: Place): Keyed {
  if (given !== undefined) {
    const { name } = entityPlan(given as AnyEntity, place)
    const entity = fact.entities.find((one) => one.name === name)
    if (entity !== undefined) return { entity, source: fact }
    const names = fact.entities.map((one) => one.name).join(', ')
    throw invalid(place, `entity '${name}' is not one of the entities of fact '${fact.table}', which are ${names}`)
  }
  const [only] = fact.entities
  if (only !== undefined && fact.entities.length === 1) return { entity: only, source: fact }
  return keysOfAll(fact, place)
}

/** The keys of all entities as those of one. */
function keysOfAll(fact: FactPlan, place: Place): Keyed {
  const keys = new Map<string, { readonly key: EntityPlan['keys'][number]; readonly column: string }>()
  for (const entity of fact.entities) {
    const columns = sourceKeys(fact, entity)
    for (const [i, key] of entity.keys.entries()) {
      const column = columns[i] ?? key.name
      const known = keys.get(key.name)
      if (known !== undefined && known.column !== column)
        throw invalid(
          place,
          `key '${key.name}' is column '${known.column}' for one entity of the fact and '${column}' for another; ` +
            'say with `of` whose keys the rows have',
        )
      keys.set(key.name, { key, column })
    }
  }
  const name = fact.entities.map((one) => one.name).join('+')
  const columns = Object.fromEntries([...keys].map(([key, { column }]) => [key, column]))
  return {
    entity: { name, keys: [...keys.values()].map(({ key }) => key) },
    source: { ...fact, keyColumns: { ...fact.keyColumns, [name]: columns } },
  }
}

function refuseNeighbours(
  fact: FactPlan,
  [where, columns]: readonly [EventSpinePlan['where'], readonly string[]],
  place: Place,
): void {
  const needed = neededColumns(fact.computed ?? [], [...columns, ...expressionColumns(where)])
  const expressions = [...(where === null ? [] : [where]), ...needed.map(({ expression }) => expression)]
  if (expressions.some((expression) => someExpression(expression, isNeighbour)))
    throw invalid(place, 'it asks for the event before, and the fact has several entities; say whose with `of`')
}
