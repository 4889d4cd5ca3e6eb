import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { loadModel, threadedRuntime, treeEnsembleOnnx, type TreeNode } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FeatureMatrix, ModelSource, ServableModel, ServingApp, ServingOptions } from '../../src/index.ts'
import { registryModels } from '../../src/index.ts'
import { SharedRuns } from '../../src/desk/model/predict/shared-runs.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { usageOnly } from '../support/energy.ts'
import { post, serveEnergy } from '../support/serve.ts'

const path = '/v1/models/risk/predict'
const fields = ['kwh_1d', 'kwh_7d', 'peak_7d'].map(
  (name) => ({ field: `customer_usage__${name}`, type: 'double', missing: 'nan' }) as const,
)

interface Watched {
  readonly models: ModelSource
  /** The rows of each run. */
  readonly runs: number[]
}

/** A source of one model in two versions, whose runs are counted and may be replaced. */
function source(predict: ServableModel['predict'], more: Partial<ServableModel> = {}): Watched {
  const runs: number[] = []
  const models: ModelSource = {
    aliases: () => [{ model: 'risk', alias: 'champion', version: 1 }],
    models: () => [],
    versions: () => [2, 1].map((version) => ({ version }) as never),
    history: () => [],
    load: async (model, version) => ({
      model,
      version,
      sha256: 'f'.repeat(64),
      service: 'usage_only',
      definitionHashes: {},
      fields,
      sharesRuns: true,
      predict(vectors) {
        runs.push(vectors.rows)
        return predict(vectors)
      },
      release: async () => undefined,
      ...more,
    }),
  }
  return { models, runs }
}

const weeksOf = (vectors: FeatureMatrix): readonly number[] =>
  Array.from({ length: vectors.rows }, (_, row) => Number(vectors.value(row, 1)))
const week: ServableModel['predict'] = async (vectors) => {
  await turn()
  return { week: { element: 'float64', dims: [vectors.rows, 1], data: Float64Array.from(weeksOf(vectors)) } }
}

async function answerOf(response: Promise<Response>): Promise<Answer> {
  return JSON.parse(await (await response).text())
}

async function started(models: ModelSource, options: Partial<ServingOptions> = {}): Promise<ServingApp> {
  const app = await serveEnergy({ registry: models, ...options })
  onTestFinished(() => app.close())
  await app.start()
  return app
}

/** Requests that are sent together may still arrive in different turns of the event loop when the machine is busy. */
const TOGETHER: Partial<ServingOptions> = { inference: { batching: { waitMs: 250 } } }

interface Answer {
  readonly version: number
  readonly rows: readonly { readonly prediction: { readonly week: number | null } }[]
}

const ask = (app: ServingApp, ids: readonly string[], more: object = {}): Promise<Response> =>
  post(app, path, { keys: ids.map((id) => ({ customer_id: id })), ...more })

