import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { seededProject, type TestProject } from './run-martlet.ts'

// Each step starts a process, and stands on the ones before it.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

let project: TestProject
beforeAll(async () => {
  project = await seededProject()
  for (const args of [['apply', '--yes'], ['materialize'], ['training-set', 'next_day_training']])
    await project.json(0, ...args)
  await project.node('train.ts')
  await project.json(
    0,
    'models',
    'register',
    'm',
    '--onnx',
    'model.onnx',
    '--service',
    'next_day',
    '--golden',
    'golden.json',
    '--training-set',
    'next_day_training',
  )
  await project.json(0, 'models', 'promote', 'm', '1', '--reason', 'first')
})
afterAll(() => project[Symbol.asyncDispose]())

const predicted = z.object({ rows: z.tuple([z.object({ prediction: z.object({ prediction: z.number() }) })]) })
async function predict(): Promise<number> {
  const server = project.start('serve', '--port', '0', '--json')
  const { url } = z.object({ url: z.string() }).parse(JSON.parse(await server.printed('\n', 'stdout')))
  const response = await fetch(`${url}/v1/models/m/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: [{ customer_id: 'c01' }] }),
  })
  const {
    rows: [{ prediction }],
  } = predicted.parse(await response.json())
  server.child.kill('SIGTERM')
  await server.ended
  return prediction.prediction
}

let first: number
it('plan and apply say that a live model goes on with the definition it was trained on, and it does', async () => {
  first = await predict()
  await project.edit(
    'definitions.ts',
    "f.sum('kwh').over('1d', '7d', '28d')",
    "f.sum('kwh').where((r) => r.kwh.gt(1)).over('1d', '7d', '28d')",
  )
  const planned = await project.martlet('plan')
  expect(planned.stdout).toMatch(
    /^model m@champion version 1 {2}keeps working: the definition that it was trained on is kept/m,
  )
  expect(planned.stdout).toContain(
    'feature kwh_1d of view customer_usage is computed differently than when the model was trained',
  )
  expect(await project.json(0, 'plan')).toMatchObject({
    models: [{ model: 'm', alias: 'champion', version: 1, outcome: 'kept' }],
  })
  await project.json(0, 'apply', '--yes', '--allow-rebuild')
  expect(await predict()).toBe(first)
  expect(await project.json(0, 'materialize')).toMatchObject({
    views: [{ view: 'customer_usage', action: 'rebuild' }, { view: expect.stringMatching(/^customer_usage__/) }],
  })
  expect(await predict()).toBe(first)
})

it('status shows what is kept and for whom', async () => {
  const kept = {
    view: 'customer_usage',
    name: expect.stringMatching(/^customer_usage__[0-9a-f]{12}$/),
    models: [{ model: 'm', alias: 'champion', version: 1 }],
  }
  expect(await project.json(0, 'status')).toMatchObject({ views: [{ view: 'customer_usage' }], kept: [kept] })
  const { stdout } = await project.martlet('status')
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /customer_usage definition [0-9a-f]{8}, features\.customer_usage__[0-9a-f]{12}, complete before .*; kept for m@champion version 1/,
  )
})

it('a rename is one, and the model keeps working; a feature that is removed with it is kept', async () => {
  await project.edit('definitions.ts', "    peak: f.max('kwh')", "    highest: renamedFrom('peak', f.max('kwh')")
  await project.edit('definitions.ts', ".over('7d'),\n    days_silent", ".over('7d')),\n    days_silent")
  await project.edit('definitions.ts', 'featureView, label }', 'featureView, label, renamedFrom }')
  expect((await project.martlet('plan')).stdout).toMatch(
    /^~ view customer_usage +metadata only\n {4}peak_7d renamed to highest_7d$/m,
  )
  await project.json(0, 'apply', '--yes')
  expect(await project.json(0, 'materialize')).toMatchObject({
    views: [{ view: 'customer_usage', action: 'publish', rows: 0 }, {}],
  })
  expect(await predict()).toBe(first)
})

it('what is kept is dropped when no live model needs it', async () => {
  await project.json(0, 'training-set', 'next_day_training')
  await project.node('train.ts')
  await project.json(
    0,
    'models',
    'register',
    'm',
    '--onnx',
    'model.onnx',
    '--service',
    'next_day',
    '--golden',
    'golden.json',
    '--training-set',
    'next_day_training',
  )
  await project.json(0, 'models', 'promote', 'm', '2', '--reason', 'trained on what is defined now')
  expect((await project.martlet('status')).stdout.replaceAll(/\s+/g, ' ')).toContain('no longer needed by a live model')
  await project.json(0, 'materialize')
  expect(await project.json(0, 'status')).toMatchObject({ kept: [] })
})

it('a model that was never trained on definitions of this catalog breaks, is named, and stops apply', async () => {
  await project.write('elsewhere.json', JSON.stringify({ views: { customer_usage: 'elsewhere' } }))
  await project.json(
    0,
    'models',
    'register',
    'foreign',
    '--onnx',
    'model.onnx',
    '--service',
    'next_day',
    '--golden',
    'golden.json',
    '--training-set',
    'elsewhere.json',
  )
  await project.json(0, 'models', 'promote', 'foreign', '1', '--reason', 'from another place')
  await project.edit('definitions.ts', "customerUsage.pick('kwh_1d', 'kwh_7d')", "customerUsage.pick('kwh_1d')")
  expect((await project.martlet('plan')).stdout).toMatch(/^model foreign@champion version 1 {2}will answer 503$/m)
  const refused = await project.martlet('apply', '--yes')
  expect(refused.code).toBe(1)
  expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(
    'model foreign@champion version 1 would stop answering (service next_day has no feature kwh_7d of view ' +
      'customer_usage): --allow-breaking allows it',
  )
  expect(await project.json(1, 'apply', '--yes')).toMatchObject({
    error: { code: 'APPLY_REFUSED', data: { breaks: [{ model: 'foreign', alias: 'champion', version: 1 }] } },
  })
  expect(await project.json(0, 'apply', '--yes', '--allow-breaking')).toMatchObject({
    models: [
      { model: 'foreign', outcome: 'breaks' },
      { model: 'm', outcome: 'works' },
    ],
  })
  expect(await project.json(0, 'plan')).toMatchObject({
    models: [
      { model: 'foreign', outcome: 'broken' },
      { model: 'm', outcome: 'works' },
    ],
  })
})
