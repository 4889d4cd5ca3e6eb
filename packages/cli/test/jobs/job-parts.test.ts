import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkedJob } from '@martlet/serving'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { stepProblem } from '../../src/command/check-step.ts'
import { earlierEnded } from '../../src/jobs/earlier-process.ts'
import { JobOutput } from '../../src/jobs/job-output.ts'
import { wordsOfJob } from '../../src/jobs/job-words.ts'
import { backOff, isWorthRepeating } from '../../src/jobs/retries.ts'

const limits = { argumentBytes: 10_000 }
const grid = { every: '1d', of: 'usage', start: '2026-05-01', end: '2026-06-01T00:00:00Z', after: '6h' }

it.each([
  ['materialize', {}, 'materialize'],
  [
    'materialize',
    { views: ['a', 'b'], from: '2026-01-01', to: '2026-02-01T06:00:00+02:00', allowFuture: true, publish: false },
    'materialize a b --from 2026-01-01 --to 2026-02-01T06:00:00+02:00 --allow-future --no-publish',
  ],
  [
    'training-set',
    { name: 'set', from: 'tiles', asOf: '2026-06-01' },
    'training-set set --from tiles --as-of 2026-06-01',
  ],
  [
    'score',
    { model: 'churn', ...grid, into: 'scores.churn', zone: 'Europe/Zurich', restart: true, chunkRows: 10 },
    'score churn@champion --every 1d --of usage --start 2026-05-01 --end 2026-06-01T00:00:00Z --after 6h ' +
      '--zone Europe/Zurich --into scores.churn --chunk-rows 10 --restart',
  ],
  [
    'score',
    { model: 'churn', version: 3, spine: 'mart.spine', time: 'at', into: 'scores.churn', from: 'materialized' },
    'score churn:3 --spine mart.spine --time at --into scores.churn --from materialized',
  ],
  [
    'score',
    { model: 'churn', alias: 'challenger', spine: 'mart.spine', time: 'at', into: 'scores.churn' },
    'score churn@challenger --spine mart.spine --time at --into scores.churn',
  ],
  ['drift', {}, 'drift'],
  [
    'drift',
    { monitor: 'm', window: '2026-01-01..2026-02-01', windows: 2, until: '2026-03-01', failOn: 'warn' },
    'drift m --window 2026-01-01..2026-02-01 --windows 2 --until 2026-03-01 --fail-on warn',
  ],
])('%s %j is a command of martlet', (kind, given, command) => {
  const words = wordsOfJob(checkedJob(kind, given, limits), '10m', '2026-06-01T00:00:00Z')
  expect(words.join(' ')).toBe(`${command} --wait 10m`)
  expect(stepProblem(words)).toBeUndefined()
})

it('a job of the project is the command that does it, with its arguments and when it was asked for', () => {
  const kind = { name: 'greet', input: z.strictObject({ name: z.string() }) }
  const words = wordsOfJob(checkedJob('greet', { name: '-x' }, limits, [kind]), '10m', '2026-06-01T00:00:00Z')
  expect(words).toEqual([
    'jobs',
    'do',
    'greet',
    '--arguments',
    '{"name":"-x"}',
    '--asked-at',
    '2026-06-01T00:00:00Z',
    '--wait',
    '10m',
  ])
  expect(stepProblem(words)).toBeUndefined()
  expect(() => checkedJob('greet', { name: 1 }, limits, [kind])).toThrow('arguments.name must be a string.')
  expect(() => checkedJob('greet', { name: 'x' }, limits)).toThrow('kind must be one of')
})

it('what may pass by itself is repeated; mistakes are not', () => {
  for (const code of [
    null,
    'LEASE_HELD',
    'LEASE_LOST',
    'WAREHOUSE_LOCKED',
    'CATALOG_BUSY',
    'SESSION_LOST',
    'UNEXPECTED',
  ])
    expect([code, isWorthRepeating(1, code)]).toEqual([code, true])
  for (const code of [
    'USAGE',
    'VIEW_UNKNOWN',
    'CONFIG_INVALID',
    'INVALID_DEFINITION',
    'QUALITY_FAILED',
    'MODEL_NOT_FOUND',
  ])
    expect([code, isWorthRepeating(1, code)]).toEqual([code, false])
  expect(isWorthRepeating(64, null)).toBe(false)
  expect(isWorthRepeating(null, null)).toBe(true)
})

it('waits twice as long after each failure, up to ten minutes', () => {
  expect([1, 2, 3, 4].map((failures) => backOff(failures, 1))).toEqual([5_000, 10_000, 20_000, 40_000])
  expect([1, 2].map((failures) => backOff(failures, 0))).toEqual([2_500, 5_000])
  expect(backOff(1000, 1)).toBe(600_000)
})

it('keeps the end of what is printed, the last event and the answer, without secrets', () => {
  const output = new JobOutput((text) => text.replaceAll('p"w', '[redacted]').replaceAll('/srv/shop/', ''))
  expect(output.news()).toBeUndefined()
  output.add('{"type":"chunk","rows":5,"note":"p\\"w"}', 'stderr')
  output.add('Warning: p"w', 'stderr')
  expect(output.news()).toEqual({
    progress: '{"type":"chunk","rows":5,"note":"[redacted]"}',
    log_tail: '{"type":"chunk","rows":5,"note":"[redacted]"}\nWarning: [redacted]\n',
  })
  expect(output.news()).toBeUndefined()
  for (let line = 0; line < 1000; line++) output.add(`line ${line} ${'x'.repeat(50)}`, 'stderr')
  expect(output.all().log_tail).toHaveLength(8000)
  expect(output.all().log_tail).toMatch(/line 999 x+\n$/)
  expect(output.answer()).toEqual({ result: null, error: null })
  output.add('{"ok":true,"command":"drift","exitCode":0,"files":["/srv/shop/reports/a.html"]}', 'stdout')
  expect(output.answer()).toEqual({ result: '{"exitCode":0,"files":["reports/a.html"]}', error: null })
  output.add('{"ok":false,"exitCode":1,"error":{"code":"LEASE_HELD","message":"by p\\"w","data":{}}}', 'stdout')
  expect(output.answer()).toEqual({ result: null, error: { code: 'LEASE_HELD', message: 'by [redacted]' } })
  output.add(JSON.stringify({ ok: true, exitCode: 0, rows: 7, views: ['x'.repeat(1_000_001)] }), 'stdout')
  expect(output.answer().result).toBe('{"exitCode":0,"rows":7,"truncated":true}')
})

it('ends the process of an earlier attempt that does not end, and no other one', async () => {
  const start = (...words: readonly string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', '--', ...words], { detached: true, stdio: 'ignore' })
  const earlier = start('--config', 'martlet.config.ts')
  const other = start('--config', 'another.config.ts')
  try {
    const ended = once(earlier, 'close')
    await Promise.all([earlier, other].map((child) => once(child, 'spawn')))
    await earlierEnded(null, 'martlet.config.ts')
    // Its id belongs to somebody else now.
    await earlierEnded(other.pid ?? 0, 'martlet.config.ts')
    await earlierEnded(earlier.pid ?? 0, 'martlet.config.ts', 50)
    expect((await ended)[1]).toBe('SIGKILL')
    await sleep(20)
    expect(other.exitCode ?? other.signalCode).toBeNull()
  } finally {
    other.kill('SIGKILL')
  }
})
