import { expect, it } from 'vitest'
import { silenceIn, windowsBefore } from '../../src/monitor/silence.ts'
import { silentEntities } from '../../src/verdict/findings/silent-entities.ts'
import { policyFrom } from '../../src/verdict/policy.ts'
import { presencesOf } from '../dates/silence-twin.ts'
import { fastUniform } from './fast-random.ts'

const policy = policyFrom()
const DAY = 86_400_000
const COUNT = 16
const pieces = Array.from({ length: COUNT }, (_, day) => ({ from: new Date(day * DAY), to: new Date((day + 1) * DAY) }))
const latest = pieces[COUNT - 1] ?? { from: new Date(0), to: new Date(DAY) }

/** The windows that each entity has rows in, oldest first. */
type Draw = (chance: () => number) => readonly (readonly number[])[]

const windowsWith = (isThere: (window: number) => boolean): readonly number[] =>
  pieces.flatMap((_, window) => (isThere(window) ? [window] : []))
const each = (entities: number, isThere: (entity: number, window: number) => boolean): readonly (readonly number[])[] =>
  Array.from({ length: entities }, (_, entity) => windowsWith((window) => isThere(entity, window)))

/** Whether entities are told to be silent in the last of sixteen windows. */
function told(draw: Draw, chance: () => number): boolean {
  // Half-hourly readings, some of which come a little late.
  const presences = presencesOf(draw(chance), pieces, ({ to }) => to.getTime() - 1_800_000 * (1 + chance()))
  const silence = silenceIn(presences, pieces, latest, windowsBefore(latest, {}))
  if (silence === null) throw new Error('every window has rows')
  return silentEntities({ silence: { keys: ['meter'], named: [], ...silence } }, policy).length > 0
}

/** What entities do when nothing changes. */
const laws: Readonly<Record<string, Draw>> = {
  'all come every day': () => each(300, () => true),
  'each comes on some days': (chance) => {
    const often = Array.from({ length: 200 }, () => chance())
    return each(200, (entity) => chance() < (often[entity] ?? 0))
  },
  '2 % leave every day, and as many are new': (chance) => {
    const first = Array.from({ length: 400 }, () => Math.floor(50 * chance()) - 30)
    const stays = first.map(() => Math.log(chance()) / Math.log(0.98))
    return each(400, (entity, day) => day >= (first[entity] ?? 0) && day < (first[entity] ?? 0) + (stays[entity] ?? 0))
  },
  'a share is cut off together for a day, mostly a small one': (chance) => {
    const cut = pieces.map(() => Math.min(0.9, 0.02 * Math.exp(1.2 * normal(chance))))
    return each(300, (_, day) => chance() >= (cut[day] ?? 0))
  },
  'twenty, of which one misses a day now and then': (chance) => each(20, () => chance() >= 0.01),
}
const RUNS = 400

function normal(chance: () => number): number {
  return Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance())
}

it.each(Object.keys(laws))('when nothing changes, silence is told in at most one window of a hundred: %s', (name) => {
  const chance = fastUniform(11)
  let alerts = 0
  for (let run = 0; run < RUNS; run += 1) if (told(laws[name] ?? (() => []), chance)) alerts += 1
  if (process.env['MARTLET_LAW'] !== undefined) console.log(`${name}: ${alerts} of ${RUNS}`)
  // Three standard errors above one in a hundred.
  expect(alerts / RUNS).toBeLessThan(0.01 + 3 * Math.sqrt((0.01 * 0.99) / RUNS))
})

it('one of twenty that stops is told once it is long enough ago, while it had rows shortly before', () => {
  const chance = fastUniform(3)
  const stopped = (days: number): boolean =>
    told(() => each(20, (entity, window) => entity > 0 || window < COUNT - days), chance)
  expect([1, 2, 3, 4, 5].map(stopped)).toEqual([false, true, true, true, false])
})

it('of those that leave every day, many at once are told', () => {
  const chance = fastUniform(5)
  const leaving = laws['2 % leave every day, and as many are new'] ?? (() => [])
  const fewer: Draw = (draw) =>
    leaving(draw).map((days, entity) => (entity % 4 === 0 ? days.filter((day) => day < COUNT - 1) : days))
  const found = Array.from({ length: 50 }, () => told(fewer, chance)).filter(Boolean)
  expect(found.length).toBeGreaterThanOrEqual(45)
})
