import { createHash } from 'node:crypto'
import {
  featureTable,
  type ServicePlan,
  type ServiceView,
  type StoredDefinition,
  type ViewPlan,
  type ViewState,
} from '@martlet/feature-store'
import { bytesField, integerField, message, textField } from '@martlet/registry/protobuf'
import type { ColumnType } from '@martlet/warehouse'
import { feastEntities, type FeastEntities, type FeastEntity } from './entities.ts'
import { mapFields, textFields, timeField } from './proto.ts'
import { valueTypeOf } from './value-types.ts'

type Stored<Plan> = Pick<StoredDefinition, 'description' | 'owner' | 'tags' | 'appliedAt' | 'hash'> & {
  readonly plan: Plan
}

/** Where Feast could read the rows of views for training. */
export interface SnowflakeTables {
  readonly database: string
}

/** What a registry file says. */
export interface FeastRegistry {
  readonly project: string
  readonly views: readonly (Stored<ViewPlan> & { readonly state: ViewState })[]
  readonly services: readonly Stored<ServicePlan>[]
  /** Undefined: the warehouse is not one that Feast reads tables of, so views have no source there. */
  readonly snowflake: SnowflakeTables | undefined
}

/**
 * A registry of Feast: the bytes of a `feast.core.Registry`, as its file registry holds them. The same definitions give the
 * same bytes.
 */
export function feastRegistry(registry: FeastRegistry): Uint8Array {
  const { project, views, services } = registry
  const entities = feastEntities(views.map(({ plan }) => plan))
  const applied = [...views, ...services].map(({ appliedAt }) => microsOf(appliedAt))
  const updated = applied.reduce((newest, one) => (one > newest ? one : newest), 0n)
  const oldest = applied.reduce((first, one) => (one < first ? one : first), updated)
  return message(
    ...entities.all.map((entity) => bytesField(1, entityMessage(entity, project, oldest))),
    textField(3, '1'),
    textField(4, versionOf(registry)),
    timeField(5, updated),
    ...views.map((view) => bytesField(6, viewMessage(view, entities, registry))),
    ...services.map((service) => bytesField(7, serviceMessage(service, project))),
    ...views.flatMap(({ plan }) => sourceFields(12, plan, registry)),
    bytesField(17, message(bytesField(1, message(textField(1, project))), bytesField(2, times(oldest, updated)))),
  )
}

function entityMessage({ name, joinKey, type }: FeastEntity, project: string, at: bigint): Uint8Array {
  const spec = message(
    textField(1, name),
    ...(type === null ? [] : [integerField(2, valueTypeOf(type))]),
    textField(4, joinKey),
    textField(9, project),
  )
  return message(bytesField(1, spec), bytesField(2, times(at, at)))
}

function viewMessage(
  { plan, state, description, owner, tags, appliedAt }: FeastRegistry['views'][number],
  entities: FeastEntities,
  registry: FeastRegistry,
): Uint8Array {
  const own = entities.of(plan)
  const spec = message(
    textField(1, plan.name),
    textField(2, registry.project),
    ...own.map(({ name }) => textField(3, name)),
    ...plan.features.map(({ name, type }) => bytesField(4, fieldMessage(name, type))),
    ...mapFields(5, { ...tagsOf(tags), ...martletTags(plan) }),
    // Zero is without end, as no ttl is.
    timeField(6, BigInt(plan.ttl ?? 0)),
    ...sourceFields(7, plan, registry),
    integerField(8, 1),
    ...textFields(10, description),
    ...textFields(11, owner),
    ...own.map(({ joinKey, type }) => bytesField(12, fieldMessage(joinKey, type ?? 'text'))),
  )
  const { covered } = state
  const intervals =
    covered === null ? [] : [bytesField(3, message(timeField(1, covered.since), timeField(2, covered.watermark)))]
  const at = microsOf(appliedAt)
  return message(bytesField(1, spec), bytesField(2, message(times(at, at), ...intervals)))
}

function fieldMessage(name: string, type: ColumnType): Uint8Array {
  return message(textField(1, name), integerField(2, valueTypeOf(type)))
}

/** What Feast has no place for, where people look for it. */
function martletTags(plan: ViewPlan): Readonly<Record<string, string>> {
  const facts = plan.source === null ? {} : { 'martlet.source': plan.source.table }
  return { 'martlet.entity': plan.entity.name, 'martlet.table': featureTable(plan), ...facts }
}

/** `team=growth` is a tag with a value; `pii` is one without. */
function tagsOf(tags: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    tags.map((tag) => {
      const at = tag.indexOf('=')
      return at === -1 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)]
    }),
  )
}

const BATCH_SNOWFLAKE = 8

/** The table of a view as a source that Feast can read, where it can. */
function sourceFields(number: number, plan: ViewPlan, { project, snowflake }: FeastRegistry): readonly Uint8Array[] {
  if (snowflake === undefined) return []
  const [schema = '', table = ''] = featureTable(plan).split('.')
  const options = message(textField(1, table), textField(3, schema), textField(4, snowflake.database))
  return [
    bytesField(
      number,
      message(
        integerField(1, BATCH_SNOWFLAKE),
        textField(3, 'feature_time'),
        textField(17, 'feast.infra.offline_stores.snowflake_source.SnowflakeSource'),
        bytesField(19, options),
        textField(20, featureTable(plan)),
        textField(21, project),
      ),
    ),
  ]
}

function serviceMessage(
  { plan, description, owner, tags, appliedAt }: Stored<ServicePlan>,
  project: string,
): Uint8Array {
  const computed = (plan.onDemand ?? []).map(({ plan: one, features }) => {
    const named = one.features.filter(({ name }) => features.includes(name))
    return message(
      textField(1, one.name),
      ...named.map(({ name, type }) => bytesField(2, fieldMessage(name, type))),
      textField(11, 'onDemandFeatureView'),
    )
  })
  const spec = message(
    textField(1, plan.name),
    textField(2, project),
    ...plan.views.filter(({ features }) => features.length > 0).map((read) => bytesField(3, projection(read))),
    ...computed.map((one) => bytesField(3, one)),
    ...mapFields(4, tagsOf(tags)),
    ...textFields(5, description),
    ...textFields(6, owner),
  )
  const at = microsOf(appliedAt)
  return message(bytesField(1, spec), bytesField(2, times(at, at)))
}

function projection({ view, as, keys, features }: ServiceView): Uint8Array {
  const named = features.flatMap((name) => view.features.filter((feature) => feature.name === name))
  return message(
    textField(1, view.name),
    ...named.map(({ name, type }) => bytesField(2, fieldMessage(name, type))),
    ...textFields(3, as),
    ...mapFields(4, keys ?? {}),
    textField(11, 'featureView'),
  )
}

/** When something was made and last changed, as every `meta` has it. */
function times(created: bigint, updated: bigint): Uint8Array {
  return message(timeField(1, created), timeField(2, updated))
}

function microsOf(instant: string): bigint {
  return BigInt(Date.parse(instant)) * 1000n
}

/** A version in the form of a UUID that changes with the definitions. */
function versionOf({ project, views, services }: FeastRegistry): string {
  const text = JSON.stringify([project, ...[...views, ...services].map(({ plan, hash }) => [plan.name, hash])])
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
