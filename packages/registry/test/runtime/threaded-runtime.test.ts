import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { linearRegressionOnnx, nodeRuntime, threadedRuntime, type OnnxSession, type Tensors } from '../../src/index.ts'
import { MAX_THREADS, threadsFree } from '../../src/runtime/threaded/thread-limits.ts'
import { failure } from '../support/failure.ts'
import { loopModel, wideModel } from '../support/hostile-models.ts'
import { fixture } from '../support/registries.ts'

const linear = linearRegressionOnnx({ features: ['a', 'b'], weights: [2, 3], bias: 5 })
const one = (value: number): Tensors => ({ x: { element: 'float32', dims: [1, 1], data: Float32Array.of(value) } })
const ask = async (session: OnnxSession, value: number): Promise<number> =>
  Number((await session.run(one(value), ['y']))['y']!.data[0])
/** Turns of the loop model that take some tenths of a second. */
const LONG = 2 ** 16

/** The threads that are started from now on. */
function watchThreads(): readonly Worker[] {
  const seen: Worker[] = []
  const note = (worker: Worker): void => void seen.push(worker)
  process.on('worker', note)
  onTestFinished(() => void process.off('worker', note))
  return seen
}

describe('answers', () => {
  test('are those of the same model on the calling thread, for every element type', async () => {
    const [direct, threaded] = [await nodeRuntime(), threadedRuntime()]
    const cases: readonly [Uint8Array, Tensors, readonly string[]][] = [
      [
        linear,
        { features: { element: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) } },
        ['prediction'],
      ],
      [
        await fixture('echo'),
        {
          whole: { element: 'int64', dims: [2], data: BigInt64Array.of(9007199254740993n, -1n) },
          flag: { element: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
          word: { element: 'string', dims: [2], data: ['ü', ''] },
          real: { element: 'float64', dims: [2], data: Float64Array.of(0.1, Number.NaN) },
        },
        ['whole_out', 'flag_out', 'word_out', 'real_out'],
      ],
    ]
    for (const [bytes, feeds, fetches] of cases) {
      const sessions = [await direct.open(bytes), await threaded.open(bytes)]
      const [here, there] = await Promise.all(sessions.map((session) => session.run(feeds, fetches)))
      expect(there).toEqual(here)
      await Promise.all(sessions.map((session) => session.release()))
    }
  })

  test('of several threads belong to their questions, and the arrays of the caller stay as they are', async () => {
    const session = await threadedRuntime(2).open(linear)
    const many = Float32Array.from({ length: 40 }, (_, index) => index)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, row) =>
        session.run({ features: { element: 'float32', dims: [1, 2], data: many.subarray(2 * row, 2 * row + 2) } }, [
          'prediction',
        ]),
      ),
    )
    expect(answers.map(({ prediction }) => prediction!.data[0])).toEqual(
      answers.map((_, row) => 2 * (2 * row) + 3 * (2 * row + 1) + 5),
    )
    expect([...many]).toEqual(Array.from({ length: 40 }, (_, index) => index))
    await session.release()
  })

  test('do not hold up the calling thread', async () => {
    const session = await threadedRuntime().open(loopModel())
    let turns = 0
    let over = false
    const run = ask(session, LONG).finally(() => (over = true))
    while (!over) {
      turns++
      await sleep(1)
    }
    expect(await run).toBe(LONG)
    // On the calling thread there would be two.
    expect(turns).toBeGreaterThan(10)
    await session.release()
  })
})

