import { expect, it, onTestFinished } from 'vitest'
import { noEvidence } from '@martlet/registry'
import { changeRollout, checkRollouts, showRollouts, startRollout, watchRollouts } from '../../src/command/rollouts.ts'
import type { CommandContext } from '../../src/command/run-command.ts'
import { defineConfig, openProject } from '../../src/index.ts'
import { openTerminal } from '../../src/terminal/terminal.ts'
import { withChampion } from './with-champion.ts'

interface Commands {
  readonly context: CommandContext
  readonly notes: string[]
  readonly stop: AbortController
  readonly registry: Awaited<ReturnType<typeof withChampion>>['registry']
}

async function commands(): Promise<Commands> {
  const { registry, folder } = await withChampion()
  const config = defineConfig({
    warehouse: { duckdb: 'warehouse.duckdb' },
    catalog: { sqlite: 'catalog.sqlite' },
    online: { lmdb: 'online' },
    artifacts: { folder: 'artifacts' },
    definitions: {},
  })
  const project = openProject(config, { folder })
  onTestFinished(() => project.close())
  const stop = new AbortController()
  const notes: string[] = []
  const terminal = { ...openTerminal({}), note: (text: string) => void notes.push(text) }
  const context: CommandContext = {
    terminal,
    signal: stop.signal,
    configPath: undefined,
    waiting: undefined,
    exporting: (work) => work(),
    configFile: async () => '',
    project: async () => project,
  }
  return { context, notes, stop, registry }
}

const by = { reason: 'better on June', actor: 'ann' }

it('start, show, advance and back say what they did', async () => {
  const { context, registry } = await commands()
  expect((await showRollouts(context, undefined)).text).toBe('there is no roll-out: martlet rollouts start')
  const steps = {
    ...by,
    steps: 'shadow:20,10,50',
    hold: '30m',
    minRequests: '2000',
    guard: ['p99Ms=20', 'scorePsi=none'],
  }
  const started = await startRollout(context, 'next_day', '2', steps)
  expect(started.text).toMatch(/^next_day roll-out 1, version 1 → 2: shadow of 20 %, step 1 of 3\n/)
  expect(started.data['rollout']).toMatchObject({
    steps: [
      { weight: 20, shadow: true, holdMinutes: 30, minRequests: 2000 },
      { weight: 10, shadow: false },
      { weight: 50, shadow: false },
    ],
    guards: { p99Ms: 20, scorePsi: null, errorRate: 0.01 },
  })
  const evidence = { ...noEvidence, requests: 40, errors: 1, compared: 39, distance: 7.8 }
  await registry.rollouts.writeEvidence([
    { model: 'next_day', rollout: 1, step: 0, side: 'candidate', writer: 'a', evidence },
  ])
  const { text } = await showRollouts(context, 'next_day')
  expect(text).toContain('40 requests of version 2')
  expect(text).toContain('errors 2.5 % (1 of 40 requests) against 0.0 %')
  expect(text).toContain('0.200 on average')
  expect((await changeRollout(context, 'advance', 'next_day', { ...by, expect: '1' })).text).toBe(
    'next_day roll-out 1, version 1 → 2: 10 %, step 2 of 3',
  )
  await expect(changeRollout(context, 'stop', 'next_day', { ...by, expect: '1' })).rejects.toMatchObject({
    code: 'ROLLOUT_CHANGED',
  })
  expect((await changeRollout(context, 'rollBack', 'next_day', by)).text).toBe(
    'next_day roll-out 1, version 1 → 2: rolled back',
  )
  expect((await showRollouts(context, undefined)).text).toMatch(/next_day +1 +1 → 2 +rolled back/)
  expect((await checkRollouts(context, [], {})).text).toBe('no roll-out is running')
})

it.each([
  [{ steps: 'ten' }, '--steps ten is not a list of steps'],
  [{ steps: '10,,50' }, '--steps 10,,50 is not a list of steps'],
  [{ steps: '10', hold: '5' }, '--hold 5 is not a length of time'],
  [{ steps: '10', minRequests: 'many' }, '--min-requests many is not a whole number'],
  [{ steps: '10', guard: ['p99Times'] }, '--guard p99Times is not a limit'],
])('start %j is wrong usage', async (options, message) => {
  const { context } = await commands()
  await expect(startRollout(context, 'next_day', '2', { ...by, ...options })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(message),
  })
})

it('check looks once; watch looks until it is stopped, and says what it did', async () => {
  const { context, notes, stop, registry } = await commands()
  await startRollout(context, 'next_day', '2', { ...by, steps: '10,50', hold: '0s', minRequests: '0' })
  const checked = await checkRollouts(context, ['next_day'], { actor: 'watch' })
  expect(checked.data['rollouts']).toMatchObject([{ decision: 'advance', refused: null, rollout: { step: 1 } }])
  const watching = watchRollouts(context, [], { every: '1s', actor: 'watch' })
  await expect.poll(async () => (await registry.resolve('next_day', 'champion')).version).toBe(2)
  stop.abort()
  expect((await watching).data['rounds']).toBe(1)
  expect(notes).toEqual([
    expect.stringMatching(/^next_day roll-out 1, version 1 → 2: done: 0 requests in .+ without a breach$/),
  ])
})
