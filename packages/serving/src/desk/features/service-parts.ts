import { vectorFields, type ServicePlan } from '@martlet/feature-store'

/** The part of a service that has these features (`view__feature`), in the service's own order. */
export function subsetOf(plan: ServicePlan, names: ReadonlySet<string>): ServicePlan {
  const views = plan.views
    .map(({ view, features }) => ({
      view,
      features: features.filter((feature) => names.has(`${view.name}__${feature}`)),
    }))
    .filter(({ features }) => features.length > 0)
  return { ...plan, views }
}

/** The part of a service that has these features (`view__feature`), in the given order. */
export function inOrder(plan: ServicePlan, names: readonly string[]): ServicePlan {
  const known = new Map(vectorFields(plan).map((field) => [field.name, field]))
  const views: { readonly view: ServicePlan['views'][number]['view']; readonly features: string[] }[] = []
  for (const name of names) {
    const field = known.get(name)
    const view = plan.views.find((candidate) => candidate.view.name === field?.view)?.view
    if (field === undefined || view === undefined) continue
    const last = views.at(-1)
    if (last?.view === view) last.features.push(field.feature)
    else views.push({ view, features: [field.feature] })
  }
  return { ...plan, views }
}
