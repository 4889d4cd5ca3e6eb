import { expect, test } from 'vitest'
import { loadModel, nodeRuntime, type OnnxRuntime, type Registry } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

/** onnxruntime, counting the sessions that are open. */
async function counting(): Promise<{ runtime: OnnxRuntime; open: () => number }> {
  const real = await nodeRuntime()
  let open = 0
  const runtime: OnnxRuntime = {
    name: real.name,
    async open(model) {
      const session = await real.open(model)
      open += 1
      return {
        run: session.run,
        async release() {
          await session.release()
          open -= 1
        },
      }
    },
  }
  return { runtime, open: () => open }
}

async function promote(registry: Registry, bias: number): Promise<number> {
  const { version } = await registry.register(linear(bias))
  const { live } = await registry.history('next_day', 'champion')
  await registry.setAlias('next_day', 'champion', version.version, { expect: live, reason: 'newer', actor: 'me' })
  return version.version
}

test('release waits for the runs under way and refuses new ones', async () => {
  const { runtime, open } = await counting()
  const { registry } = await temporaryRegistry({ runtime })
  await promote(registry, 5)
  expect(open()).toBe(0)
  const model = await loadModel(registry, { model: 'next_day', version: 'champion' })
  const runs = Array.from({ length: 20 }, (_, index) => model.run(Float32Array.of(index, 0), 1))
  expect(model.inFlight).toBe(20)
  let released = false
  const release = model.release().then(() => (released = true))
  expect((await failure(() => model.run(Float32Array.of(1, 1), 1))).code).toBe('MODEL_RELEASED')
  expect(released).toBe(false)
  const answers = await Promise.all(runs)
  expect(answers.map(({ prediction }) => prediction!.data[0])).toEqual(answers.map((_, index) => 2 * index + 5))
  await release
  expect([open(), model.inFlight]).toEqual([0, 0])
  await model.release()
  expect(open()).toBe(0)
})

test('a failed run counts as finished', async () => {
  const { registry } = await temporaryRegistry()
  await promote(registry, 5)
  const model = await loadModel(registry, { model: 'next_day', version: 'champion' })
  await failure(() => model.run(Float32Array.of(1), 1))
  expect(model.inFlight).toBe(0)
  await model.release()
})

test('a model that does not load leaves no session open', async () => {
  const { runtime, open } = await counting()
  const { registry, db, folder } = await temporaryRegistry({ runtime })
  await promote(registry, 5)
  await db
    .updateTable('model_versions')
    .set({ golden_rows: JSON.stringify({ ...linear(5).goldenRows, outputs: { prediction: [0, 0] } }) })
    .execute()
  expect(folder).toBeTruthy()
  expect((await failure(() => loadModel(registry, { model: 'next_day', version: 'champion' }))).code).toBe(
    'GOLDEN_ROWS_DISAGREE',
  )
  expect(open()).toBe(0)
})

test('a hundred swaps under load lose no prediction and keep one session', { timeout: 120_000 }, async () => {
  const { runtime, open } = await counting()
  const { registry } = await temporaryRegistry({ runtime })
  await promote(registry, 0)
  let current = await loadModel(registry, { model: 'next_day', version: 'champion' })
  const load = { running: true }
  let predictions = 0
  const client = async (): Promise<void> => {
    while (load.running) {
      const model = current
      const { prediction } = await model.run(Float32Array.of(1, 2), 1)
      expect(prediction!.data[0]).toBe(8 + model.version.version - 1)
      predictions += 1
    }
  }
  const clients = Promise.all([client(), client(), client(), client()])
  const rss = [process.memoryUsage.rss()]
  for (let swap = 1; swap <= 100; swap += 1) {
    const version = await promote(registry, swap)
    const next = await loadModel(registry, { model: 'next_day', version })
    const previous = current
    current = next
    await previous.release()
    if (swap % 50 === 0) rss.push(process.memoryUsage.rss())
  }
  load.running = false
  await clients
  await current.release()
  expect(open()).toBe(0)
  expect(predictions).toBeGreaterThan(100)
  console.log(
    `100 swaps, ${predictions} predictions, RSS MB at 0, 50, 100 swaps: ${rss.map((bytes) => Math.round(bytes / 1e6)).join(', ')}`,
  )
})