describe('requests that arrive together', () => {
  test('share one run, and each gets its own rows; later ones get the next', async () => {
    const { models, runs } = source(week)
    const app = await started(models, TOGETHER)
    const answers = await Promise.all(['a', 'b', 'a', 'c'].map((id) => answerOf(ask(app, [id]))))
    expect(answers.map(({ rows }) => rows[0]?.prediction.week)).toEqual([10.25, 20, 10.25, 0])
    expect(runs).toEqual([4])
    await ask(app, ['a'])
    expect(runs).toEqual([4, 1])
    const metrics = await (await app.request('/metrics')).text()
    expect(metrics).toMatch(/martlet_model_shared_run_requests_sum\{model="risk",version="1"\} 4\n/)
    expect(metrics).toMatch(/martlet_model_shared_run_wait_seconds_count\{model="risk",version="1"\} 1\n/)
    expect(metrics).toMatch(/martlet_model_rows_total\{model="risk",version="1"\} 5\n/)
  })

  test('share one run without waiting when they arrive in one turn of the event loop', async () => {
    const sizes: number[] = []
    const model = await source(week).models.load('risk', 1)
    const shared = new SharedRuns(model, { waitMs: 0, rows: 64 }, (rows) => void sizes.push(rows))
    const context = { check: () => undefined }
    const row = (kwh: number): FeatureMatrix => ({ rows: 1, value: () => kwh })
    const ran = await Promise.all([1, 2, 3].map((kwh) => shared.run(context, row(kwh), false)))
    expect(ran.map(({ outputs }) => outputs['week']?.data)).toEqual([1, 2, 3].map((kwh) => Float64Array.of(kwh)))
    expect(sizes).toEqual([3])
    // Who is alone does not wait for the next turn either.
    const quiet = new SharedRuns(model, { waitMs: 0, rows: 64 }, (rows) => void sizes.push(rows))
    await Promise.all([quiet.run(context, row(4), true), quiet.run(context, row(5), true)])
    expect(sizes).toEqual([3, 1, 1])
  })

  test.each<[string, Partial<ServableModel>, Partial<ServingOptions>]>([
    ['the model may answer otherwise then', { sharesRuns: false }, {}],
    ['the operator has turned it off', {}, { inference: { batching: false } }],
  ])('do not when %s', async (_, more, options) => {
    const { models, runs } = source(week, more)
    const app = await started(models, options)
    for (let round = 0; round < 2; round++) await Promise.all(['a', 'b', 'c'].map((id) => ask(app, [id])))
    expect(runs).toEqual([1, 1, 1, 1, 1, 1])
  })

  test('share runs of no more rows than allowed, and a larger request has a run of its own', async () => {
    const { models, runs } = source(week)
    const app = await started(models, { inference: { batching: { rows: 2, waitMs: 250 } } })
    const ids = [['a'], ['b'], ['a', 'c'], ['c'], ['b']]
    for (let round = 0; round < 2; round++) {
      runs.length = 0
      const answers = await Promise.all(ids.map((keys) => answerOf(ask(app, keys))))
      expect(answers.map(({ rows }) => rows.length)).toEqual([1, 1, 2, 1, 1])
    }
    expect(runs).toEqual([2, 2, 2])
  })

  test('wait for others as long as they may, and not longer once the run is full', async () => {
    const { models, runs } = source(week)
    const app = await started(models, { inference: { batching: { waitMs: 1000, rows: 2 } } })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const first = ask(app, ['a'])
    await sleep(30)
    expect(runs).toEqual([])
    await Promise.all([first, ask(app, ['b'])])
    expect(runs).toEqual([2])
    const alone = ask(app, ['a'])
    await sleep(30)
    await vi.advanceTimersByTimeAsync(999)
    expect(runs).toEqual([2])
    await vi.advanceTimersByTimeAsync(1)
    await alone
    expect(runs).toEqual([2, 1])
  })

  test('are collected while all threads of the model are busy', async () => {
    let free: (() => void) | undefined
    const { models, runs } = source(
      async (vectors) => {
        await new Promise<void>((resolve) => (free = resolve))
        return week(vectors)
      },
      { runsAtOnce: 1 },
    )
    const app = await started(models)
    const requests = [ask(app, ['a'])]
    while (runs.length === 0) await turn()
    for (const id of ['b', 'c', 'a']) {
      requests.push(ask(app, [id]))
      await sleep(5)
    }
    expect(runs).toEqual([1])
    free?.()
    while (runs.length === 1) await turn()
    free?.()
    for (const response of requests) expect((await response).status).toBe(200)
    expect(runs).toEqual([1, 3])
  })

  test('for two versions never share a run', async () => {
    const { models, runs } = source(week)
    const app = await started(models, TOGETHER)
    const both = (): Promise<Response>[] =>
      [1, 2, 1, 2, 2].map((version, index) => ask(app, [['a', 'b', 'c'][index % 3] ?? 'a'], { version }))
    await Promise.all(both())
    runs.length = 0
    const answers = await Promise.all(both().map(answerOf))
    expect(answers.map(({ version }) => version)).toEqual([1, 2, 1, 2, 2])
    expect(answers.map(({ rows }) => rows[0]?.prediction.week)).toEqual([10.25, 20, 0, 10.25, 20])
    expect(runs.toSorted()).toEqual([2, 3])
  })
})

