import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entity, fact, featureService, featureView, openCatalog } from '@martlet/feature-store'
import { folderArtifacts, openRegistry } from '@martlet/registry'
import { openDuckDb, sql } from '@martlet/warehouse'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { TruthConfig } from '../../src/config/truth-config.ts'
import { chanceOfYes } from '../../src/monitor/chance-of-yes.ts'
import { classScores } from '../../src/monitor/class-scores.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), at: z.date(), a: z.number(), b: z.number(), c: z.number() },
  entities: [customer],
  eventTime: 'at',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ a: f.sum('a').over('1d'), b: f.sum('b').over('1d'), c: f.sum('c').over('1d') }),
})
const { plan } = featureService('bands', [view])
const fixtures = new URL('../../../registry/test/fixtures/', import.meta.url)

async function bands() {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-class-scores-'))
  const catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  const registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
  return {
    project: { registry: async () => registry },
    register: async (file: string, label: string | number) =>
      registry.register({
        model: 'band',
        onnx: await readFile(new URL(file, fixtures)),
        service: plan,
        goldenRows: { inputs: [[1.5, 10.25, 4]], outputs: { output_label: [label] } },
        actor: 'test',
      }),
    async [Symbol.asyncDispose]() {
      await catalog.close()
      await rm(folder, { recursive: true })
    },
  }
}

it('chances of classes are in the columns of the output that names them, unless versions differ', async () => {
  await using registered = await bands()
  const { project, register } = registered
  const columns = (first: string, second: string, third: string) => ({
    [first]: 'prediction__output_probability__0',
    [second]: 'prediction__output_probability__1',
    [third]: 'prediction__output_probability__2',
  })
  expect(await classScores(project, { model: 'band' })).toBeUndefined()
  await register('classifier-zipmap-text.onnx', 'high')
  expect(await classScores(project, { model: 'band' })).toEqual(columns('high', 'low', 'mid'))
  expect(await classScores(project, { model: 'band', task: 'binary' })).toBeUndefined()
  expect(await classScores(project, { model: 'band', positive: 'high' })).toBeUndefined()
  expect(await classScores(project, { model: 'band', scores: { high: 'h' } })).toEqual({ high: 'h' })
  await register('classifier-zipmap.onnx', 1)
  expect(await classScores(project, { model: 'band' })).toBeUndefined()
  expect(await classScores(project, { model: 'band', version: 1 })).toEqual(columns('high', 'low', 'mid'))
  expect(Object.keys((await classScores(project, { model: 'band', version: 2 })) ?? {})).toEqual(['0', '1'])
})

it('the chance of yes is in the column that the registry calls yes, if the label is binary', async () => {
  await using registered = await bands()
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE happened (customer_id VARCHAR, "at" TIMESTAMP, late BOOLEAN, n BIGINT)`)
  const { project, register } = registered
  const chance = async (given: Partial<TruthConfig> = {}, value = 'late') => {
    const labels = { table: 'happened', time: 'at', value, within: 1 }
    return chanceOfYes(project, warehouse, { model: 'band', labels: 'band', ...given }, labels)
  }
  const [no, yes] = ['prediction__output_probability__0', 'prediction__output_probability__1']
  expect(await chance()).toBeUndefined()
  await register('classifier-zipmap.onnx', 1)
  expect(await chance()).toBe(yes)
  expect(await chance({ positive: '0' })).toBe(no)
  expect(await chance({ positive: 'late' })).toBeUndefined()
  expect(await chance({}, 'n')).toBeUndefined()
  expect(await chance({ task: 'binary' }, 'n')).toBe(yes)
  expect(await chance({ task: 'classes' })).toBeUndefined()
  expect(await chance({ prediction: 'prediction__own' })).toBe('prediction__own')
  expect(await chance({ scores: { no: 'a', yes: 'b' }, positive: 'yes' })).toBe('b')
  // A version of other classes answers in no column of these two.
  await register('classifier-zipmap-text.onnx', 'high')
  expect(await chance()).toBeUndefined()
  expect(await chance({ version: 1 })).toBe(yes)
})
