import {
  changedOnDemand,
  featuresRead,
  feeds,
  nameIn,
  serviceKeys,
  readsOf,
  withComputedInputs,
  withInputs,
  onDemandFault,
  type Defaults,
  type KeptValue,
  type OnDemandFunctions,
  type ServicePlan,
  type ServiceView,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServingCatalog } from '../../catalog/serving-catalog.ts'
import type { DeskMetrics } from '../../desk-metrics.ts'
import { keyReader } from '../../features/key-reader.ts'
import { prepareRead, type OpenReader, type PreparedRead } from '../../features/prepared-read.ts'
import { requestReader } from '../../features/request-reader.ts'
import { inOrder } from '../../features/service-parts.ts'
import type { Limits } from '../../limits.ts'
import { Problem } from '../../problem.ts'
import { fedViews } from './fed-views.ts'
import type { ServableModel } from '../model-source.ts'

/** The reads of models: each gets the features it was trained on, whatever views, features and services are called now. */
export interface ModelReads {
  /**
   * Learns the definitions that a model was trained on.
   *
   * @throws MartletError `MODEL_SERVICE_CHANGED` when the present definitions cannot feed it
   */
  prepare(model: ServableModel): Promise<void>
  /**
   * The read of a model's vector.
   *
   * @throws Problem `MODEL_SERVICE_CHANGED` (503) when the present definitions cannot feed it
   */
  readOf(model: ServableModel): PreparedRead
  /** Why the present definitions cannot feed a model; undefined when they can. */
  misfit(model: ServableModel): string | undefined
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

interface Parts {
  readonly live: LiveCatalog
  readonly source: ServingCatalog
  readonly open: OpenReader
  readonly functions: OnDemandFunctions
  readonly limits: Limits
  readonly metrics: DeskMetrics
}

interface Prepared {
  /** The definitions that the read was prepared for. */
  readonly definitions: LiveCatalog['views']
  readonly read: PreparedRead
}

export function modelReads({ live, source, open, functions, limits, metrics }: Parts): ModelReads {
  const trainedOn = new WeakMap<ServableModel, ReadonlyMap<string, ViewPlan>>()
  const known = new WeakMap<ServableModel, Prepared>()
  let reads: WeakRef<PreparedRead>[] = []

  async function learn(model: ServableModel): Promise<void> {
    const views = new Map<string, ViewPlan>()
    for (const [name, hash] of Object.entries(model.definitionHashes)) {
      const plan = live.find(model.service)?.plan
      const reads = plan === undefined ? [] : readsOf(plan)
      const present = live.views.get(reads.find((read) => nameIn(read) === name)?.view.name ?? name)
      const view = present?.hash === hash ? present : await source.definition?.(name, hash)
      if (view !== undefined && feeds(view, model, name)) views.set(name, view)
    }
    trainedOn.set(model, views)
  }

  /** The views that feed a model and its on-demand features, by name; a text says why something cannot. */
  const feeding = (model: ServableModel): ReturnType<typeof fedViews> => {
    const computed = onDemandOf(model, live)
    for (const { plan } of computed) {
      const changed = changedOnDemand(model, plan)
      if (changed !== undefined) return changed
    }
    const ofComputed = ({ field }: { readonly field: string }): boolean =>
      computed.some(({ plan }) => field.startsWith(`${plan.name}__`))
    const service = live.find(model.service)
    const misfit = service?.misfit(model.fields.filter(ofComputed))
    if (misfit !== undefined) return misfit
    const fields = withInputs(model.fields, service?.plan).filter((field) => !ofComputed(field))
    return fedViews({ ...model, fields }, trainedOn.get(model) ?? new Map(), live)
  }

  function misfit(model: ServableModel): string | undefined {
    const fed = feeding(model)
    if (typeof fed === 'string') return fed
    return onDemandFault({ onDemand: onDemandOf(model, live) }, functions)?.message
  }

  function prepareReadOf(model: ServableModel): PreparedRead {
    const fed = feeding(model)
    if (typeof fed === 'string') {
      const detail = `Model ${model.model} cannot be fed: ${fed}.`
      throw new Problem(503, 'MODEL_SERVICE_CHANGED', detail, { retryAfter: 30 })
    }
    const service = live.find(model.service)
    const served = featuresRead(model)
    const computed = onDemandOf(model, live)
    const read = featuresRead({ fields: withComputedInputs(model.fields, service?.plan) })
    const views = [...fed].flatMap(([name, { view }]): ServiceView[] => {
      // What only looks up an entity is no view of the model's own.
      if (!read.has(name)) return []
      const features = served.get(name) ?? []
      const inputs = (read.get(name) ?? []).filter((feature) => !features.includes(feature))
      const defaults = defaultsOf(model, name)
      const role = service?.plan.views.find((one) => nameIn(one) === name)
      const via = role?.via
      return [
        {
          ...(role?.as === undefined ? {} : { as: role.as }),
          ...(role?.keys === undefined ? {} : { keys: role.keys }),
          ...(via === undefined ? {} : { via: { ...via, view: fed.get(nameIn(via))?.view ?? via.view } }),
          view,
          features,
          ...(inputs.length === 0 ? {} : { inputs }),
          ...(defaults === undefined ? {} : { defaults }),
        },
      ]
    })
    const whole: ServicePlan = {
      name: model.service,
      views,
      hash: service?.plan.hash ?? '',
      ...(computed.length === 0 ? {} : { onDemand: computed }),
    }
    const names = model.fields.map(({ field }) => field)
    const plan = inOrder(whole, names)
    // The keys stay those of the whole service, as long as they include what the model needs.
    const keys =
      service !== undefined && serviceKeys(plan).every(({ name }) => service.keys.columns.includes(name))
        ? service.keys
        : keyReader(plan, limits)
    const readers = { keys, request: requestReader(plan, limits) }
    return prepareRead(plan, open, readers, { stored: (_, name) => fed.get(name)?.stored })
  }

  return {
    async prepare(model) {
      await learn(model)
      const reason = misfit(model)
      if (reason === undefined) return
      const message = `Version ${model.version} of model ${model.model} cannot be fed: ${reason}.`
      throw new MartletError('MODEL_SERVICE_CHANGED', message)
    },
    readOf(model) {
      const before = known.get(model)
      if (before !== undefined && before.definitions === live.views) return before.read
      const read = prepareReadOf(model)
      before?.read.writer.flush(metrics)
      known.set(model, { definitions: live.views, read })
      reads = [...reads.filter((reference) => reference.deref() !== undefined), new WeakRef(read)]
      return read
    },
    misfit,
    flush() {
      for (const reference of reads) reference.deref()?.writer.flush(metrics)
    },
  }
}

/** The defaults that a model was trained with, of the features of one view; undefined when there are none. */
function defaultsOf({ fields }: ServableModel, view: string): Defaults | undefined {
  const given = fields.flatMap(({ field, default: value }): [string, KeptValue][] =>
    value !== undefined && field.startsWith(`${view}__`) ? [[field.slice(view.length + 2), value]] : [],
  )
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** The on-demand features of its service that a model reads. */
function onDemandOf({ service, fields }: ServableModel, live: LiveCatalog): NonNullable<ServicePlan['onDemand']> {
  return (live.find(service)?.plan.onDemand ?? []).filter(({ plan }) =>
    fields.some(({ field }) => field.startsWith(`${plan.name}__`)),
  )
}
