import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { isolatedRuntime, linearRegressionOnnx, nodeRuntime, type OnnxSession, type Tensors } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { constantBomb, featureBomb, loopModel, treeModel, wideModel } from '../support/hostile-models.ts'
import { fixture } from '../support/registries.ts'

const linear = linearRegressionOnnx({ features: ['a', 'b'], weights: [2, 3], bias: 5 })
const one = (value: number): Tensors => ({ x: { element: 'float32', dims: [1, 1], data: Float32Array.of(value) } })
const ask = async (session: OnnxSession, value: number): Promise<number> =>
  Number((await session.run(one(value), ['y']))['y']!.data[0])
const MIB = 2 ** 20
/** Each fourth round does the same; what one leaves behind would be seen of twelve, too. */
const rounds = Math.max(12, Math.round(50 * Number(process.env['MARTLET_RUNS'])))

/** Processes that this one has started and that run models. */
function modelProcesses(): readonly number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('model-process') && Number(line.trim().split(/\s+/)[1]) === process.pid)
    .map((line) => Number(line.trim().split(/\s+/)[0]))
}

describe('answers', () => {
  test('are those of the same model in this process, for every element type', async () => {
    const [direct, isolated] = [await nodeRuntime(), isolatedRuntime()]
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
      const sessions = [await direct.open(bytes), await isolated.open(bytes)]
      const [here, there] = await Promise.all(sessions.map((session) => session.run(feeds, fetches)))
      expect(there).toEqual(here)
      await Promise.all(sessions.map((session) => session.release()))
    }
  })

  test('come in the order of the questions, and a part of a larger array is sent as that part', async () => {
    const session = await isolatedRuntime().open(linear)
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
    await session.release()
  })
})

describe('limits', () => {
  test('a loop that a feature drives is stopped, this process stays free, and the next run answers', async () => {
    const session = await isolatedRuntime({ runMs: 1500 }).open(loopModel(), 'loop version 1')
    expect(await ask(session, 3)).toBe(3)
    let [longest, last] = [0, performance.now()]
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 10)
    const error = await failure(() => ask(session, 2 ** 40))
    clearInterval(beat)
    expect([error.code, error.message]).toEqual([
      'MODEL_TIME_LIMIT',
      expect.stringMatching(/^Model loop version 1 did not answer within 1500 ms/),
    ])
    expect(longest).toBeLessThan(1000)
    expect(await ask(session, 4)).toBe(4)
    await session.release()
  })

  test('the time of a run counts from when it starts: those that wait behind a slow one answer', async () => {
    const session = await isolatedRuntime({ runMs: 3000 }).open(loopModel())
    const [slow, ...others] = await Promise.allSettled([ask(session, 2 ** 40), ask(session, 1), ask(session, 2)])
    expect(slow).toMatchObject({ status: 'rejected', reason: { code: 'MODEL_TIME_LIMIT' } })
    expect(others).toMatchObject([{ value: 1 }, { value: 2 }])
    await session.release()
  })

  test('more runs than may wait are refused at once', async () => {
    const session = await isolatedRuntime({ runMs: 2000, waiting: 2 }).open(loopModel())
    const runs = await Promise.allSettled([ask(session, 2 ** 40), ask(session, 1), ask(session, 2), ask(session, 3)])
    expect(runs).toMatchObject([
      { reason: { code: 'MODEL_TIME_LIMIT' } },
      { value: 1 },
      { value: 2 },
      { reason: { code: 'MODEL_BUSY', data: { retryable: true } } },
    ])
    await session.release()
  })

  test('a file of 200 bytes that wants 1.6 GB is refused, and this process does not grow', async () => {
    const bytes = constantBomb(400_000_000)
    expect(bytes.length).toBeLessThan(260)
    const before = process.memoryUsage.rss()
    const error = await failure(async () => {
      const session = await isolatedRuntime().open(bytes, 'bomb')
      return ask(session, 1).finally(() => session.release())
    })
    expect([error.code, error.message]).toEqual([
      'MODEL_MEMORY_LIMIT',
      expect.stringMatching(/^Model bomb needs more than 512 MiB of memory to run/),
    ])
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MIB)
  })

  test('memory that a feature asks for is refused, and smaller questions are answered on', async () => {
    const session = await isolatedRuntime({ memoryBytes: 128 * MIB }).open(featureBomb())
    for (const zeros of [2 ** 28, 2 ** 34, 2 ** 42]) {
      expect((await failure(() => ask(session, zeros))).code).toBe('MODEL_MEMORY_LIMIT')
      expect(await ask(session, 7)).toBe(7)
    }
    expect(session.usage!().peakBytes).toBeLessThan(300 * MIB)
    await session.release()
  })

  test('an answer too large to be handed over is refused', async () => {
    const session = await isolatedRuntime({ outputBytes: MIB }).open(wideModel(2 ** 20))
    const error = await failure(() => ask(session, 1))
    expect([error.code, error.message]).toEqual([
      'MODEL_MEMORY_LIMIT',
      expect.stringMatching(/answers with 4 MiB, more than the 1 MiB/),
    ])
    await session.release()
  })

  test('opening has a limit too', async () => {
    expect((await failure(() => isolatedRuntime({ openMs: 1 }).open(linear))).code).toBe('MODEL_TIME_LIMIT')
    expect(modelProcesses()).toEqual([])
  })
})