describe('limits', () => {
  test('a run that takes too long is refused in time, and the next run answers', async () => {
    const session = await threadedRuntime(1, { runMs: 500 }).open(loopModel(), 'loop version 1')
    const error = await failure(() => ask(session, 8 * LONG))
    expect([error.code, error.message]).toEqual([
      'MODEL_TIME_LIMIT',
      expect.stringMatching(/^Model loop version 1 did not answer within 500 ms/),
    ])
    expect(await ask(session, 4)).toBe(4)
    await session.release()
  })

  test('more runs than may wait are refused at once', async () => {
    const session = await threadedRuntime(1, { waiting: 2 }).open(loopModel())
    const runs = await Promise.allSettled([1, 2, 3, 4].map((value) => ask(session, value)))
    expect(runs).toMatchObject([
      { value: 1 },
      { value: 2 },
      { value: 3 },
      { reason: { code: 'MODEL_BUSY', data: { retryable: true } } },
    ])
    await session.release()
  })

  test('an answer too large to be handed over is refused', async () => {
    const session = await threadedRuntime(1, { outputBytes: 2 ** 20 }).open(wideModel(2 ** 20))
    const error = await failure(() => ask(session, 1))
    expect([error.code, error.message]).toEqual([
      'MODEL_MEMORY_LIMIT',
      expect.stringMatching(/answers with 4 MiB, more than the 1 MiB/),
    ])
    await session.release()
  })

  test('no more threads than a process may have are started, and a release gives them back', async () => {
    const threads = watchThreads()
    const free = threadsFree()
    expect((await failure(() => threadedRuntime(MAX_THREADS + 1).open(linear))).code).toBe('THREAD_LIMIT')
    expect(threads.length).toBe(0)
    const session = await threadedRuntime(2).open(linear)
    expect([threads.length, threadsFree()]).toEqual([2, free - 2])
    await session.release()
    expect(threadsFree()).toBe(free)
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1])
    await expect(threadedRuntime().open(Uint8Array.of(1))).rejects.toThrow(/protobuf|parsing|load/i)
    expect(threadsFree()).toBe(free)
  })
})

describe('failures', () => {
  test('a thread that ends under a run, or between runs, is replaced', async () => {
    const threads = watchThreads()
    const session = await threadedRuntime().open(loopModel(), 'loop')
    // It ends with the question unread: terminated in the middle of a run, it would end this process.
    vi.spyOn(threads[0]!, 'postMessage').mockImplementation(() => void threads[0]!.terminate())
    const error = await failure(() => ask(session, 3))
    expect([error.code, error.message]).toEqual([
      'MODEL_CRASHED',
      expect.stringMatching(/^The thread of model loop ended with exit code 1/),
    ])
    expect(await ask(session, 5)).toBe(5)
    await threads[1]!.terminate()
    expect(await ask(session, 6)).toBe(6)
    expect(threads.length).toBe(3)
    await session.release()
  })

  test('a release under a run interrupts it and those that wait', async () => {
    const session = await threadedRuntime().open(loopModel())
    const runs = Promise.allSettled([ask(session, LONG), ask(session, 1)])
    await sleep(20)
    await session.release()
    const interrupted = { reason: { code: 'MODEL_INTERRUPTED' } }
    expect(await runs).toMatchObject([interrupted, interrupted])
    expect((await failure(() => ask(session, 1))).code).toBe('MODEL_INTERRUPTED')
  })

  test('the reason why the runtime cannot open or run a model is in the error', async () => {
    const bytes = Buffer.from(linear)
    bytes.write('MatMuz', bytes.lastIndexOf('MatMul'))
    await expect(threadedRuntime().open(bytes)).rejects.toThrow(/MatMuz/)
    const session = await threadedRuntime().open(await fixture('cannot-run'))
    const features = { element: 'float32', dims: [1, 3], data: Float32Array.of(1, 2, 3) } as const
    await expect(session.run({ features }, ['y'])).rejects.toThrow(/MatMul/)
    await session.release()
  })
})

test('a program that forgot to release its threads ends', () => {
  const index = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)
  const script = `const { threadedRuntime, linearRegressionOnnx } = await import(${index})
    await threadedRuntime().open(linearRegressionOnnx({ features: ['a'], weights: [1], bias: 0 }))
    console.log('opened')`
  const args = ['--conditions=@martlet/source', '--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 25_000 })).toBe('opened\n')
})
