import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { entity, fact, featureService, featureView, openCatalog } from '@martlet/feature-store'
import {
  folderArtifacts,
  linearRegressionOnnx,
  nodeRuntime,
  openRegistry,
  type PromotionPolicy,
  type Registry,
} from '@martlet/registry'
import { z } from 'zod'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
})
const service = featureService('next_day', [view])

/** The registry in a folder, as `watching-child.ts` opens it. Models run in this process. */
export async function registryIn(
  folder: string,
  policy?: PromotionPolicy,
): Promise<{ readonly registry: Registry; close(): Promise<void> }> {
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  const { name, open } = await nodeRuntime()
  const registry = await openRegistry({
    db: catalog.db,
    artifacts: folderArtifacts(join(folder, 'artifacts')),
    runtime: { name, open },
    ...(policy === undefined ? {} : { policy }),
  })
  return { registry, close: () => catalog.close() }
}

/** Versions 1, the champion, and 2 of model `next_day`. */
export async function withChampion(policy?: PromotionPolicy): Promise<{ registry: Registry; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-rollouts-'))
  const { registry, close } = await registryIn(folder, policy)
  onTestFinished(async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  })
  for (const bias of [1, 2])
    await registry.register({
      model: 'next_day',
      onnx: linearRegressionOnnx({ features: ['usage__kwh_7d'], weights: [2], bias, impute: [0] }),
      service: service.plan,
      goldenRows: { inputs: [[3]], outputs: { prediction: [6 + bias] } },
      actor: 'trainer',
    })
  await registry.setAlias('next_day', 'champion', 1, { reason: 'first', actor: 'ann', expect: null })
  return { registry, folder }
}