describe('failures', () => {
  test('a process that is killed while it runs, or between runs, is replaced', async () => {
    const session = await isolatedRuntime().open(loopModel(), 'loop')
    const run = failure(() => ask(session, 2 ** 40))
    await sleep(200)
    for (const pid of modelProcesses()) process.kill(pid, 'SIGKILL')
    const error = await run
    expect([error.code, error.message]).toEqual([
      'MODEL_CRASHED',
      expect.stringMatching(/model loop ended with SIGKILL/),
    ])
    expect(await ask(session, 5)).toBe(5)
    for (const pid of modelProcesses()) process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(modelProcesses()).toEqual([]))
    // its end has been reported to this process too
    await sleep(50)
    expect(await ask(session, 6)).toBe(6)
    await session.release()
  })

  test('a release under a run interrupts it and those that wait', async () => {
    const session = await isolatedRuntime().open(loopModel())
    const runs = Promise.allSettled([ask(session, 2 ** 40), ask(session, 1)])
    await sleep(100)
    await session.release()
    expect(await runs).toMatchObject([
      { reason: { code: 'MODEL_INTERRUPTED' } },
      { reason: { code: 'MODEL_INTERRUPTED' } },
    ])
    expect((await failure(() => ask(session, 1))).code).toBe('MODEL_INTERRUPTED')
    expect(modelProcesses()).toEqual([])
  })

  test('the reason why the runtime cannot open or run a model is in the error', async () => {
    const bytes = Buffer.from(linear)
    bytes.write('MatMuz', bytes.lastIndexOf('MatMul'))
    await expect(isolatedRuntime().open(bytes)).rejects.toThrow(/MatMuz/)
    const session = await isolatedRuntime().open(await fixture('cannot-run'))
    const features = { element: 'float32', dims: [1, 3], data: Float32Array.of(1, 2, 3) } as const
    await expect(session.run({ features }, ['y'])).rejects.toThrow(/MatMul/)
    await session.release()
  })

  test('trees that lead back to themselves are refused when they are opened', async () => {
    for (const back of [0, 2])
      await expect(isolatedRuntime().open(treeModel(back)), `back to ${back}`).rejects.toThrow(/ycl|initialization/)
    const session = await isolatedRuntime().open(treeModel(1))
    expect(await ask(session, 50)).toBe(1)
    await session.release()
  })
})

describe('the process of a model', () => {
  test.runIf(process.platform === 'linux')(
    'has no secrets, no files of this process, and a limit by the kernel',
    async () => {
      vi.stubEnv('MARTLET_TEST_SECRET', 'hunter2')
      const session = await isolatedRuntime().open(linear)
      vi.unstubAllEnvs()
      const [pid] = modelProcesses()
      const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .map((entry) => entry.split('=')[0] ?? '')
      const allowed = /^(PATH|PWD|OLDPWD|SHLVL|_|LD_LIBRARY_PATH|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|)$/
      expect(names.filter((name) => !allowed.test(name))).toEqual([])
      expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max data size +\d+/)
      await session.release()
    },
  )

  test('ends when this process is gone, also in the middle of a run', async () => {
    const entry = new URL('../support/abandon-run.ts', import.meta.url).pathname
    const abandoned = spawnSync(process.execPath, ['--conditions=@martlet/source', entry], {
      encoding: 'utf8',
      timeout: 25_000,
    })
    expect(abandoned.signal).toBe('SIGKILL')
    const pid = Number(abandoned.stdout)
    expect(pid).toBeGreaterThan(0)
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { timeout: 10_000, interval: 100 })
  })

  test('does not keep a program from ending that forgot to release it', () => {
    const index = JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)
    const script = `const { isolatedRuntime, linearRegressionOnnx } = await import(${index})
      await isolatedRuntime().open(linearRegressionOnnx({ features: ['a'], weights: [1], bias: 0 }))
      console.log('opened')`
    const args = ['--conditions=@martlet/source', '--input-type=module', '-e', script]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 25_000 })).toBe('opened\n')
  })

  test(
    `leaves nothing behind: ${rounds} are opened, run, killed or not, and released`,
    { timeout: 120_000 },
    async () => {
      const runtime = isolatedRuntime()
      const round = async (index: number): Promise<void> => {
        const session = await runtime.open(loopModel())
        expect(await ask(session, index)).toBe(index)
        if (index % 2 === 0) {
          for (const pid of modelProcesses()) process.kill(pid, 'SIGKILL')
          if (index % 4 === 0) await ask(session, index).catch(() => undefined)
        }
        await session.release()
      }
      const left = (): readonly unknown[] => [
        modelProcesses().length,
        process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
        process.eventNames().map((name) => [name, process.listenerCount(name)]),
      ]
      const resources = (): number =>
        process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Timeout/.test(name)).length
      await round(1)
      const [before, most] = [left(), resources()]
      for (let index = 0; index < rounds; index += 1) await round(index)
      expect(left()).toEqual(before)
      // Timers of the test runner begin and end meanwhile; each fourth round is the least that would leave one behind.
      expect(resources() - most).toBeLessThan(rounds / 4)
    },
  )
})
