import {
  featuresRead,
  isSameView,
  nameIn,
  presentName,
  sameValues,
  type StoredRows,
  type ViewPlan,
} from '@martlet/feature-store'
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { KeptRows } from '../../catalog/serving-catalog.ts'
import type { ModelField } from '../../features/served-service.ts'
import type { ServableModel } from '../model-source.ts'

/** A view as a model names it, and where its rows are. */
export interface FedView {
  readonly view: ViewPlan
  readonly stored: StoredRows | undefined
}

/** What of a model decides which views feed it. */
export interface FedModel extends Pick<ServableModel, 'service'> {
  readonly fields: readonly ModelField[]
}

/** The views that feed a model, by name; a text says why one of them cannot. */
export function fedViews(
  model: FedModel,
  trainedOn: ReadonlyMap<string, ViewPlan>,
  live: LiveCatalog,
): ReadonlyMap<string, FedView> | string {
  const fed = new Map<string, FedView>()
  for (const [name, features] of featuresRead(model)) {
    const trained = trainedOn.get(name)
    const lost = trained === undefined ? undefined : lostRole(model, name, trained, live)
    if (lost !== undefined) return lost
    const byDefinition = trained === undefined ? undefined : viewByDefinition(trained, features, live)
    const view = byDefinition ?? viewByName(model, name, live)
    if (typeof view === 'string') return view
    fed.set(name, view)
  }
  return fed
}

/** Only its service says by which keys a view in a role is read. */
function lostRole(model: FedModel, name: string, trained: ViewPlan, live: LiveCatalog): string | undefined {
  if (name === trained.name) return undefined
  const views = live.find(model.service)?.plan.views ?? []
  if (views.some((read) => nameIn(read) === name)) return undefined
  return `service ${model.service} does not have view ${trained.name} as ${name} any more`
}

/** By the definition that the model was trained on; undefined when neither the present definition nor a kept one is equivalent. */
function viewByDefinition(
  trained: ViewPlan,
  features: readonly string[],
  live: LiveCatalog,
): FedView | string | undefined {
  const present = live.views.get(trained.name) ?? [...live.views.values()].find((view) => isSameView(view, trained))
  const isPresent = present !== undefined && sameValues(trained, present, features)
  const kept = live.kept.find(({ plan }) => isSameView(plan, trained) && sameValues(trained, plan, features))
  const view = { ...trained, ttl: present === undefined ? trained.ttl : present.ttl }
  if (kept !== undefined && (kept.names === null || !isPresent)) {
    // Until the view's own rows are replaced, they equal the kept ones, which are complete by then.
    if (kept.names !== null) return { view, stored: keptRows(kept, trained, [kept.table, kept.plan.name]) }
    if (kept.published) return { view, stored: keptRows(kept, trained, [kept.table]) }
  }
  if (isPresent) return { view, stored: presentRows(present, trained) }
  if (kept === undefined) return undefined
  const problem = `the definition of view ${trained.name} that it was trained on is kept, but none of its rows are online yet`
  return `${problem}. Materialize ${trained.name}`
}

/** By names and types alone. */
function viewByName(model: FedModel, name: string, live: LiveCatalog): FedView | string {
  const service = live.find(model.service)
  if (service === undefined) return `service ${model.service} is no longer in the catalog`
  const misfit = service.misfit(model.fields.filter(({ field }) => field.startsWith(`${name}__`)))
  if (misfit !== undefined) return misfit
  const view = service.plan.views.find((one) => nameIn(one) === name)?.view
  return view === undefined ? `service ${model.service} no longer reads view ${name}` : { view, stored: undefined }
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

function presentRows(present: ViewPlan, trained: ViewPlan): StoredRows {
  const names = trained.features.flatMap(({ name }) => {
    const now = presentName(present, trained, name)
    return now === undefined || now === name ? [] : [[name, now] as const]
  })
  return {
    tables: present.renamedFrom === undefined ? [present.name] : [present.name, present.renamedFrom],
    names: new Map(names),
  }
}
