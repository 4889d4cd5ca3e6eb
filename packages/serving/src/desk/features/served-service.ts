import { nameIn, type KeptValue, type ServicePlan, type VectorField } from '@martlet/feature-store'
import { nearestName, sameType, typeText, type ColumnType } from '@martlet/warehouse'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import type { KeptAnswers } from './kept/kept-answers.ts'
import { keyReader } from './key-reader.ts'
import { prepareRead, type OpenReader, type PreparedRead } from './prepared-read.ts'
import { requestReader } from './request-reader.ts'
import { subsetOf } from './service-parts.ts'

/** A feature (`view__feature`) as a model was registered with it. */
export interface ModelField {
  readonly field: string
  readonly type: ColumnType
  /** What it was trained with where the feature was missing. */
  readonly default?: KeptValue
}

/** Some features of a service. */
export interface Selection {
  /** Undefined when it has to be prepared first. */
  readonly read: PreparedRead | undefined
  /** Takes a millisecond or two for several hundred features. */
  prepare(): PreparedRead
}

export interface ServedService extends PreparedRead {
  /**
   * The read for some features, in the service's own order. The least recently used reads are dropped.
   *
   * @param features `features` of a body
   * @throws Problem when it is not a list of features of this service
   */
  select(features: unknown): Selection
  /** Why this service cannot give these fields; undefined when it can. */
  misfit(fields: readonly ModelField[]): string | undefined
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

interface ServiceParts {
  readonly open: OpenReader
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly kept?: KeptAnswers | undefined
}

export function servedService(plan: ServicePlan, { open, limits, metrics, kept }: ServiceParts): ServedService {
  const readers = { keys: keyReader(plan, limits), request: requestReader(plan, limits) }
  const whole = prepareRead(plan, open, readers, { kept })
  const known = new Map(whole.fields.map((field) => [field.name, field]))
  // A model that reads an on-demand feature needs what that one is computed from.
  const readable = new Map([...known, ...inputsOf(plan).map((input) => [input.name, input] as const)])
  const subsets = new Map<string, PreparedRead>()

  function keep(key: string, names: ReadonlySet<string>): PreparedRead {
    const prepared = prepareRead(subsetOf(plan, names), open, readers, { kept })
    subsets.set(key, prepared)
    for (const [oldest, { writer }] of subsets) {
      if (subsets.size <= limits.preparedSubsets) break
      subsets.delete(oldest)
      // Its counts must not be lost with it.
      writer.flush(metrics)
    }
    return prepared
  }

  return {
    ...whole,
    select(features) {
      const names = checkedNames(features, plan, known)
      if (names.size === known.size) return { read: whole, prepare: () => whole }
      const key = [...known.keys()].filter((name) => names.has(name)).join('\n')
      const found = subsets.get(key)
      if (found === undefined) return { read: undefined, prepare: () => subsets.get(key) ?? keep(key, names) }
      subsets.delete(key)
      subsets.set(key, found)
      return { read: found, prepare: () => found }
    },
    misfit: (fields) => misfitOf(fields, plan, readable),
    flush() {
      for (const writer of [whole.writer, ...[...subsets.values()].map((part) => part.writer)]) writer.flush(metrics)
    },
  }
}

type KnownFields = ReadonlyMap<string, Pick<VectorField, 'type'>>

function inputsOf({ views, onDemand = [] }: ServicePlan): readonly Pick<VectorField, 'name' | 'type'>[] {
  const lookups = views.flatMap(({ via }) =>
    (via?.features ?? []).flatMap((name) => {
      const feature = via?.view.features.find((one) => one.name === name)
      return via === undefined || feature === undefined ? [] : [{ name: `${nameIn(via)}__${name}`, type: feature.type }]
    }),
  )
  return [...lookups, ...onDemand.flatMap((part) => part.plan.inputs)]
}

function checkedNames(features: unknown, plan: ServicePlan, known: KnownFields): ReadonlySet<string> {
  if (!Array.isArray(features)) {
    const detail = `features must be an array of names, not ${shown(features)}.`
    throw new Problem(400, 'FEATURES_INVALID', detail, { path: 'features' })
  }
  if (features.length === 0)
    throw new Problem(400, 'FEATURES_EMPTY', 'features is empty. Leave it out to get all.', { path: 'features' })
  const names = new Set<string>()
  for (const [index, name] of features.entries()) {
    const path = `features[${index}]`
    if (typeof name !== 'string')
      throw new Problem(400, 'FEATURES_INVALID', `${path} must be a string, not ${shown(name)}.`, { path })
    if (!known.has(name)) throw unknownFeature(plan, name, known.keys(), path)
    if (names.has(name)) throw new Problem(400, 'FEATURES_REPEATED', `${path} repeats ${name}.`, { path })
    names.add(name)
  }
  return names
}

function misfitOf(fields: readonly ModelField[], plan: ServicePlan, known: KnownFields): string | undefined {
  for (const { field: name, type } of fields) {
    const now = known.get(name)?.type
    if (now === undefined)
      return `service ${plan.name} no longer has the feature ${name}. Register the model again on the present service`
    if (!sameType(now, type)) {
      const registered = `the model was registered with ${typeText(type)}`
      return `feature ${name} of service ${plan.name} is now ${typeText(now)}, but ${registered}`
    }
  }
  return undefined
}

function unknownFeature(plan: ServicePlan, name: string, known: Iterable<string>, path: string): Problem {
  const suggestion = nearestName(name, known)
  const hint =
    suggestion === undefined
      ? `GET /v1/catalog/services/${plan.name} lists its features.`
      : `Did you mean ${suggestion}?`
  return new Problem(400, 'FEATURE_UNKNOWN', `${path}: service ${plan.name} has no feature ${shown(name)}. ${hint}`, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
