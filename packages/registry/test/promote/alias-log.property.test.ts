import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import { failure } from '../support/failure.ts'
import { linear, temporaryRegistry } from '../support/registries.ts'

/** The slow obvious version: a stack of what was live, and a list of (time, version). */
interface Twin {
  readonly live: number[]
  current: number | null
  readonly log: { at: number; version: number | null }[]
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), version: fc.integer({ min: 1, max: 4 }), expectRight: fc.boolean() }),
  fc.record({ kind: fc.constant('unset' as const) }),
  fc.record({ kind: fc.constant('rollback' as const) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: -5, max: 20 }) }),
)

test('any sequence of moves leaves the alias, the log and the past as a stack would have them', async () => {
  let clock = 1000
  const { registry } = await temporaryRegistry({ now: () => clock })
  for (let bias = 1; bias <= 4; bias += 1) await registry.register(linear(bias))
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const alias = `run_${(run += 1)}`
      const twin: Twin = { live: [], current: null, log: [] }
      const because = { reason: 'because', actor: 'somebody' }
      const moved = (version: number | null): void => {
        twin.current = version
        twin.log.push({ at: Math.max(clock, twin.log.at(-1)?.at ?? 0), version })
      }
      for (const move of steps) {
        if (move.kind === 'wait') clock += move.ms
        else if (move.kind === 'set' && !move.expectRight) {
          expect(
            (
              await failure(() =>
                registry.setAlias('next_day', alias, move.version, { ...because, expect: twin.current === 4 ? 3 : 4 }),
              )
            ).code,
          ).toBe('ALIAS_MOVED')
        } else if (move.kind === 'set') {
          await registry.setAlias('next_day', alias, move.version, { ...because, expect: twin.current })
          if (twin.current === move.version) continue
          if (twin.live.at(-1) !== move.version) twin.live.push(move.version)
          moved(move.version)
        } else if (move.kind === 'unset') {
          if (twin.current === null) continue
          await registry.unsetAlias('next_day', alias, { ...because, expect: twin.current })
          moved(null)
        } else {
          if (twin.current !== null && twin.live.length > 1) twin.live.pop()
          else if (twin.current !== null || twin.live.length === 0) {
            const past = [...new Set(twin.log.flatMap(({ version }) => version ?? []))].toSorted(
              (left, right) => left - right,
            )
            expect(await failure(() => registry.rollback('next_day', alias, because))).toMatchObject({
              code: 'NO_EARLIER_VERSION',
              data: { live: twin.current, rolledBack: past.filter((version) => version !== twin.current) },
            })
            continue
          }
          const target = twin.live.at(-1)!
          expect((await registry.rollback('next_day', alias, because)).to).toBe(target)
          moved(target)
        }
      }
      const { live, moves } = await registry.history('next_day', alias)
      expect(live).toBe(twin.current)
      expect(moves.map(({ to, at }) => ({ at: at.getTime(), version: to }))).toEqual(twin.log)
      moves.forEach((move, index) => {
        expect(move.sequence).toBe(index + 1)
        expect(move.from).toBe(moves[index - 1]?.to ?? null)
      })
      for (const { at } of twin.log) {
        const then = twin.log.findLast((entry) => entry.at <= at)?.version ?? null
        expect((await registry.history('next_day', alias, { at: new Date(at) })).live).toBe(then)
      }
    }),
    testEngine === 'duckdb' ? {} : { numRuns: runsOf(100) },
  )
})
