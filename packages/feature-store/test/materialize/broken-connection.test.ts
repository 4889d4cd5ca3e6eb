import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DoubleRequest, Fault } from '../../../warehouse/test/snowflake/double/double.ts'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { testEngine } from '../../../warehouse/test/support/engine.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { breakConnection, heal, statementsOf, textOf, type Break } from './break-connection.ts'
import { changedUsage, customerUsage } from './energy.ts'
import { checkHalfway, look, randomNumbers, steps, type Look, type Step } from './interrupted.ts'
import { openSite, type Site } from './site.ts'

const seed = Number(process.env['MARTLET_SEED'])
const rounds = Math.max(1, Math.round(Number(process.env['MARTLET_RUNS'])))

function* breaks(step: Step, statements: number, random: () => number): Generator<Break> {
  const any = (at: Break['at']): Break => ({ at, like: /./, times: 1 + Math.floor(random() * (statements / 2)) })
  const chunk = (): number => 1 + Math.floor(random() * 3)
  for (let round = 0; round < rounds; round++) {
    // The first chunk of an increment repairs rows that are complete: they must not be gone in between.
    yield* [
      { at: 'after', like: /^DELETE FROM "FEATURES"/, times: 1 },
      { at: 'before', like: /^INSERT INTO "FEATURES"/, times: 1 },
    ]
    // Of each chunk, the first transaction brings stored tiles up to date and the second writes its rows.
    yield* [
      any('before'),
      any('after'),
      { at: 'after', like: /^COMMIT/, times: chunk() },
      { at: 'before', like: /^COMMIT/, times: chunk() },
    ]
    yield { at: 'after', like: /^INSERT INTO "FEATURES/, times: chunk() }
    if (step.view !== 'changed') continue
    yield { at: 'before', like: /^CREATE OR REPLACE TABLE "FEATURES"/, times: 1 }
    yield { at: 'after', like: /^CREATE OR REPLACE TABLE "FEATURES"/, times: 1 }
    yield { at: 'after', like: /^DROP TABLE IF EXISTS "FEATURES".*REBUILD/, times: 1 }
    yield { at: 'before', like: /^CREATE OR REPLACE VIEW/, times: 1 }
  }
}

async function run({ path, open }: Site, step: Step): Promise<unknown> {
  await using warehouse = await open()
  await using catalog = await openCatalog({ path: join(path, 'catalog.db') })
  await using online = openLmdbStore({ path: join(path, 'online') })
  return await materialize({
    warehouse,
    catalog,
    online,
    now: step.now,
    chunk: { instants: 5 },
    views: [step.view === 'changed' ? changedUsage : customerUsage],
    quality: false,
  })
}

test.runIf(testEngine === 'snowflake-double')(
  `whatever statement the connection breaks at, ends where an undisturbed run ends (seed ${seed})`,
  { timeout: 240_000 * rounds },
  async () => {
    const random = randomNumbers(seed)
    await using calm = await openSite()
    await using harsh = await openSite()
    const { double } = harsh
    if (double === undefined) throw new Error('this test plays with the double')
    let before: Look | undefined
    let broken = 0
    for (const step of steps) {
      for (const { open } of [calm, harsh]) {
        await using warehouse = await open()
        await step.before(warehouse)
      }
      const start = statementsOf(calm.double)
      await run(calm, step)
      const statements = statementsOf(calm.double) - start
      const after = await look(calm, step)
      for (const one of breaks(step, statements, random)) {
        const isBroken = breakConnection(double, one)
        const ended = await run(harsh, step).then(
          () => undefined,
          (error: unknown) => error,
        )
        heal(double)
        if (isBroken()) {
          broken += 1
          expect(ended, `${one.at} ${String(one.like)} ${one.times}`).toMatchObject({
            code: expect.stringMatching(/^(?:SESSION_LOST|COMMIT_UNKNOWN)$/),
          })
        } else expect(ended).toBeUndefined()
        checkHalfway(await look(harsh, step), before, after)
      }
      await run(harsh, step)
      expect(await look(harsh, step)).toEqual(after)
      before = after
    }
    expect(broken).toBeGreaterThan(8 * rounds)
    const sent = (calm.double?.requests ?? [])
      .flatMap((request) => textOf(request) ?? [])
      .filter((text) => !/^(?:BEGIN|COMMIT|ROLLBACK|USE|SHOW|ALTER SESSION)\b/.test(text))
    expectAllowed('materialize-on-double', [...new Set(sent)])
  },
)

test.runIf(testEngine === 'snowflake-double')(
  'a server that is busy, and answers that are lost after the statement has run, change nothing',
  { timeout: 60_000 },
  async () => {
    await using calm = await openSite()
    await using busy = await openSite()
    const [step] = steps
    if (step === undefined) throw new Error('there are steps')
    for (const { open } of [calm, busy]) {
      await using warehouse = await open()
      await step.before(warehouse)
    }
    await run(calm, step)
    const counts = new Map<string, number>()
    const nth = (request: DoubleRequest, verb: string, when: string, n: number): boolean => {
      if (textOf(request)?.startsWith(verb) !== true) return false
      counts.set(when, (counts.get(when) ?? 0) + 1)
      return counts.get(when) === n
    }
    const turnAway: Fault = (request, response) => {
      const faulty = nth(request, 'INSERT INTO "FEATURES"', 'before a write', 2)
      if (faulty) response.writeHead(503).end()
      return faulty
    }
    const loseAnswer: Fault = (request, response) => {
      const faulty = [
        nth(request, 'COMMIT', 'after a commit', 3),
        nth(request, 'CREATE TEMPORARY', 'after a table was made', 5),
      ].includes(true)
      if (faulty) response.writeHead(503).end()
      return faulty
    }
    if (busy.double !== undefined) Object.assign(busy.double, { fault: turnAway, faultAfter: loseAnswer })
    await run(busy, step)
    expect([...counts.values()].every((times) => times >= 5)).toBe(true)
    expect(await look(busy, step)).toEqual(await look(calm, step))
  },
)
