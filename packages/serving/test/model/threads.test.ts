import process from 'node:process'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { backing } from '../support/backing.ts'
import { post } from '../support/serve.ts'

const path = '/v1/models/usage_model/predict'
const keys = [{ customer_id: 'a' }]

test('a slow model is loaded and run in a thread, which is replaced when it ends, and ends with the server', async () => {
  const threads: Worker[] = []
  const note = (worker: Worker): void => void threads.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  const app = serve({ inference: { threadFromMs: 0 } })
  await app.start()
  expect(threads.length).toBe(1)
  const prediction = async (): Promise<unknown> => {
    const { code, rows } = JSON.parse(await (await post(app, path, { keys })).text())
    return code ?? rows[0].prediction.prediction
  }
  expect(await Promise.all([prediction(), prediction(), prediction()])).toEqual([34.5, 34.5, 34.5])

  // It ends with the question unread: terminated in the middle of a run, it would end this process.
  vi.spyOn(threads[0]!, 'postMessage').mockImplementation(() => void threads[0]!.terminate())
  const response = await post(app, path, { keys })
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await response.json()).toMatchObject({ code: 'MODEL_CRASHED' })
  expect(await prediction()).toBe(34.5)
  expect(threads.length).toBe(2)

  await promote(await register(1.5))
  await app.refresh()
  expect(await prediction()).toBe(35.5)
  expect(threads.length).toBe(3)
  await app.close()
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1, -1])
})

test('a fast model starts no thread, nor does any when there are none to be', async () => {
  const threads: Worker[] = []
  const note = (worker: Worker): void => void threads.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  const { register, promote, serve } = await backing()
  await promote(await register(0.5))
  for (const inference of [{ threadFromMs: 1000 }, { threads: 0, threadFromMs: 0 }]) {
    const app = serve({ inference })
    expect((await post(app, path, { keys })).status).toBe(200)
  }
  expect(threads.length).toBe(0)
})