describe('a shared run that fails', () => {
  const failing = (code: string): ServableModel['predict'] => {
    return async (vectors) => {
      await turn()
      const row = weeksOf(vectors).indexOf(20)
      if (row !== -1) throw new MartletError(code, `row ${row} does not work`, { data: { row } })
      return week(vectors)
    }
  }

  test.each([
    ['MODEL_RUN_FAILED', 422, 'MODEL_REFUSES_ROW'],
    ['FEATURE_VALUE_INVALID', 422, 'FEATURE_VALUE_INVALID'],
  ])('because of one row (%s) fails only the request of that row, which names it', async (code, status, shown) => {
    const { models } = source(failing(code))
    const app = await started(models)
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all([['a'], ['a', 'b'], ['c']].map((ids) => ask(app, ids)))
      expect(answers.map((answer) => answer.status)).toEqual([200, status, 200])
      expect(await answers[1]?.json()).toMatchObject({ code: shown, path: 'keys[1]' })
      expect(await answers[2]?.json()).toMatchObject({ rows: [{ prediction: { week: 0 } }] })
    }
  })

  test.each([
    ['MODEL_CRASHED', 503],
    ['MODEL_TIME_LIMIT', 504],
  ])('because of the model (%s) fails its requests and is not repeated', async (code, status) => {
    const { models, runs } = source(failing(code))
    const app = await started(models, TOGETHER)
    await Promise.all(['a', 'c'].map((id) => ask(app, [id])))
    runs.length = 0
    const answers = await Promise.all(['a', 'b', 'c'].map((id) => ask(app, [id])))
    expect(answers.map((answer) => answer.status)).toEqual([status, status, status])
    expect(runs).toEqual([3])
  })
})

test('a request that is too late when its run begins is refused, and the others are answered', async () => {
  let free: (() => void) | undefined
  const { models, runs } = source(
    async (vectors) => {
      if (free === undefined) await new Promise<void>((resolve) => (free = resolve))
      return week(vectors)
    },
    { runsAtOnce: 1 },
  )
  const app = await started(models, { limits: { deadlineMs: 400 } })
  const first = ask(app, ['a'])
  while (runs.length === 0) await turn()
  const late = ask(app, ['b'])
  await sleep(450)
  const timely = ask(app, ['c'])
  await sleep(5)
  free?.()
  expect([(await first).status, (await late).status, (await timely).status]).toEqual([504, 504, 200])
  expect(runs).toEqual([1, 1])
})

const oneTree = (seed: number): TreeNode => ({
  feature: seed % 3,
  threshold: 5 * Math.sin(seed) ** 2,
  left: Math.sin(seed),
  right: { feature: (seed + 1) % 3, threshold: 25 * Math.cos(seed) ** 2, left: Math.cos(seed), right: 0.1 * seed },
})

