import { setTimeout as sleep } from 'node:timers/promises'
import process from 'node:process'
import { expect, test } from 'vitest'
import { runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import { newPlace } from '../support/places.ts'
import { temporaryFolder } from '../support/registries.ts'
import { checkIntegrity, startWriter, type Event } from '../support/writers.ts'

const seed = Number(process.env['MARTLET_SEED'])
const runs = Number(process.env['MARTLET_RUNS'])

test(
  'processes that register and promote at once lose and double nothing',
  { timeout: 120_000 * Math.max(1, runs) },
  async () => {
    const place = await newPlace(await temporaryFolder())
    const operations = testEngine === 'duckdb' ? Math.max(5, Math.round(25 * runs)) : Math.max(5, runsOf(25))
    const writers = ['a', 'b', 'c', 'd'].map((name, index) => startWriter(place, name, seed + index, operations))
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    const events = writers.flatMap((writer) => writer.events)
    const count = (did: Event['did']): number => events.filter((event) => event.did === did).length
    expect([count('end'), count('register')]).toEqual([4, 4 * operations])

    const { versions, moves, artifacts } = await checkIntegrity(place, events)
    expect(versions).toBe(events.filter(({ created }) => created).length)
    expect(versions).toBe(new Set(events.filter(({ did }) => did === 'register').map(({ bias }) => bias)).size)
    expect(artifacts).toBe(versions)
    expect(moves).toBe(count('move'))
    console.log(`4 processes: ${versions} versions, ${moves} moves, ${count('lose')} refused`)
  },
)

test(
  'writers killed at any moment leave a registry that is whole',
  { timeout: 240_000 * Math.max(1, runs) },
  async () => {
    const place = await newPlace(await temporaryFolder())
    const events: Event[] = []
    let state = seed >>> 0
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state / 2 ** 32) * below
    }
    let killed = 0
    const wanted = testEngine === 'duckdb' ? Math.max(26, Math.round(26 * runs)) : 8
    for (let round = 0; killed < wanted; round += 1) {
      const writers = [0, 1].map((index) =>
        startWriter(place, `${round}.${index}`, seed + 2 * round + index, 1_000_000, 2),
      )
      for (const result of await Promise.all(
        writers.map(async (writer) => {
          // half of them die while they start and open, half while they write one change after another
          await (round % 2 === 0 ? writer.working : writer.started)
          await sleep(random(testEngine === 'duckdb' ? 200 : 1500))
          writer.kill()
          return writer.ended
        }),
      ))
        if (result === 'SIGKILL') killed += 1
        else throw new Error(`a writer ended by itself: ${result}`)
      events.push(...writers.flatMap((writer) => writer.events))
      if (round % 4 === 3) await checkIntegrity(place, events)
    }
    const { versions, moves, artifacts } = await checkIntegrity(place, events)
    const acknowledged = new Set(events.filter(({ did }) => did === 'register').map(({ bias }) => bias))
    expect(acknowledged.size).toBeGreaterThan(0)
    expect(moves).toBeGreaterThan(0)
    expect(versions).toBeGreaterThanOrEqual(acknowledged.size)
    expect(artifacts).toBeGreaterThanOrEqual(versions)
    // the registry goes on working where the dead left off
    const last = startWriter(place, 'last', seed, 3)
    expect(await last.ended).toBe(0)
    await checkIntegrity(place, [...events, ...last.events])
    console.log(
      `${killed} kills: ${versions} versions, ${moves} moves, ` +
        `${artifacts} artifacts of which ${artifacts - versions} were never registered`,
    )
  },
)
