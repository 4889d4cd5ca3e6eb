import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { recoverLogs } from '../../src/index.ts'
import { isSampled } from '../../src/log/is-sampled.ts'
import { safeName } from '../../src/log/log-file.ts'
import { backing, temporaryFolder, trustedRuntime } from '../support/backing.ts'
import { customerUsage } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const path = '/v1/models/usage_model/predict'

/** Every file below a folder with its text. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(files.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'utf8')])),
  )
}

function recordsOf(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('a prediction is logged with everything that drift and labels need', async () => {
  const { folder, register, promote, registry, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0.5))
  const app = serve({ log: { folder: join(folder, 'log') } })
  await post(app, path, { keys: [{ customer_id: 'a' }, { customer_id: 'nobody' }] }, { 'x-request-id': 'order-7' })
  await app.close()
  const files = await filesOf(join(folder, 'log'))
  const [[file, text] = ['', '']] = files
  expect(files.size).toBe(1)
  expect(file).toMatch(/\/log\/usage_model\/\d{4}-\d\d-\d\d\/\d{9}-.+\.jsonl$/)
  const common = {
    requestId: 'order-7',
    time: '2026-01-10T06:00:00Z',
    model: 'usage_model',
    version: 1,
    sha256: (await registry.version('usage_model', 1)).artifact.sha256,
    service: 'usage_only',
    definitions: { customer_usage: customerUsage.plan.hash.slice(0, 16) },
  }
  expect(recordsOf(text)).toEqual([
    {
      ...common,
      row: 0,
      keys: { customer_id: 'a' },
      values: { customer_usage__kwh_1d: 1.5, customer_usage__kwh_7d: 10.25, customer_usage__peak_7d: 4 },
      missing: {},
      times: { customer_usage: { time: '2026-01-10T00:00:00Z', ageSeconds: 21_600 } },
      prediction: { prediction: 34.5 },
    },
    {
      ...common,
      row: 1,
      keys: { customer_id: 'nobody' },
      values: { customer_usage__kwh_1d: null, customer_usage__kwh_7d: null, customer_usage__peak_7d: null },
      missing: {
        customer_usage__kwh_1d: 'NOT_FOUND',
        customer_usage__kwh_7d: 'NOT_FOUND',
        customer_usage__peak_7d: 'NOT_FOUND',
      },
      times: { customer_usage: null },
      prediction: { prediction: null },
    },
  ])
})

test('what does not fit into the queue is dropped and counted, and the requests are answered', async () => {
  const { folder, register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  const app = serve({ log: { folder: join(folder, 'log'), queueRows: 3, flushMs: 60_000 } })
  for (let request = 0; request < 5; request++)
    expect((await post(app, path, { keys: [{ customer_id: 'a' }] })).status).toBe(200)
  expect(await (await app.request('/metrics')).text()).toMatch(
    /martlet_prediction_log_dropped_total\{model="usage_model",reason="queue"\} 2/,
  )
  await app.close()
  expect([...(await filesOf(join(folder, 'log'))).values()].flatMap(recordsOf)).toHaveLength(3)
})

test('nothing is logged at a share of 0, and a share outside 0 to 1 is refused', async () => {
  const { folder, register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  const app = serve({ log: { folder: join(folder, 'log'), sample: 0 } })
  await post(app, path, { keys: [{ customer_id: 'a' }] })
  await app.close()
  await expect(readdir(join(folder, 'log'))).rejects.toThrow('ENOENT')
  expect(() => serve({ log: { folder, sample: 1.5 } })).toThrow(/from 0 to 1/)
})

test('the id of a request decides whether it is logged, so a share of all ids is, and a larger share has them all', () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => [`6f1c2a9e0b7d-${index.toString(36)}`, randomUUID()]).flat()
  for (const share of [0.01, 0.1, 0.5]) {
    const logged = ids.filter((id) => isSampled(id, share))
    // Within four standard deviations of 40 000 draws.
    const deviation = Math.sqrt(ids.length * share * (1 - share))
    expect(Math.abs(logged.length - ids.length * share)).toBeLessThan(4 * deviation)
    expect(logged.filter((id) => !isSampled(id, share * 1.5))).toEqual([])
  }
  expect(ids.filter((id) => isSampled(id, 0))).toEqual([])
  expect(ids.filter((id) => !isSampled(id, 1))).toEqual([])
})

test('a folder that cannot be written costs lines, not answers', async () => {
  const { folder, register, promote, serve } = await backing('memory', await trustedRuntime())
  await promote(await register(0))
  await writeFile(join(folder, 'a file'), '')
  const failures: unknown[] = []
  const app = serve({ log: { folder: join(folder, 'a file') }, onError: ({ route }) => failures.push(route) })
  expect((await post(app, path, { keys: [{ customer_id: 'a' }] })).status).toBe(200)
  await app.close()
  expect(failures).toEqual(['prediction log'])
})

async function startServer(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const script = new URL('../support/logging-server.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=@martlet/source', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [port] = await once(child.stdout, 'data')
  return { child, url: `http://127.0.0.1:${String(port).trim()}` }
}

async function callUntil(url: string, stop: () => boolean): Promise<number> {
  let answered = 0
  while (!stop()) {
    try {
      const response = await fetch(`${url}/v1/models/sum/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys: Array.from({ length: 50 }, () => ({ customer_id: 'a' })) }),
      })
      await response.text()
      if (response.status === 200) answered++
    } catch {
      return answered
    }
  }
  return answered
}

test('a server that is killed while writing leaves files of whole lines only, once they are recovered', async () => {
  const folder = await temporaryFolder()
  const { child, url } = await startServer(folder)
  const callers = Array.from({ length: 4 }, () => callUntil(url, () => false))
  await expect
    .poll(async () => [...(await filesOf(folder)).keys()].filter((file) => file.endsWith('.jsonl')).length, {
      timeout: 20_000,
    })
    .toBeGreaterThan(2)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  await Promise.all(callers)
  for (const [file, text] of await filesOf(folder))
    expect([file, file.endsWith('.open') || text.endsWith('\n')]).toEqual([file, true])
  expect(await recoverLogs(folder, 60_000)).toBeLessThanOrEqual(1)
  const files = await filesOf(folder)
  expect([...files.keys()].filter((file) => !file.endsWith('.jsonl'))).toEqual([])
  for (const text of files.values())
    for (const record of recordsOf(text))
      expect(record).toMatchObject({ model: 'sum', keys: { customer_id: 'a' }, prediction: { sum: 11.75 } })
})

test('SIGTERM writes every answered prediction before the process ends', async () => {
  const folder = await temporaryFolder()
  const { child, url } = await startServer(folder)
  let stopped = false
  const callers = Array.from({ length: 4 }, () => callUntil(url, () => stopped))
  await expect
    .poll(async () => [...(await filesOf(folder)).values()].join('').length, { timeout: 20_000 })
    .toBeGreaterThan(0)
  await sleep(50)
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  stopped = true
  const answered = (await Promise.all(callers)).reduce((sum, count) => sum + count, 0)
  expect(await exited).toEqual([0, null])
  expect(answered).toBeGreaterThan(0)
  const files = await filesOf(folder)
  expect([...files.keys()].every((file) => file.endsWith('.jsonl'))).toBe(true)
  expect([...files.values()].flatMap(recordsOf)).toHaveLength(answered * 50)
})

test('half a line at the end of an abandoned file is cut off, files of running processes are left alone', async () => {
  const folder = await temporaryFolder()
  const day = join(folder, 'm', '2026-01-10')
  await mkdir(day, { recursive: true })
  const host = safeName(hostname())
  const dead = 2 ** 22 + 1
  const long = JSON.stringify({ text: 'x'.repeat(200_000) })
  const names = {
    abandoned: `1-${host}-${dead}-0.jsonl`,
    long: `2-${host}-${dead}-1.jsonl`,
    empty: `3-${host}-${dead}-2.jsonl`,
    ofWorker: `3-${host}-${dead}-3-w12.jsonl`,
    alive: `4-${host}-${process.ppid}-0.jsonl`,
    elsewhere: `5-elsewhere-1-0.jsonl`,
    elsewhereOld: `6-elsewhere-1-0.jsonl`,
  }
  await writeFile(join(day, `${names.abandoned}.open`), '{"a":1}\n{"a":2}\n{"a":3')
  await writeFile(join(day, `${names.long}.open`), `{"a":1}\n${long.slice(0, -1)}`)
  await writeFile(join(day, `${names.empty}.open`), '{"a":')
  await writeFile(join(day, `${names.ofWorker}.open`), '{"a":1}\n{"a')
  for (const name of [names.alive, names.elsewhere, names.elsewhereOld])
    await appendFile(join(day, `${name}.open`), '{"a":1}\n{')
  await utimes(join(day, `${names.elsewhereOld}.open`), new Date(0), new Date(0))
  // Several workers may start at once: each file is finished by one of them, and none of them fails.
  const recovered = await Promise.all(Array.from({ length: 3 }, () => recoverLogs(folder, 60_000)))
  expect(recovered.reduce((sum, count) => sum + count, 0)).toBe(5)
  const files = new Map([...(await filesOf(day))].map(([file, text]) => [file.slice(day.length + 1), text]))
  expect(Object.fromEntries(files)).toEqual({
    [names.abandoned]: '{"a":1}\n{"a":2}\n',
    [names.long]: '{"a":1}\n',
    [names.ofWorker]: '{"a":1}\n',
    [`${names.alive}.open`]: '{"a":1}\n{',
    [`${names.elsewhere}.open`]: '{"a":1}\n{',
    [names.elsewhereOld]: '{"a":1}\n',
  })
})
