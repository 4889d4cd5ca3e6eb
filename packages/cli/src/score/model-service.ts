import {
  nameIn,
  revisionWithHash,
  serviceRequest,
  vectorFields,
  type AnyFeatureService,
  type Catalog,
  type Defaults,
  type KeptValue,
  type ServicePlan,
  type ServiceView,
} from '@martlet/feature-store'
import type { ModelVersion } from '@martlet/registry'
import { MartletError, sameType } from '@martlet/warehouse'

/**
 * The service of a version by the definitions that it was trained on: those of views that have changed come from the
 * catalog.
 * @throws MartletError MODEL_SERVICE_CHANGED when they cannot feed the model any more
 */
export async function serviceOfModel(
  catalog: Catalog,
  { plan }: AnyFeatureService,
  version: ModelVersion,
): Promise<ServicePlan> {
  const { definitionHashes, signature } = version
  const read = new Set(signature.fields.map(({ field }) => field))
  const views = await Promise.all(
    plan.views.map(async ({ defaults: _, ...given }) => {
      const name = nameIn(given)
      const defaults = defaultsOf(version, name)
      const part: ServiceView = defaults === undefined ? given : { ...given, defaults }
      const hash = definitionHashes[name]
      if (hash === undefined || hash === part.view.hash) return part
      const trained = await revisionWithHash(catalog.db, hash)
      if (trained === undefined)
        throw changed(
          version,
          `view ${part.view.name} has changed since, and its definition of then was never applied here`,
        )
      const has = (feature: string): boolean => trained.features.some(({ name }) => name === feature)
      return { ...part, view: trained, features: part.features.filter(has) }
    }),
  )
  for (const { plan: computed } of plan.onDemand ?? []) {
    const hash = definitionHashes[computed.name]
    if (hash === undefined || hash === computed.hash) continue
    if ([...read].some((field) => field.startsWith(`${computed.name}__`)))
      throw changed(version, `on-demand feature ${computed.name} is computed differently now`)
  }
  const service: ServicePlan = { ...plan, views }
  const has = new Map(vectorFields(service).map((field) => [field.name, field]))
  for (const { field, type } of signature.fields) {
    const now = has.get(field)
    if (now === undefined) throw changed(version, `service ${plan.name} no longer has ${field}`)
    if (!sameType(now.type, type)) throw changed(version, `${field} has another type now`)
  }
  return service
}

/** The defaults that a model was trained with, of the features of one view, whatever its service says now. */
function defaultsOf({ signature }: ModelVersion, view: string): Defaults | undefined {
  const given = signature.fields.flatMap(({ field, default: value }): [string, KeptValue][] =>
    value !== undefined && field.startsWith(`${view}__`) ? [[field.slice(view.length + 2), value]] : [],
  )
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** The columns of a spine that features need: keys, time, and values of requests. */
export function neededColumns(service: ServicePlan, keys: readonly string[], time: string): readonly string[] {
  return [...new Set([...keys, time, ...serviceRequest(service).map(({ name }) => name)])]
}

function changed({ model, version, service }: ModelVersion, why: string): MartletError {
  return new MartletError(
    'MODEL_SERVICE_CHANGED',
    `Version ${version} of model ${model} cannot be fed by service ${service.name}: ${why}. ` +
      'Score with a version that was trained on the present definitions, or with the definitions of then.',
    { data: { model, version } },
  )
}
