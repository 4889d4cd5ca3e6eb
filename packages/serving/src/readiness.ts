import type { OnlineStore } from '@martlet/feature-store'
import type { LiveCatalog } from './catalog/live-catalog.ts'
import type { Principal } from './http/api-keys.ts'
import type { ReadyAnswer, ReadyCheck } from './http/operations-answers.ts'
import type { LiveModels } from './model/live-models.ts'
import type { ModelReads } from './model/model-reads.ts'
import type { ServableModel } from './model/model-source.ts'

interface Parts {
  readonly catalog: LiveCatalog
  readonly reads: ModelReads
  readonly models: LiveModels | undefined
  readonly online: OnlineStore
  /** True once definitions and aliases have been looked at, whatever came of it. */
  readonly hasStarted: () => boolean
  readonly isDraining: () => boolean
}

/** Whether requests can be answered now, and what is worth knowing although they can. */
export async function readiness({
  catalog,
  reads,
  models,
  online,
  hasStarted,
  isDraining,
}: Parts): Promise<ReadyAnswer> {
  if (isDraining()) return { ready: false, checks: { server: { ok: false, detail: 'shutting down' } } }
  const checks: Record<string, ReadyCheck> = {
    catalog: {
      ok: catalog.loaded,
      ...(catalog.failure === undefined
        ? {}
        : {
            detail: `${catalog.loaded ? 'serving the definitions loaded before; ' : ''}the catalog could not be read`,
          }),
    },
    online: await onlineCheck(online, catalog),
  }
  const ageless = agelessViews(catalog)
  if (ageless.length > 0) {
    checks['ttl'] = {
      ok: true,
      detail: `${ageless.join(', ')} ${ageless.length === 1 ? 'has' : 'have'} no ttl: rows of any age are served`,
    }
  }
  if (models !== undefined) {
    if (models.failure !== undefined)
      checks['registry'] = {
        ok: models.champions.size > 0,
        detail: 'the registry could not be read; models loaded before are served',
      }
    for (const [model, loaded] of models.champions) {
      const reason = loaded === undefined ? undefined : reads.misfit(loaded)
      const detail = reason ?? championDetail(model, loaded, models, catalog)
      checks[`${ofModel}${model}`] = {
        ok: loaded !== undefined && reason === undefined,
        ...(detail === '' ? {} : { detail }),
      }
    }
  }
  if (!hasStarted()) checks['server'] = { ok: false, detail: 'starting' }
  return { ready: Object.values(checks).every(({ ok }) => ok), checks }
}

const ofModel = 'model:'

/** What a caller may be told: whoever sends no key learns that models are not ready, not which there are. */
export function readinessFor(caller: Principal | undefined, { ready, checks }: ReadyAnswer): ReadyAnswer {
  const maySee = (name: string): boolean => caller?.maySee('model', name) ?? false
  const shown: [string, ReadyCheck][] = []
  const hidden: boolean[] = []
  for (const [name, check] of Object.entries(checks)) {
    if (name.startsWith(ofModel) && !maySee(name.slice(ofModel.length))) hidden.push(check.ok)
    else if (name !== 'ttl' || caller?.seesEvery('service') === true) shown.push([name, check])
  }
  if (hidden.length > 0) shown.push(['models', { ok: !hidden.includes(false) }])
  return { ready, checks: Object.fromEntries(shown) }
}

/** Views of entities that are served without a limit to their age. */
function agelessViews(catalog: LiveCatalog): readonly string[] {
  const names = new Set<string>()
  for (const { views } of catalog.services.values()) {
    for (const { view } of views) if (view.ttl === null && view.entity.keys.length > 0) names.add(view.name)
  }
  return [...names].sort()
}

function championDetail(
  model: string,
  loaded: ServableModel | undefined,
  models: LiveModels,
  catalog: LiveCatalog,
): string {
  const failed = models.failures.find((failure) => failure.model === model && failure.alias === 'champion')
  const answering = loaded === undefined ? 'no version answers' : `version ${loaded.version} goes on answering`
  const parts: string[] = []
  if (failed !== undefined) parts.push(`version ${failed.version} could not be loaded (${failed.code}); ${answering}`)
  else if (loaded === undefined) parts.push('not loaded yet')
  const changed = loaded === undefined ? [] : changedViews(loaded, catalog)
  if (loaded !== undefined && changed.length > 0)
    parts.push(`the definition of ${changed.join(', ')} has changed since version ${loaded.version} was registered`)
  return parts.join('; ')
}

/** The views that a model was trained on and that are defined otherwise now. */
export function changedViews(model: ServableModel, catalog: LiveCatalog): readonly string[] {
  return Object.entries(model.definitionHashes).flatMap(([view, hash]) =>
    catalog.views.get(view)?.hash === hash ? [] : [view],
  )
}

/** Reads the table of one view, at a key that need not exist. */
async function onlineCheck(online: OnlineStore, catalog: LiveCatalog): Promise<ReadyCheck> {
  const [table] = catalog.views.keys()
  if (table === undefined) return { ok: true }
  try {
    await online.read([{ table, keys: [new Uint8Array([0])] }])
    return { ok: true }
  } catch {
    return { ok: false, detail: `the online store (${online.kind}) could not be read` }
  }
}
