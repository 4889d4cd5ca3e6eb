import type { OnlineStore } from '@martlet/feature-store'
import type { LiveCatalog } from './catalog/live-catalog.ts'
import { changedViews } from './model/feed/changed-views.ts'
import type { ServableModel } from './model/model-source.ts'
import type { ServedModels } from './model/served-models.ts'
import type { Principal } from './principal.ts'
import { sentence } from './sentence.ts'

/** One thing that must work for the server to be of use. */
export interface ReadyCheck {
  readonly ok: boolean
  /** What is wrong, or what is worth knowing although it works. */
  readonly detail?: string | undefined
}

export interface ReadyAnswer {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, ReadyCheck>>
}

interface Parts {
  readonly catalog: LiveCatalog
  readonly models: ServedModels | undefined
  readonly online: OnlineStore
  /** Checks of what is not the desk's. */
  readonly others: Readonly<Checks>
  /** Whether definitions and aliases have been read once, with whatever result. */
  readonly hasStarted: boolean
  readonly isDraining: boolean
}

type Checks = Record<string, ReadyCheck>

/** Whether requests can be answered now, and what is worth knowing although they can. */
export async function readiness({
  catalog,
  models,
  online,
  others,
  hasStarted,
  isDraining,
}: Parts): Promise<ReadyAnswer> {
  if (isDraining) return { ready: false, checks: { server: { ok: false, detail: 'The server is shutting down.' } } }
  const checks: Checks = {
    catalog: catalogCheck(catalog),
    online: await onlineCheck(online, catalog),
    ...ttlCheck(catalog),
    ...serviceChecks(catalog),
    ...(models === undefined ? {} : modelChecks(models, catalog)),
    ...others,
    ...(hasStarted ? {} : { server: { ok: false, detail: 'The server is starting.' } }),
  }
  return { ready: Object.values(checks).every(({ ok }) => ok), checks }
}

const MODEL_PREFIX = 'model:'
const SERVICE_PREFIX = 'service:'

/** What a caller may see of it: without a key, only whether all models and services are ready, not which there are. */
export function readinessFor(caller: Principal | undefined, { ready, checks }: ReadyAnswer): ReadyAnswer {
  const hides = (name: string): 'models' | 'services' | undefined => {
    if (name.startsWith(MODEL_PREFIX))
      return caller?.maySee('model', name.slice(MODEL_PREFIX.length)) === true ? undefined : 'models'
    if (!name.startsWith(SERVICE_PREFIX)) return undefined
    return caller?.maySee('service', name.slice(SERVICE_PREFIX.length)) === true ? undefined : 'services'
  }
  const shown: [string, ReadyCheck][] = []
  const hidden = { models: [] as boolean[], services: [] as boolean[] }
  for (const [name, check] of Object.entries(checks)) {
    const group = hides(name)
    if (group !== undefined) hidden[group].push(check.ok)
    else if (name !== 'ttl' || caller?.seesEvery('service') === true) shown.push([name, check])
  }
  for (const group of ['models', 'services'] as const)
    if (hidden[group].length > 0) shown.push([group, { ok: !hidden[group].includes(false) }])
  return { ready, checks: Object.fromEntries(shown) }
}

function catalogCheck({ loaded, failure }: LiveCatalog): ReadyCheck {
  if (failure === undefined) return { ok: loaded }
  const served = loaded ? ' The definitions loaded before are served.' : ''
  return { ok: loaded, detail: `The catalog could not be read.${served}` }
}

/** Reads one view's table, with a key that need not exist. */
async function onlineCheck(online: OnlineStore, catalog: LiveCatalog): Promise<ReadyCheck> {
  const [table] = catalog.views.keys()
  if (table === undefined) return { ok: true }
  try {
    await online.read([{ table, keys: [new Uint8Array([0])] }])
    return { ok: true }
  } catch {
    return { ok: false, detail: `The online store (${online.kind}) could not be read.` }
  }
}

/** Mentions entity views whose rows are served at any age. */
function ttlCheck(catalog: LiveCatalog): Checks {
  const names = new Set<string>()
  for (const { views } of catalog.services.values()) {
    for (const { view } of views) if (view.ttl === null && view.entity.keys.length > 0) names.add(view.name)
  }
  if (names.size === 0) return {}
  const list = [...names].sort().join(', ')
  return {
    ttl: { ok: true, detail: `${list} ${names.size === 1 ? 'has' : 'have'} no ttl: rows of any age are served.` },
  }
}

/** Services that need a function of on-demand features which this process lacks. */
function serviceChecks(catalog: LiveCatalog): Checks {
  const checks: Checks = {}
  for (const name of catalog.services.keys()) {
    const reason = catalog.find(name)?.unavailable
    if (reason !== undefined) checks[`${SERVICE_PREFIX}${name}`] = { ok: false, detail: reason }
  }
  return checks
}

function modelChecks(models: ServedModels, catalog: LiveCatalog): Checks {
  const { live, reads } = models
  const checks: Checks = {}
  if (live.failure !== undefined) {
    const detail = 'The registry could not be read. Models loaded before are served.'
    checks['registry'] = { ok: live.champions.size > 0, detail }
  }
  for (const [model, loaded] of live.champions) {
    const misfit = loaded === undefined ? undefined : reads.misfit(loaded)
    const detail = misfit === undefined ? championDetail(model, loaded, models, catalog) : sentence(misfit)
    checks[`${MODEL_PREFIX}${model}`] = {
      ok: loaded !== undefined && misfit === undefined,
      ...(detail === '' ? {} : { detail }),
    }
  }
  return checks
}

function championDetail(
  model: string,
  loaded: ServableModel | undefined,
  { live, rollouts }: ServedModels,
  catalog: LiveCatalog,
): string {
  const failed = live.failures.find((failure) => failure.model === model && failure.alias === 'champion')
  const sentences: string[] = []
  if (failed !== undefined) {
    const answering = loaded === undefined ? 'No version answers.' : `Version ${loaded.version} continues to answer.`
    sentences.push(`Version ${failed.version} could not be loaded (${failed.code}). ${answering}`)
  } else if (loaded === undefined) sentences.push('It is not loaded yet.')
  const changed = loaded === undefined ? [] : changedViews(loaded, catalog)
  if (loaded !== undefined && changed.length > 0) {
    const since = `since version ${loaded.version} was registered`
    sentences.push(`The definition of ${changed.join(', ')} has changed ${since}.`)
  }
  const rollout = rollouts.running.of(model)
  const obstacle = rollout === undefined ? undefined : rollouts.obstacle(rollout)
  if (obstacle !== undefined) sentences.push(`Roll-out ${rollout?.rollout} has no effect now. ${obstacle}`)
  return sentences.join(' ')
}
