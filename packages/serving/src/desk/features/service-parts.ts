import { nameIn, vectorFields, type ServicePlan, type ServiceView } from '@martlet/feature-store'

/** The part of a service that has these features (`view__feature`), in the service's own order. */
export function subsetOf(plan: ServicePlan, names: ReadonlySet<string>): ServicePlan {
  const { onDemand: _, order, ...rest } = plan
  const onDemand = onDemandOf(plan, names)
  const needed = new Set(onDemand.flatMap((part) => part.plan.inputs.map((input) => input.name)))
  const views = plan.views.map(({ inputs = [], ...read }): ServiceView => {
    const name = nameIn(read)
    const served = read.features.filter((feature) => names.has(`${name}__${feature}`))
    const others = [...read.features, ...inputs].filter(
      (feature) => needed.has(`${name}__${feature}`) && !served.includes(feature),
    )
    return { ...read, features: served, ...(others.length === 0 ? {} : { inputs: others }) }
  })
  return {
    ...rest,
    views: views.filter(({ features, inputs }) => features.length > 0 || inputs !== undefined),
    ...(onDemand.length === 0 ? {} : { onDemand }),
    ...(order === undefined ? {} : { order: order.filter((name) => names.has(name)) }),
  }
}

/** The part of a service that has these features (`view__feature`), in the given order. */
export function inOrder(plan: ServicePlan, names: readonly string[]): ServicePlan {
  if (plan.onDemand !== undefined) return { ...subsetOf(plan, new Set(names)), order: names }
  const known = new Map(vectorFields(plan).map((field) => [field.name, field]))
  const views: (ServiceView & { readonly features: string[] })[] = []
  for (const name of names) {
    const field = known.get(name)
    const read = plan.views.find((candidate) => nameIn(candidate) === field?.view)
    if (field === undefined || read === undefined) continue
    const last = views.at(-1)
    if (last !== undefined && nameIn(last) === nameIn(read)) last.features.push(field.feature)
    else views.push({ ...read, features: [field.feature] })
  }
  return { ...plan, views }
}

function onDemandOf(plan: ServicePlan, names: ReadonlySet<string>): NonNullable<ServicePlan['onDemand']> {
  return (plan.onDemand ?? [])
    .map((part) => ({
      plan: part.plan,
      features: part.features.filter((feature) => names.has(`${part.plan.name}__${feature}`)),
    }))
    .filter(({ features }) => features.length > 0)
}
