import type { FeatureReference } from '../../desk/features/ad-hoc-plan.ts'
import type { GivenColumns } from '../../desk/features/asked-columns.ts'
import { isObject } from '../../desk/json/json-object.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'

/** A body of /get-online-features, of which only the values of entities are still to be read. */
export interface OnlineFeaturesRequest {
  readonly wanted: { readonly service: string } | { readonly features: readonly FeatureReference[] }
  readonly entities: GivenColumns
  readonly fullNames: boolean
}

/**
 * Fields that are not known are ignored, as Feast's server does: its clients send some that change nothing here.
 *
 * @throws Problem `FIELD_INVALID`, `FEATURES_INVALID`, `FEATURES_EMPTY`, `FEATURES_REPEATED` (400) or `VIEW_VERSION_UNKNOWN` (404)
 */
export function readRequest(body: Readonly<Record<string, unknown>>): OnlineFeaturesRequest {
  const { entities, features, feature_service: service, full_feature_names: fullNames } = body
  if (!isObject(entities)) throw invalid('entities', 'an object of arrays', entities)
  if (fullNames !== undefined && fullNames !== null && typeof fullNames !== 'boolean')
    throw invalid('full_feature_names', 'true or false', fullNames)
  const common = { entities, fullNames: fullNames === true }
  if (service === undefined || service === null) return { ...common, wanted: { features: referencesOf(features) } }
  if (typeof service !== 'string') throw invalid('feature_service', 'a string', service)
  return { ...common, wanted: { service } }
}

function invalid(path: string, expected: string, given: unknown): Problem {
  return new Problem(400, 'FIELD_INVALID', `${path} must be ${expected}, not ${shown(given)}.`, { path })
}

function referencesOf(features: unknown): readonly FeatureReference[] {
  const path = 'features'
  if (!Array.isArray(features)) {
    const detail = `features must be an array of view:feature, not ${shown(features)}. Or name a feature_service.`
    throw new Problem(400, 'FEATURES_INVALID', detail, { path })
  }
  if (features.length === 0)
    throw new Problem(400, 'FEATURES_EMPTY', 'features is empty. Name some view:feature, or a feature_service.', {
      path,
    })
  const seen = new Set<unknown>()
  return features.map((text: unknown, index) => {
    const reference = referenceOf(text, `features[${index}]`)
    const name = `${reference.view}:${reference.feature}`
    if (seen.has(name)) {
      const detail = `${reference.path} repeats ${shown(text)}.`
      throw new Problem(400, 'FEATURES_REPEATED', detail, { path: reference.path })
    }
    seen.add(name)
    return reference
  })
}

const REFERENCE = /^([^:@\s]{1,256})(?:@([^:@\s]{1,20}))?:([^:@\s]{1,256})$/

function referenceOf(text: unknown, path: string): FeatureReference {
  const [, view, version, feature] = (typeof text === 'string' ? REFERENCE.exec(text) : null) ?? []
  if (view === undefined || feature === undefined) {
    const detail = `${path} must be view:feature, such as "customer_usage:kwh_7d", not ${shown(text)}.`
    throw new Problem(400, 'FEATURES_INVALID', detail, { path })
  }
  if (version !== undefined && version !== 'latest') {
    const detail =
      `${path}: version ${shown(version)} of view ${shown(view)} does not exist, ` +
      `because a view is served as it was applied last. Leave out @${version}.`
    throw new Problem(404, 'VIEW_VERSION_UNKNOWN', detail, { path })
  }
  return { view, feature, path }
}
