import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { start, type Ended } from '../run-martlet.ts'
import { alertRun } from './alert-run.ts'
import { startReceiver, type Received } from './receiver.ts'

const worker = join(import.meta.dirname, 'kill-alert.ts')

let folder: string
let receiver: Awaited<ReturnType<typeof startReceiver>>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-alert-kill-'))
  receiver = await startReceiver()
  vi.stubEnv('HOOK', receiver.url)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await receiver[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const killedRun = (point: string): Promise<Ended> => start([worker, point], { cwd: folder }).ended

interface Posted {
  readonly id: string
  readonly messages: readonly { readonly event: string; readonly subject: string }[]
}

const posted = (received: readonly Received[]): readonly Posted[] =>
  received.map(({ body }) => JSON.parse(body) as Posted)
const said = (all: readonly Posted[]): readonly string[] =>
  all.flatMap(({ messages }) => messages.map(({ event, subject }) => `${event} ${subject}`))

it.each([
  ['before commit', 0],
  ['recorded', 0],
  ['claimed', 0],
  // The message has arrived, and nobody has written that down: it comes again, under the same id.
  ['delivered', 1],
  ['sent', 0],
])('killed at "%s", no alert is lost; repeated: %i, which its id tells', async (point, repeated) => {
  expect((await killedRun(point)).code).toBeNull()
  // The next run sees the same.
  await alertRun(folder, 1, true, () => undefined)
  const all = posted(receiver.received)
  expect(all).toHaveLength(2 + repeated)
  const once = all.filter(({ id }, at) => all.findIndex((other) => other.id === id) === at)
  expect(said(once).toSorted()).toEqual(['alert drift:usage', 'alert quality:usage'])
  expect(await alertRun(folder, 2, true, () => undefined)).toBe(0)
  expect(await alertRun(folder, 3, false, () => undefined)).toBe(2)
  expect(said(posted(receiver.received).slice(2 + repeated)).toSorted()).toEqual([
    'recovered drift:usage',
    'recovered quality:usage',
  ])
})

it('two processes that see the same at once tell it once', async () => {
  const runs = await Promise.all([killedRun('nowhere'), killedRun('nowhere')])
  expect(runs.map(({ code }) => code)).toEqual([0, 0])
  expect(said(posted(receiver.received)).toSorted()).toEqual(['alert drift:usage', 'alert quality:usage'])
})
