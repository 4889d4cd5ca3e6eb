import {
  labelDifference,
  labelHash,
  nameIn,
  readsOf,
  serviceDifference,
  vectorFields,
  type LiveModel,
  type ServicePlan,
} from '@martlet/feature-store'
import type { DefinitionSet } from './definition-set.ts'
import type { ViewChange } from './project-diff.ts'

/** What reads values that change. */
export interface Affected {
  readonly services: readonly AffectedService[]
  readonly labels: readonly { readonly name: string; readonly reasons: readonly string[] }[]
  /** Of live models that an alias names. */
  readonly models: readonly AffectedModel[]
}

export interface AffectedService {
  readonly name: string
  /** Its fields whose values change or that are gone, as `view__feature`. */
  readonly fields: readonly string[]
  /** How its own definition differs: features, defaults, keys. */
  readonly reasons: readonly string[]
}

export interface AffectedModel {
  readonly model: string
  readonly alias: string
  readonly version: number
  readonly service: string
  /** Its inputs whose values change or that are gone. */
  readonly fields: readonly string[]
}

/** The services, labels and live models that a change reaches. */
export function affectedBy(
  changes: readonly ViewChange[],
  before: DefinitionSet,
  after: DefinitionSet,
  models: readonly LiveModel[],
): Affected {
  const own = changes.map((change) => [change.view, movedFeatures(change)] as const)
  // Services of before read a view by the name that it had.
  const former = own.flatMap(([name, moves]) => {
    const was = after.views.get(name)?.renamedFrom
    return was === undefined ? [] : [[was, moves] as const]
  })
  const moved = new Map([...former, ...own])
  const names = new Set([...before.services.keys(), ...after.services.keys()])
  const services = [...names].flatMap((name): AffectedService[] => {
    const [old, now] = [before.services.get(name), after.services.get(name)]
    const fields = [old, now].flatMap((service) => (service === undefined ? [] : fieldsOf(service, moved)))
    const reasons =
      old === undefined
        ? ['new']
        : now === undefined
          ? ['gone']
          : old.hash === now.hash
            ? []
            : serviceDifference(old, now)
    // A service that reads a view of another name has another hash and no other difference.
    const told = reasons.filter((reason) => !/^view .* changed$/.test(reason))
    return fields.length === 0 && told.length === 0 ? [] : [{ name, fields: [...new Set(fields)], reasons: told }]
  })
  const labels = [...after.labels].flatMap(([name, label]) => {
    const old = before.labels.get(name)
    return old === undefined || labelHash(old) === labelHash(label)
      ? []
      : [{ name, reasons: labelDifference(old, label) }]
  })
  const reached = new Map(services.map((service) => [service.name, new Set(service.fields)]))
  const hit = models.flatMap(({ model, alias, version, service, fields }): AffectedModel[] => {
    const its = fields.map(({ field }) => field).filter((field) => reached.get(service)?.has(field) === true)
    return its.length === 0 ? [] : [{ model, alias, version, service, fields: its }]
  })
  return { services, labels, models: hit }
}

/** The features of a view whose values change, by their names before and after; all: every one of them may. */
function movedFeatures(change: ViewChange): ReadonlySet<string> | 'all' {
  if (change.kind === 'failed') return 'all'
  if (change.kind === 'same definition') return new Set()
  if (change.kind !== 'compared') return new Set(change.features)
  if (change.diff.outcome === 'not comparable') return 'all'
  const rows = change.diff.compared?.rows
  if (rows !== undefined && rows.appear + rows.vanish > 0) return 'all'
  const moved = change.diff.features.filter(({ kind, changed }) => kind !== 'compared' || changed > 0)
  return new Set(moved.flatMap(({ name, formerName }) => (formerName === null ? [name] : [name, formerName])))
}

/** The fields of a service that read such features, those computed on demand too. */
function fieldsOf(service: ServicePlan, moved: ReadonlyMap<string, ReadonlySet<string> | 'all'>): readonly string[] {
  const roles = new Map(readsOf(service).map((read) => [nameIn(read), read.view]))
  const moves = (role: string, feature: string): boolean => {
    const view = roles.get(role)
    const its = view === undefined ? undefined : moved.get(view.name)
    return its === 'all' || its?.has(feature) === true
  }
  const computed = new Map((service.onDemand ?? []).map(({ plan }) => [plan.name, plan]))
  return vectorFields(service).flatMap(({ name, view, feature }) => {
    const plan = computed.get(view)
    const reads = plan === undefined ? moves(view, feature) : plan.inputs.some((one) => moves(one.view, one.feature))
    return reads ? [name] : []
  })
}
