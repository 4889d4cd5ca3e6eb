import { serviceKeys, vectorFields } from '@martlet/feature-store'
import type {
  MaybePromise,
  OnlineReader,
  OnlineVectors,
  ServicePlan,
  StoredRows,
  VectorField,
  ViewPlan,
} from '@martlet/feature-store'
import { nearestName, sameType, type ColumnType } from '@martlet/warehouse'
import type { Limits } from '../http/limits.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import { keyReader, type EntityKey, type KeyReader } from './entity-keys.ts'
import { vectorWriter, type VectorWriter } from './vector-writer.ts'

/** A feature (`view__feature`) as a model was registered with it. */
export interface ModelField {
  readonly field: string
  readonly type: ColumnType
}

/** Where the rows of a view are, if not under its own name. */
export type StoredAt = (view: ViewPlan) => StoredRows | undefined

export type OpenReader = (service: ServicePlan, stored?: StoredAt) => OnlineReader

/** One service (or some of its features), prepared: everything that can be decided before a request is. */
export interface PreparedRead {
  readonly plan: ServicePlan
  readonly fields: readonly VectorField[]
  readonly keys: KeyReader
  /** Reads with checked keys; those of a whole service do for a part of it. */
  read(keys: readonly EntityKey[], now: bigint): MaybePromise<OnlineVectors>
  readonly writer: VectorWriter
}

/** Some features of a service. */
export interface Selection {
  /** Undefined when it has to be prepared first. */
  readonly read: PreparedRead | undefined
  /** Takes a millisecond or two for some hundred features. */
  prepare(): PreparedRead
}

export interface ServedService extends PreparedRead {
  /** Looks up the read for `features` of a body, in the service's own order; the least recently used are forgotten. */
  select(features: unknown): Selection
  /** Why these fields are not to be had from this service; undefined when they are. */
  misfit(fields: readonly ModelField[]): string | undefined
  /** Moves what was counted since the last call into the metrics. */
  flush(): void
}

export function servedService(
  plan: ServicePlan,
  open: OpenReader,
  limits: Limits,
  metrics: ServingMetrics,
): ServedService {
  const whole = prepare(plan, open, keyReader(plan, limits))
  const known = new Map(whole.fields.map((field) => [field.name, field]))
  const subsets = new Map<string, PreparedRead>()

  function check(features: unknown): ReadonlySet<string> {
    if (!Array.isArray(features))
      throw new Problem(400, 'FEATURES_INVALID', `features must be an array of names, not ${shown(features)}`, {
        path: 'features',
      })
    if (features.length === 0)
      throw new Problem(400, 'FEATURES_EMPTY', 'features is empty: leave it out to get all', { path: 'features' })
    const names = new Set<string>()
    for (const [index, name] of features.entries()) {
      const path = `features[${index}]`
      if (typeof name !== 'string')
        throw new Problem(400, 'FEATURES_INVALID', `${path} must be a string, not ${shown(name)}`, { path })
      if (!known.has(name)) throw unknownFeature(plan, name, known.keys(), path)
      if (names.has(name)) throw new Problem(400, 'FEATURES_REPEATED', `${path} repeats ${name}`, { path })
      names.add(name)
    }
    return names
  }

  function keep(key: string, names: ReadonlySet<string>): PreparedRead {
    const prepared = prepare(subsetOf(plan, names), open, whole.keys)
    subsets.set(key, prepared)
    for (const [oldest, { writer }] of subsets) {
      if (subsets.size <= limits.preparedSubsets) break
      subsets.delete(oldest)
      // Nothing of it is kept, whether or not anybody ever asks for the metrics.
      writer.flush(metrics)
    }
    return prepared
  }

  return {
    ...whole,
    select(features) {
      const names = check(features)
      if (names.size === known.size) return { read: whole, prepare: () => whole }
      const key = [...known.keys()].filter((name) => names.has(name)).join('\n')
      const found = subsets.get(key)
      if (found === undefined) return { read: undefined, prepare: () => subsets.get(key) ?? keep(key, names) }
      subsets.delete(key)
      subsets.set(key, found)
      return { read: found, prepare: () => found }
    },
    misfit(wanted) {
      for (const { field: name, type } of wanted) {
        const field = known.get(name)
        if (field === undefined)
          return `service ${plan.name} no longer has the feature ${name}; register the model again on the service as it is now`
        if (!sameType(field.type, type))
          return `feature ${name} of service ${plan.name} is now ${JSON.stringify(field.type)}, the model was registered with ${JSON.stringify(type)}`
      }
      return undefined
    },
    flush() {
      for (const writer of [whole.writer, ...[...subsets.values()].map((part) => part.writer)]) writer.flush(metrics)
    },
  }
}

/** The keys stay those of the whole service, so that asking for other features never changes what keys are asked for. */
export function prepare(plan: ServicePlan, open: OpenReader, keys: KeyReader, stored?: StoredAt): PreparedRead {
  const reader = open(plan, stored)
  const needed = serviceKeys(plan).map(({ name }) => name)
  const narrow = needed.length < keys.columns.length
  return {
    plan,
    fields: vectorFields(plan),
    keys,
    read: (given, now) => reader.read(narrow ? given.map((key) => pick(key, needed)) : given, { now }),
    writer: vectorWriter(plan),
  }
}

function pick(key: EntityKey, names: readonly string[]): EntityKey {
  const picked: Record<string, EntityKey[string]> = {}
  for (const name of names) {
    const value = key[name]
    if (value !== undefined) picked[name] = value
  }
  return picked
}

function subsetOf(plan: ServicePlan, names: ReadonlySet<string>): ServicePlan {
  const views = plan.views
    .map(({ view, features }) => ({
      view,
      features: features.filter((feature) => names.has(`${view.name}__${feature}`)),
    }))
    .filter(({ features }) => features.length > 0)
  return { ...plan, views }
}

/** The service cut down to the wanted fields, in their order. */
export function inOrder(plan: ServicePlan, wanted: readonly ModelField[]): ServicePlan {
  const known = new Map(vectorFields(plan).map((field) => [field.name, field]))
  const views: { readonly view: ServicePlan['views'][number]['view']; readonly features: string[] }[] = []
  for (const { field: name } of wanted) {
    const field = known.get(name)
    const view = plan.views.find((candidate) => candidate.view.name === field?.view)?.view
    if (field === undefined || view === undefined) continue
    const last = views.at(-1)
    if (last?.view === view) last.features.push(field.feature)
    else views.push({ view, features: [field.feature] })
  }
  return { ...plan, views }
}

function unknownFeature(plan: ServicePlan, name: string, known: Iterable<string>, path: string): Problem {
  const suggestion = nearestName(name, known)
  const hint =
    suggestion === undefined
      ? `GET /v1/catalog/services/${plan.name} lists its features`
      : `did you mean ${suggestion}?`
  return new Problem(400, 'FEATURE_UNKNOWN', `${path}: service ${plan.name} has no feature ${shown(name)}; ${hint}`, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
