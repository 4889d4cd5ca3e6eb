import type { OnlineStore } from '@martlet/feature-store'
import type { LiveCatalog } from './catalog/live-catalog.ts'
import type { ReadyAnswer, ReadyCheck } from './http/operations-answers.ts'
import type { LiveModels } from './model/live-models.ts'

interface Parts {
  readonly catalog: LiveCatalog
  readonly models: LiveModels | undefined
  readonly online: OnlineStore
  readonly isDraining: () => boolean
}

/** Whether requests can be answered now, and what is worth knowing although they can. */
export async function readiness({ catalog, models, online, isDraining }: Parts): Promise<ReadyAnswer> {
  const checks: Record<string, ReadyCheck> = {
    catalog: { ok: catalog.loaded, ...(catalog.failure === undefined ? {} : { detail: `${catalog.loaded ? 'serving the definitions loaded before; ' : ''}the catalog could not be read` }) },
    online: await onlineCheck(online, catalog),
  }
  if (models !== undefined) {
    if (models.failure !== undefined) checks['registry'] = { ok: models.champions.size > 0, detail: 'the registry could not be read; models loaded before are served' }
    for (const [model, version] of models.champions) {
      const failed = models.failures.find((failure) => failure.model === model && failure.alias === 'champion')
      const detail =
        failed !== undefined
          ? `version ${failed.version} could not be loaded (${failed.code}); ${version === undefined ? 'no version answers' : `version ${version} goes on answering`}`
          : version === undefined
            ? 'not loaded yet'
            : undefined
      checks[`model:${model}`] = { ok: version !== undefined, ...(detail === undefined ? {} : { detail }) }
    }
  }
  if (isDraining()) checks['server'] = { ok: false, detail: 'shutting down' }
  return { ready: Object.values(checks).every(({ ok }) => ok), checks }
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
