import type { ServicePlan, VectorField } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'

/**
 * The fields of a service's vector, in order. The feature store's own `vectorFields` returns the same; reading the plan here
 * keeps its engines out of processes that only read models.
 *
 * @throws MartletError SERVICE_INVALID when the service names a feature that its view does not have
 */
export function serviceFields({ name: service, views, onDemand = [], order }: ServicePlan): readonly VectorField[] {
  const fields = [
    ...views.flatMap((read) => {
      const { view, features, defaults } = read
      return fieldsOf(service, { name: nameIn(read), features: view.features }, features, defaults)
    }),
    ...onDemand.flatMap(({ plan, features }) => fieldsOf(service, plan, features)),
  ]
  if (order === undefined) return fields
  return fields.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

/** The hash of each definition that a service's vector is computed by, by name. */
export function definitionHashes({ views, onDemand = [] }: ServicePlan): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...views.map((read) => [nameIn(read), read.view.hash]),
    ...onDemand.map(({ plan }) => [plan.name, plan.hash]),
  ])
}

/** The name that a view has in a service: its role there, or its own. */
function nameIn({ view, as }: ServicePlan['views'][number]): string {
  return as ?? view.name
}

interface Named {
  readonly name: string
  readonly features: readonly Pick<VectorField, 'name' | 'type' | 'nullable'>[]
}

function fieldsOf(
  service: string,
  view: Named,
  features: readonly string[],
  defaults: NonNullable<ServicePlan['views'][number]['defaults']> = {},
): readonly VectorField[] {
  return features.map((name) => {
    const feature = view.features.find((candidate) => candidate.name === name)
    if (feature === undefined)
      throw new MartletError(
        'SERVICE_INVALID',
        `Service ${JSON.stringify(service)} names ${view.name}.${name}, which the view does not have. Apply its definitions again.`,
        { data: { service, view: view.name, feature: name } },
      )
    const field = { name: `${view.name}__${name}`, view: view.name, feature: name, type: feature.type }
    const given = defaults[name]
    return given === undefined
      ? { ...field, nullable: feature.nullable }
      : { ...field, nullable: false, default: given }
  })
}
