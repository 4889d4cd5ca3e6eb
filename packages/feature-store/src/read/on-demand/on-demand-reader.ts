import type { OnDemandPlan } from '../../plan/on-demand-plan.ts'
import { serviceRequest, vectorFields, type ServicePlan } from '../../plan/view-plan.ts'
import { restored } from '../../vocabulary/algebra/kept-value.ts'
import { storedOf, valueOf, type Value } from '../../vocabulary/algebra/value.ts'
import type { FeatureValue, OnlineReader, OnlineVectors } from '../online-vectors.ts'
import type { Computation } from '../../on-demand/computation.ts'
import { computationOf, type OnDemandFunctions } from '../../on-demand/on-demand-functions.ts'
import { OnDemandVectors, type FieldPlace } from './on-demand-vectors.ts'
import { requestRows } from '../../on-demand/request-rows.ts'

/** A service as it is read from the store: its views, with what its on-demand features need of them. */
export function whatIsStored({ name, views, hash }: ServicePlan): ServicePlan {
  return {
    name,
    hash,
    views: views.map(({ inputs = [], ...read }) => ({ ...read, features: [...read.features, ...inputs] })),
  }
}

/** One on-demand feature of a service, ready to compute. */
interface Step {
  readonly compute: Computation
  /** The fields of stored vectors that it reads. */
  readonly inputs: readonly {
    readonly field: number
    readonly type: OnDemandPlan['inputs'][number]['type']
    /** What is read where the field is missing. */
    readonly standIn: Value
  }[]
  /** Where the values that it reads of a request stand among those of the service. */
  readonly request: readonly number[]
  /** Which of its values the service has. */
  readonly picked: readonly { readonly place: number; readonly type: OnDemandPlan['inputs'][number]['type'] }[]
}

/** A reader that computes on-demand features from what `stored`, a reader of {@link whatIsStored}, gives. */
export function onDemandReader(service: ServicePlan, stored: OnlineReader, functions: OnDemandFunctions): OnlineReader {
  const columns = serviceRequest(service)
  const readRequest = requestRows(service.name, columns)
  const storedPlaces = new Map(vectorFields(stored.service).map(({ name }, place) => [name, place]))
  const steps = (service.onDemand ?? []).map(({ plan, features }): Step => ({
    compute: computationOf(plan, functions),
    inputs: plan.inputs.map(({ name, type, default: given }) => ({
      field: storedPlaces.get(name) ?? -1,
      type,
      standIn: restored(given ?? null, type),
    })),
    request: plan.request.map(({ name }) => columns.findIndex((column) => column.name === name)),
    picked: features.map((name) => {
      const place = plan.features.findIndex((feature) => feature.name === name)
      return { place, type: plan.features[place]?.type ?? 'double' }
    }),
  }))
  const shape = { service, fields: vectorFields(service), places: placesOf(service, storedPlaces) }

  const computed = (vectors: OnlineVectors, requests: readonly (readonly Value[])[]): OnlineVectors => {
    const values = requests.map((request, row): readonly FeatureValue[] =>
      steps.flatMap(({ compute, inputs, request: places, picked }) => {
        const given = [
          ...inputs.map(({ field, type, standIn }) => valueOf(vectors.value(row, field), type) ?? standIn),
          ...places.map((place) => request[place] ?? null),
        ]
        const results = compute(given)
        return picked.map(({ place, type }) => storedOf(results[place] ?? null, type))
      }),
    )
    return new OnDemandVectors(shape, vectors, values)
  }

  return {
    service,
    read(keys, options = {}) {
      const requests = readRequest(options.request, keys.length)
      const vectors = stored.read(keys, options.now === undefined ? {} : { now: options.now })
      return vectors instanceof Promise ? vectors.then((read) => computed(read, requests)) : computed(vectors, requests)
    },
  }
}

function placesOf(service: ServicePlan, stored: ReadonlyMap<string, number>): readonly FieldPlace[] {
  const computed = new Map(
    (service.onDemand ?? [])
      .flatMap(({ plan, features }) => features.map((feature) => `${plan.name}__${feature}`))
      .map((name, place) => [name, place]),
  )
  return vectorFields(service).map(({ name }) => {
    const place = computed.get(name)
    return place === undefined ? { stored: stored.get(name) ?? -1 } : { computed: place }
  })
}
