import { nameIn, type ServicePlan, type ServiceView, type ViewPlan } from '@martlet/feature-store'
import { nearestName } from '@martlet/warehouse'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { notFound } from '../not-found.ts'
import type { Viewer } from '../principal.ts'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { subsetOf } from './service-parts.ts'

/** A feature of a view, or of an on-demand feature, asked for without a service. */
export interface FeatureReference {
  readonly view: string
  readonly feature: string
  /** Its place in the request, such as `features[3]`. */
  readonly path: string
}

/** No service can have this name: names of definitions have no hyphen. It is the service of ad hoc reads in the metrics. */
const AD_HOC = 'ad-hoc'

type Parts = Pick<LiveCatalog, 'views' | 'services'>

/** Where the features of one name come from. */
export type Owner =
  | { readonly kind: 'view'; readonly view: ViewPlan }
  | { readonly kind: 'on-demand'; readonly service: ServicePlan }

/**
 * The view that a feature is of, or a service that computes it on demand: the first one by name that the caller may see.
 *
 * @throws Problem `VIEW_UNKNOWN` (404), also when the caller may see no service that reads it
 */
export function ownerOf({ view: name, feature, path }: FeatureReference, catalog: Parts, caller: Viewer): Owner {
  const view = catalog.views.get(name)
  const visible = servicesFor(catalog, caller)
  if (view !== undefined && (caller.maySee('view', view.name) || visible.some((service) => reads(service, view))))
    return { kind: 'view', view }
  const computing = visible.filter(({ onDemand = [] }) => onDemand.some(({ plan }) => plan.name === name))
  const service = computing.find((one) => computes(one, name, feature)) ?? computing[0]
  if (service !== undefined) return { kind: 'on-demand', service }
  const role = visible.find(({ views }) => views.some((read) => read.as === name))
  if (role !== undefined) {
    const detail = `${path}: ${shown(name)} is a role in service ${role.name}. Ask for that service by feature_service.`
    throw new Problem(404, 'VIEW_UNKNOWN', detail, { path })
  }
  throw unknownView(name, path, catalog, caller, visible)
}

function unknownView(
  name: string,
  path: string,
  { views }: Parts,
  caller: Viewer,
  visible: readonly ServicePlan[],
): Problem {
  const known = [...views.values()].filter(
    (view) => caller.maySee('view', view.name) || visible.some((service) => reads(service, view)),
  )
  const { message, details } = notFound(
    'view',
    name,
    known.map((view) => view.name),
  )
  return new Problem(404, 'VIEW_UNKNOWN', `${path}: ${message}`, { ...details, path })
}