test('shared runs answer as runs of one request do, byte for byte, refusals included', async () => {
  const { registry, serve } = await backing('memory', await trustedRuntime())
  const features = fields.map(({ field }) => field)
  const onnx = treeEnsembleOnnx({ features, trees: Array.from({ length: 30 }, (_, index) => oneTree(index)) })
  const given = { inputs: [[1, 2, 3]], outputs: { prediction: [0] }, tolerance: { absolute: 1e9, relative: 1 } }
  await registry.register({ model: 'risk', onnx, service: usageOnly.plan, goldenRows: given, actor: 'trainer' })
  const move = { expect: null, reason: 'test', actor: 'tester' }
  await registry.setAlias('risk', 'champion', 1, move)
  await using model = await loadModel(registry, { model: 'risk', version: 1 })
  expect(model.exactInBatches).toBe(true)

  /** The model, but rows of customer b (20 kWh a week) are refused, together with whatever they share a run with. */
  const models: ModelSource = {
    ...registryModels(registry),
    async load(name, version) {
      const loaded = await registryModels(registry).load(name, version)
      expect(loaded.sharesRuns).toBe(true)
      return {
        ...loaded,
        predict(vectors) {
          if (weeksOf(vectors).includes(20)) throw new MartletError('MODEL_RUN_FAILED', 'no row of 20 works')
          return loaded.predict(vectors)
        },
      }
    },
  }
  const alone = serve({ registry: models, inference: { batching: false } })
  const shared = [0, 2].map((waitMs) => serve({ registry: models, inference: { batching: { waitMs, rows: 16 } } }))

  // Two refused rows may be named in one answer or, of a request that was answered in steps, in part.
  const request = fc.record({
    ids: fc
      .tuple(
        fc.array(fc.constantFrom<string>('a', 'c', 'nobody'), { minLength: 1, maxLength: 19 }),
        fc.option(fc.nat({ max: 19 }), { freq: 3 }),
      )
      .map(([ids, refused]) => (refused === null ? ids : ids.toSpliced(refused, 0, 'b'))),
    /** Turns of the event loop before it is sent. */
    after: fc.nat({ max: 4 }),
  })
  const send = async (app: ServingApp, { ids, after }: { ids: readonly string[]; after: number }) => {
    for (let waited = 0; waited < after; waited++) await turn()
    const keys = ids.map((id) => ({ customer_id: id }))
    const response = await post(app, path, { keys }, { 'x-request-id': 'same' })
    return [response.status, await response.text()] as const
  }
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 12 }), async (requests) => {
      const expected: (readonly [number, string])[] = []
      for (const one of requests) expected.push(await send(alone, { ...one, after: 0 }))
      for (const app of shared) expect(await Promise.all(requests.map((one) => send(app, one)))).toEqual(expected)
    }),
    { numRuns: 30 },
  )
  const metrics = await Promise.all(shared.map(async (app) => (await app.request('/metrics')).text()))
  for (const text of metrics) expect(text).toMatch(/martlet_model_shared_run_requests_count\{[^}]*\} [1-9]/)
})

test('while a slow model runs in its thread, a fast one and features are answered', async () => {
  const trees = Array.from({ length: 30 }, (_, index) => oneTree(index))
  const session = await threadedRuntime().open(treeEnsembleOnnx({ features: ['a', 'b', 'c'], trees }))
  onTestFinished(() => session.release())
  // Rows enough that the run takes far longer than the requests below.
  const rows = 2_000_000
  const data = Float32Array.from({ length: 3 * rows }, (_, index) => index % 29)
  const slow: ServableModel['predict'] = async (vectors) => {
    await session.run({ features: { element: 'float32', dims: [rows, 3], data } }, ['prediction'])
    return week(vectors)
  }
  const { models } = source(week)
  const both: ModelSource = {
    ...models,
    aliases: () => ['risk', 'slow'].map((model) => ({ model, alias: 'champion', version: 1 })),
    load: async (model, version) => ({
      ...(await models.load(model, version)),
      ...(model === 'slow' ? { predict: slow, runsAtOnce: 1 } : {}),
    }),
  }
  const app = await started(both, { limits: { deadlineMs: 20_000 } })
  let over = false
  const running = post(app, '/v1/models/slow/predict', { keys: [{ customer_id: 'a' }] }).finally(() => (over = true))
  await sleep(5)
  const statuses: number[] = []
  for (let index = 0; index < 10; index++) {
    statuses.push((await ask(app, ['a'])).status)
    statuses.push((await post(app, '/v1/features/usage_only', { keys: [{ customer_id: 'a' }] })).status)
  }
  expect([over, statuses]).toEqual([false, Array.from({ length: 20 }, () => 200)])
  expect((await running).status).toBe(200)
}, 30_000)

test.each([
  [{ threads: -1 }, 'threads'],
  [{ threads: 1.5 }, 'threads'],
  [{ threadFromMs: Number.NaN }, 'threadFromMs'],
  [{ batching: { rows: 0 } }, 'batching.rows'],
  [{ batching: { waitMs: 2000 } }, 'batching.waitMs'],
])('%j is refused with the name of what is wrong', async (inference, name) => {
  await expect(serveEnergy({ inference })).rejects.toMatchObject({ code: 'INVALID_INFERENCE', data: { name } })
})
