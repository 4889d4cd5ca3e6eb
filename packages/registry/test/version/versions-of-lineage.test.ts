import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  fact,
  featureService,
  featureView,
  lineageOf,
  openCatalog,
  planDefinitions,
  type AnyFeatureService,
} from '@martlet/feature-store'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  folderArtifacts,
  linearRegressionOnnx,
  lineageStart,
  openRegistry,
  versionsOfLineage,
  type Registration,
} from '../../src/index.ts'
import { temporaryFolder } from '../support/registries.ts'

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const usage = featureView('usage', {
  of: customer,
  from: readings,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d', '28d') }),
})
const costs = featureView('costs', {
  of: customer,
  from: readings,
  every: '1d',
  features: (f) => ({ cost: f.sum('cost').over('7d') }),
})

/** y = the sum of all features, plus a bias that makes another artifact. */
function registration(model: string, service: AnyFeatureService, bias: number): Registration {
  const features = service.plan.views.flatMap(({ view, features: names }) =>
    names.map((name) => `${view.name}__${name}`),
  )
  const inputs = [features.map((_, i) => i + 1)]
  return {
    model,
    service: service.plan,
    actor: 'trainer',
    onnx: linearRegressionOnnx({ features, weights: features.map(() => 1), bias, impute: features.map(() => null) }),
    goldenRows: {
      inputs,
      outputs: { prediction: inputs.map((row) => row.reduce((sum, x) => sum + x, bias)) },
      tolerance: { absolute: 0, relative: 1e-6 },
    },
  }
}

test('lineage leads from a column through features and services to model versions, and back', async () => {
  const folder = await temporaryFolder()
  const catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  onTestFinished(() => catalog.close())
  const nextDay = featureService('next_day', [usage])
  const billing = featureService('billing', [usage.pick('kwh_28d'), costs])
  await applyDefinitions(catalog, await planDefinitions(catalog, [nextDay, billing]))
  const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
  await registry.register(registration('forecast', nextDay, 1))
  await registry.register(registration('forecast', nextDay, 2))
  await registry.register(registration('bill', billing, 1))
  await registry.register(registration('bill', billing, 2))
  await registry.delete('bill', 1, { actor: 'me' })
  await registry.archive('forecast', 1, { actor: 'me' })

  const reached = async (kind: string, name: string): Promise<string[]> =>
    (await versionsOfLineage(registry, await lineageOf(catalog.db, { kind, name }, 'downstream'))).map(
      ({ model, version }) => `${model} ${version}`,
    )
  expect(await reached('column', 'mart.usage.kwh')).toEqual(['bill 2', 'forecast 2', 'forecast 1'])
  expect(await reached('column', 'mart.usage.cost')).toEqual(['bill 2'])
  expect(await reached('feature', 'usage.kwh_7d')).toEqual(['forecast 2', 'forecast 1'])
  expect(await reached('column', 'mart.usage.nothing')).toEqual([])
  expect(
    (await versionsOfLineage(registry, [{ kind: 'service', name: 'next_day' }])).map(({ version }) => version),
  ).toEqual([2, 1])

  const sources = await lineageOf(catalog.db, lineageStart(await registry.version('forecast', 2)), 'upstream')
  expect(sources.filter(({ kind }) => kind === 'column').map(({ name }) => name)).toEqual([
    'mart.usage.kwh',
    'mart.usage.ts',
  ])
})