function servicesFor({ services }: Parts, caller: Viewer): readonly ServicePlan[] {
  return [...services.values()]
    .filter(({ name }) => caller.maySee('service', name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function computes({ onDemand = [] }: ServicePlan, name: string, feature: string): boolean {
  return onDemand.some(({ plan, features }) => plan.name === name && features.includes(feature))
}

/** Whether a service has features of a view by the entity that they are of. */
function reads(service: ServicePlan, view: ViewPlan): boolean {
  return service.views.some((read) => read.view.name === view.name && read.via === undefined)
}

/**
 * Refuses features that no service visible to the caller has, of views that it may not see themselves. Whoever may read some
 * services only, may read the features of those, and not the rest of their views.
 *
 * @throws Problem `NAME_NOT_ALLOWED` (403)
 */
export function authorizeFeatures(references: readonly FeatureReference[], catalog: Parts, caller: Viewer): void {
  if (caller.seesEvery('service')) return
  const allowed = allowedFeatures(servicesFor(catalog, caller))
  for (const { view, feature, path } of references) {
    if (allowed.has(`${view}:${feature}`) || caller.maySee('view', view)) continue
    const detail = `${path}: no service that this key may read has ${shown(`${view}:${feature}`)}.`
    throw new Problem(403, 'NAME_NOT_ALLOWED', detail, { path })
  }
}

function allowedFeatures(services: readonly ServicePlan[]): ReadonlySet<string> {
  return new Set(
    services.flatMap(({ views, onDemand = [] }) => [
      ...views.flatMap(({ view, via, features }) =>
        via === undefined ? features.map((feature) => `${view.name}:${feature}`) : [],
      ),
      ...onDemand.flatMap(({ plan, features }) => features.map((feature) => `${plan.name}:${feature}`)),
    ]),
  )
}

/**
 * A service of exactly these features, grouped by view, without the defaults of any service.
 *
 * @throws Problem `FEATURE_UNKNOWN` (400) when a view has no such feature
 * @throws Problem `FEATURES_CONFLICT` (400) when two on-demand features read different things by one name
 */
export function adHocPlan(references: readonly FeatureReference[], owners: readonly Owner[]): ServicePlan {
  const views = new Map<string, ServiceView>()
  const wanted = new Map<ServicePlan, string[]>()
  for (const [index, reference] of references.entries()) {
    const owner = owners[index]
    if (owner?.kind === 'view') {
      checkFeature(reference, owner.view.features)
      const { features } = views.get(reference.view) ?? { features: [] }
      views.set(reference.view, { view: owner.view, features: [...features, reference.feature] })
    } else if (owner?.kind === 'on-demand') {
      const plan = owner.service.onDemand?.find((part) => part.plan.name === reference.view)
      checkFeature(
        reference,
        (plan?.features ?? []).map((name) => ({ name })),
      )
      wanted.set(owner.service, [...(wanted.get(owner.service) ?? []), `${reference.view}__${reference.feature}`])
    }
  }
  const computed = [...wanted].map(([service, names]) => subsetOf(service, new Set(names)))
  for (const read of computed.flatMap((part) => part.views))
    views.set(nameIn(read), joined(views.get(nameIn(read)), read))
  const onDemand = merged(computed.flatMap((part) => part.onDemand ?? []))
  return {
    name: AD_HOC,
    views: [...views.values()],
    ...(onDemand.length === 0 ? {} : { onDemand }),
    hash: [...views.values()].map(({ view }) => view.hash).join(' '),
  }
}

type OnDemandParts = NonNullable<ServicePlan['onDemand']>

/** Each on-demand feature once, also where its values were found in several services. */
function merged(parts: OnDemandParts): OnDemandParts {
  const byName = new Map<string, OnDemandParts[number]>()
  for (const { plan, features } of parts) {
    const known = byName.get(plan.name)
    byName.set(plan.name, { plan, features: [...(known?.features ?? []), ...features] })
  }
  return [...byName.values()]
}

/** What is asked for of a view, and what on-demand features need of it. */
function joined(asked: ServiceView | undefined, needed: ServiceView): ServiceView {
  if (asked === undefined) return needed
  const name = nameIn(needed)
  const isOther = (read: ServiceView): boolean =>
    read.as !== undefined || read.via !== undefined || read.keys !== undefined || read.view.hash !== needed.view.hash
  if (asked !== needed && (isOther(asked) || isOther(needed))) {
    const detail = `features ask for ${name} in two ways: by its own entity, and as an on-demand feature reads it.`
    throw new Problem(400, 'FEATURES_CONFLICT', `${detail} Ask for them apart.`, { path: 'features' })
  }
  const inputs = new Set([...(asked.inputs ?? []), ...needed.features, ...(needed.inputs ?? [])])
  for (const feature of asked.features) inputs.delete(feature)
  return { ...asked, ...(inputs.size === 0 ? {} : { inputs: [...inputs] }) }
}

function checkFeature({ view, feature, path }: FeatureReference, known: readonly { readonly name: string }[]): void {
  const names = known.map(({ name }) => name)
  if (names.includes(feature)) return
  const suggestion = nearestName(feature, names)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  throw new Problem(400, 'FEATURE_UNKNOWN', `${path}: view ${view} has no feature ${shown(feature)}.${hint}`, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
