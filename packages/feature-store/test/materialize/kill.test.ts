import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { checkHalfway, look, randomNumbers, steps, type Look, type Step } from './interrupted.ts'
import { openSite, type Site } from './site.ts'

const worker = new URL('kill-worker.ts', import.meta.url).pathname
const seed = Number(process.env['MARTLET_SEED'])
const rounds = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))
// A process that talks to the double takes two seconds to begin.
const killsPerStep = testEngine === 'duckdb' ? 9 * rounds : 2 * rounds

/** Where a process is killed: some milliseconds after it has said this for the n-th time. */
interface Moment {
  readonly after: 'open' | 'plan' | 'quality' | 'chunk' | 'last chunk' | 'swap'
  readonly times: number
  readonly millis: number
}

/** In the order in which a step gets that far; the last one comes again until the step has seen its kills. */
function* moments(step: Step, random: () => number): Generator<Moment, never> {
  const at = (after: Moment['after'], millis: number, times = 1): Moment => ({
    after,
    times,
    millis: random() * millis,
  })
  const chunk = (): Moment => at('chunk', 30, 1 + Math.floor(random() * 3))
  for (let round = 0; round < rounds; round++) {
    if (testEngine === 'duckdb') yield* [at('open', 30), at('plan', 20), at('quality', 30), chunk(), chunk()]
    yield* [chunk(), at('last chunk', 30)]
    if (step.view === 'changed') yield at('swap', 40)
  }
  for (;;) yield at('open', 60)
}

interface Worker {
  go(moment?: Moment): Promise<{ readonly killed: boolean }>
}

/** Starts a process for one step: it loads its modules and waits. */
function prepare({ path, double }: Site, step: Step): Worker {
  const child = spawn(
    process.execPath,
    ['--conditions=@martlet/source', worker, path, step.now, step.view, double?.url ?? ''],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let errors = ''
  child.stderr.on('data', (text) => {
    errors += String(text)
  })
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on('close', (code, signal) => resolve(signal ?? code)),
  )
  return {
    async go(moment) {
      let seen = 0
      child.stdout.on('data', (text) => {
        seen += String(text)
          .split('\n')
          .filter((line) => line === moment?.after).length
        if (moment !== undefined && seen >= moment.times) setTimeout(() => child.kill('SIGKILL'), moment.millis)
      })
      child.stdin.write('go\n')
      const how = await ended
      if (how !== 0 && how !== 'SIGKILL') throw new Error(`the worker ended with ${how}: ${errors}`)
      // Snowflake ends the sessions of a client that is gone, in its own time.
      if (how === 'SIGKILL') await double?.dropSessions()
      return { killed: how === 'SIGKILL' }
    },
  }
}

test.skipIf(testEngine === 'snowflake-live')(
  `killed at any moment, ends where an undisturbed run ends (seed ${seed})`,
  { timeout: 240_000 * rounds },
  async () => {
    const random = randomNumbers(seed)
    await using calm = await openSite()
    await using harsh = await openSite()
    let killed = 0
    let before: Look | undefined
    for (const step of steps) {
      const undisturbed = prepare(calm, step)
      for (const { open } of [calm, harsh]) {
        await using warehouse = await open()
        await step.before(warehouse)
      }
      let next = prepare(harsh, step)
      await undisturbed.go()
      const after = await look(calm, step)
      let kills = 0
      for (const moment of moments(step, random)) {
        const current = next
        next = prepare(harsh, step)
        const run = await current.go(moment)
        if (run.killed) kills++
        checkHalfway(await look(harsh, step), before, after)
        if (kills === killsPerStep) break
      }
      killed += kills
      await next.go()
      const ended = await look(harsh, step)
      expect(ended).toEqual(after)
      expect(ended.unpublishedFrom).toBeNull()
      expect(ended.online.every((row) => row !== undefined)).toBe(true)
      before = after
    }
    expect(killed).toBe(killsPerStep * steps.length)
    await using catalog = await openCatalog({ path: join(harsh.path, 'catalog.db') })
    expect(
      (await listRuns(catalog.db)).filter(({ outcome, rows }) => outcome === 'abandoned' && rows > 0).length,
    ).toBeGreaterThan(0)
  },
)
