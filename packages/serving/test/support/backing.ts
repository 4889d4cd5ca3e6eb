import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  applyDefinitions,
  openCatalog,
  openLmdbStore,
  openMemoryStore,
  planDefinitions,
  type Catalog,
  type OnlineStore,
} from '@martlet/feature-store'
import {
  folderArtifacts,
  linearRegressionOnnx,
  nodeRuntime,
  openRegistry,
  type OnnxRuntime,
  type Registry,
} from '@martlet/registry'
import { onTestFinished } from 'vitest'
import { serving, type ServingApp, type ServingOptions } from '../../src/index.ts'
import {
  customerProfile,
  customerUsage,
  metered,
  meterVolts,
  nextDay,
  now,
  publishEnergy,
  usageOnly,
} from './energy.ts'

/** Tests refresh when all is as they want it; a poll before that would load half of it. */
const NEVER_MS = 3_600_000

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-serving-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface Backing {
  readonly folder: string
  readonly catalog: Catalog
  readonly registry: Registry
  readonly online: OnlineStore
  /** Registers `bias + kwh_1d + 2 kwh_7d + 3 peak_7d` as the next version of `usage_model`; a missing peak counts as 1. */
  register(bias: number): Promise<number>
  promote(version: number, alias?: string): Promise<void>
  serve(options?: Partial<ServingOptions>): ServingApp
}

/** Runs models in this process, even at registration: for tests of many models that are not about limits. */
export async function trustedRuntime(): Promise<OnnxRuntime> {
  const { name, open } = await nodeRuntime()
  return { name, open }
}

/** A real catalog and registry in SQLite, artifacts in a folder, the energy rows in a store. */
export async function backing(kind: 'memory' | 'lmdb' = 'memory', runtime?: OnnxRuntime): Promise<Backing> {
  const folder = await temporaryFolder()
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  onTestFinished(() => catalog.close())
  const online = kind === 'memory' ? openMemoryStore() : openLmdbStore({ path: join(folder, 'online') })
  onTestFinished(() => online.close())
  await publishEnergy(online)
  await applyDefinitions(
    catalog,
    await planDefinitions(catalog, [customerUsage, customerProfile, meterVolts, nextDay, usageOnly, metered]),
  )
  const registry = await openRegistry({
    db: catalog.db,
    artifacts: folderArtifacts(join(folder, 'artifacts')),
    ...(runtime === undefined ? {} : { runtime }),
  })
  return {
    folder,
    catalog,
    registry,
    online,
    async register(bias) {
      const features = ['customer_usage__kwh_1d', 'customer_usage__kwh_7d', 'customer_usage__peak_7d']
      const { version } = await registry.register({
        model: 'usage_model',
        onnx: linearRegressionOnnx({ features, weights: [1, 2, 3], bias, impute: [null, null, 1] }),
        service: usageOnly.plan,
        // Small whole numbers are exact in float32.
        goldenRows: {
          inputs: [[1, 2, 3]],
          outputs: { prediction: [14 + bias] },
          tolerance: { absolute: 0, relative: 0 },
        },
        metrics: { rmse: 0.5 },
        actor: 'trainer',
      })
      return version.version
    },
    async promote(version, alias = 'champion') {
      const expect =
        (await registry.aliases()).find((target) => target.model === 'usage_model' && target.alias === alias)
          ?.version ?? null
      await registry.setAlias('usage_model', alias, version, { expect, reason: 'test', actor: 'tester' })
    },
    serve(options = {}) {
      const app = serving({ catalog, online, registry, auth: 'none', now: () => now, pollMs: NEVER_MS, ...options })
      onTestFinished(() => app.close())
      return app
    },
  }
}
