import { typeText } from '@martlet/warehouse'
import type { DimensionPlan, EntityPlan, SourceColumn } from '../../plan/source-plan.ts'
import type { AttributePlan, ForeignFeature } from '../../vocabulary/features/foreign.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import type { Row } from '../sources/columns.ts'
import type { Dimension } from '../sources/dimension.ts'
import type { AnyEntity, Entity } from '../sources/entity.ts'
import { columnNamed } from '../sources/source.ts'
import {
  checkDescribes,
  refuseLeaks,
  type AttributeColumn,
  type AttributeOptions,
  type AttributeValue,
  type Leaks,
} from './attribute.ts'
import { single, type Defaultable } from './features.ts'

type AnyDimension = Dimension<Row, AnyEntity, boolean>

/** The entity that an attribute names, at T. `K` is the type of the attribute. */
export interface Via<K> {
  /** A column of that entity's dimension as of T; null where either dimension has no row then. */
  attribute<D extends AnyDimension, C extends string, const O extends AttributeOptions = AttributeOptions>(
    dimension: ReachedDimension<D, K, O>,
    column: AttributeColumn<C, RowIn<D>>,
    options?: O,
  ): Defaultable<AttributeValue<RowIn<D>, C>, ''>
  /** The entity that an attribute of that entity names. */
  via<D extends AnyDimension, C extends string, const O extends AttributeOptions = AttributeOptions>(
    dimension: ReachedDimension<D, K, O>,
    column: AttributeColumn<C, RowIn<D>>,
    options?: O,
  ): Via<KeyValue<RowIn<D>, C>>
}

type RowIn<D> = D extends { readonly '~row'?: infer R } ? R : never
/** The type of an attribute that is a key. */
export type KeyValue<R, C extends string> = C extends keyof R ? NonNullable<R[C]> : never

/** The dimension when a value of type K is its entity's key, and otherwise the sentence that says why not. */
type ReachedDimension<D, K, O> =
  D extends Dimension<Row, Entity<infer N, infer Keys>, infer H>
    ? IsUnion<keyof Keys> extends true
      ? `entity '${N}' has several keys, so one column does not lead to it`
      : [K] extends [Keys[keyof Keys]]
        ? H extends true
          ? D
          : O extends { withoutHistory: 'allow' }
            ? D
            : Leaks
        : `the column that leads here is not of the type that entity '${N}' gives its key`
    : never
type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never

/** Leads from the view's entity to the entity that one of its attributes names. */
export function via(entity: EntityPlan) {
  return <K>(dimension: AnyDimension | string | undefined, column: string, options?: AttributeOptions): Via<K> =>
    viaOf(entity, [{ dimension, column, options }])
}

/** A step as it was written; it is checked when the name of the feature is known. */
interface Step {
  readonly dimension: AnyDimension | string | undefined
  readonly column: string
  readonly options: AttributeOptions | undefined
}

function viaOf<K>(entity: EntityPlan, steps: readonly Step[]): Via<K> {
  return Object.freeze({
    attribute: <V>(dimension: AnyDimension | string | undefined, column: string, options?: AttributeOptions) =>
      single<V>((name, place) => foreignFeature(entity, steps, { dimension, column, options }, name, place)),
    via: <L>(dimension: AnyDimension | string | undefined, column: string, options?: AttributeOptions): Via<L> =>
      viaOf(entity, [...steps, { dimension, column, options }]),
  })
}

function foreignFeature(
  entity: EntityPlan,
  steps: readonly Step[],
  last: Step,
  name: string,
  place: Place,
): ForeignFeature {
  const path: AttributePlan[] = []
  let before: { readonly table: string; readonly column: SourceColumn } | undefined
  for (const { dimension, column, options } of [...steps, last]) {
    if (typeof dimension !== 'object' || dimension.kind !== 'dimension')
      throw invalid(place, 'via() and its attribute() take a dimension and a column of it')
    const { plan } = dimension
    if (before === undefined) checkDescribes(plan, entity, place)
    else checkLeads(before, plan, place)
    before = { table: plan.table, column: columnNamed(plan.columns, column, 'dimension', place) }
    refuseLeaks(plan, column, options, place)
    path.push({ dimension: plan, column })
  }
  const end = path.pop()
  if (end === undefined || before === undefined) throw invalid(place, 'it has no column')
  return { kind: 'foreign', name, type: before.column.type, nullable: true, ...end, via: path }
}

/** Refuses a dimension to whose entity the column does not lead. */
function checkLeads(
  { table, column }: { readonly table: string; readonly column: SourceColumn },
  { entity }: DimensionPlan,
  place: Place,
): void {
  const [key, more] = entity.keys
  if (key === undefined || more !== undefined)
    throw invalid(place, `entity '${entity.name}' has several keys, so column '${column.name}' does not lead to it`)
  const [here, there] = [typeText(column.type), typeText(key.type)]
  if (here === there) return
  throw invalid(
    place,
    `column '${column.name}' of '${table}' is ${here}, and key '${key.name}' of entity '${entity.name}' ${there}, so it ` +
      `does not lead there`,
  )
}
