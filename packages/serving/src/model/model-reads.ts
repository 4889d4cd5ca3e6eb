import {
  featuresRead,
  feeds,
  isSameView,
  presentName,
  sameValues,
  serviceKeys,
  type ServicePlan,
  type StoredRows,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { KeptRows, ServingCatalog } from '../catalog/serving-catalog.ts'
import { keyReader } from '../features/entity-keys.ts'
import { inOrder, prepare, type OpenReader, type PreparedRead } from '../features/served-service.ts'
import type { Limits } from '../http/limits.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { Problem } from '../http/problem.ts'
import type { ServableModel } from './model-source.ts'

/** How models are fed: with the features they were trained on, whatever views, features and services are called now. */
export interface ModelReads {
  /** Learns the definitions that a model was trained on. Throws MODEL_SERVICE_CHANGED when it cannot be fed. */
  prepare(model: ServableModel): Promise<void>
  /** The read of a model's vector; throws a 503 problem when it cannot be fed. */
  readOf(model: ServableModel): PreparedRead
  /** Why a model cannot be fed from the definitions being served; undefined when it can. */
  misfit(model: ServableModel): string | undefined
  /** Moves what was counted since the last call into the metrics. */
  flush(): void
}

interface Parts {
  readonly live: LiveCatalog
  readonly source: ServingCatalog
  readonly open: OpenReader
  readonly limits: Limits
  readonly metrics: ServingMetrics
}

/** A view as a model names it, and where its rows are. */
interface FedView {
  readonly view: ViewPlan
  readonly stored: StoredRows | undefined
}

interface Prepared {
  readonly definitions: LiveCatalog['views']
  readonly read: PreparedRead
}

export function modelReads({ live, source, open, limits, metrics }: Parts): ModelReads {
  const trainedOn = new WeakMap<ServableModel, ReadonlyMap<string, ViewPlan>>()
  const known = new WeakMap<ServableModel, Prepared>()
  let reads: WeakRef<PreparedRead>[] = []

  async function learn(model: ServableModel): Promise<void> {
    const views = new Map<string, ViewPlan>()
    for (const [name, hash] of Object.entries(model.definitionHashes)) {
      const present = live.views.get(name)
      const view = present?.hash === hash ? present : await source.definition?.(name, hash)
      if (view !== undefined && feeds(view, model)) views.set(name, view)
    }
    trainedOn.set(model, views)
  }

  /** The views that feed a model, by name; a text says why one cannot. */
  function feeding(model: ServableModel): ReadonlyMap<string, FedView> | string {
    const fed = new Map<string, FedView>()
    for (const [name, features] of featuresRead(model)) {
      const trained = trainedOn.get(model)?.get(name)
      const view = (trained === undefined ? undefined : fedView(trained, features)) ?? namedView(model, name)
      if (typeof view === 'string') return view
      fed.set(name, view)
    }
    return fed
  }

  /** From the definition that the model was trained on; undefined when neither the present one nor one that is kept stands for it. */
  function fedView(trained: ViewPlan, features: readonly string[]): FedView | string | undefined {
    const present = live.views.get(trained.name) ?? [...live.views.values()].find((view) => isSameView(view, trained))
    const stands = present !== undefined && sameValues(trained, present, features)
    const kept = live.kept.find(({ plan }) => isSameView(plan, trained) && sameValues(trained, plan, features))
    const view = { ...trained, ttl: present === undefined ? trained.ttl : present.ttl }
    if (kept !== undefined && (kept.names === null || !stands)) {
      // Until the view's own rows are replaced, they are the same; the kept ones are complete before that happens.
      if (kept.names !== null) return { view, stored: keptRows(kept, trained, [kept.table, kept.plan.name]) }
      if (kept.published) return { view, stored: keptRows(kept, trained, [kept.table]) }
    }
    if (stands) return { view, stored: storedRows(present, trained) }
    return kept === undefined
      ? undefined
      : `the definition of view ${trained.name} that it was trained on is kept, but none of its rows are online yet: materialize ${trained.name}`
  }

  /** By names and types alone. */
  function namedView(model: ServableModel, name: string): FedView | string {
    const service = live.find(model.service)
    if (service === undefined) return `service ${model.service} is no longer in the catalog`
    const lack = service.misfit(model.fields.filter(({ field }) => field.startsWith(`${name}__`)))
    const view = service.plan.views.find((one) => one.view.name === name)?.view
    return (
      lack ??
      (view === undefined ? `service ${model.service} no longer reads view ${name}` : { view, stored: undefined })
    )
  }

  function misfit(model: ServableModel): string | undefined {
    const fed = feeding(model)
    return typeof fed === 'string' ? fed : undefined
  }

  function read(model: ServableModel): PreparedRead {
    const fed = feeding(model)
    if (typeof fed === 'string')
      throw new Problem(503, 'MODEL_SERVICE_CHANGED', `model ${model.model} cannot be fed: ${fed}`, { retryAfter: 30 })
    const service = live.find(model.service)
    const views = [...featuresRead(model)].flatMap(([name, features]) => {
      const one = fed.get(name)
      return one === undefined ? [] : [{ view: one.view, features }]
    })
    const plan: ServicePlan = inOrder({ name: model.service, views, hash: service?.plan.hash ?? '' }, model.fields)
    // The keys stay those of the whole service, as long as it has what the model needs.
    const keys =
      service !== undefined && serviceKeys(plan).every(({ name }) => service.keys.columns.includes(name))
        ? service.keys
        : keyReader(plan, limits)
    return prepare(plan, open, keys, (view) => fed.get(view.name)?.stored)
  }

  return {
    async prepare(model) {
      await learn(model)
      const reason = misfit(model)
      if (reason !== undefined)
        throw new MartletError(
          'MODEL_SERVICE_CHANGED',
          `version ${model.version} of model ${model.model} cannot be fed: ${reason}`,
        )
    },
    readOf(model) {
      const before = known.get(model)
      if (before !== undefined && before.definitions === live.views) return before.read
      const now = read(model)
      before?.read.writer.flush(metrics)
      known.set(model, { definitions: live.views, read: now })
      reads = [...reads.filter((reference) => reference.deref() !== undefined), new WeakRef(now)]
      return now
    },
    misfit,
    flush() {
      for (const reference of reads) reference.deref()?.writer.flush(metrics)
    },
  }
}

function keptRows({ plan, names }: KeptRows, trained: ViewPlan, tables: readonly string[]): StoredRows {
  const present = new Map(plan.features.map(({ name }, i) => [name, names?.[i] ?? name]))
  const others = trained.features.flatMap(({ name }) => {
    const kept = presentName(plan, trained, name)
    if (kept === undefined) return []
    const other = kept === name ? present.get(kept) : kept
    return other === undefined || other === name ? [] : [[name, other] as const]
  })
  return { tables, names: new Map(others) }
}

function storedRows(present: ViewPlan, trained: ViewPlan): StoredRows {
  const names = trained.features.flatMap(({ name }) => {
    const now = presentName(present, trained, name)
    return now === undefined || now === name ? [] : [[name, now] as const]
  })
  return {
    tables: present.renamedFrom === undefined ? [present.name] : [present.name, present.renamedFrom],
    names: new Map(names),
  }
}
