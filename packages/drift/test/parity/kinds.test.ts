import { expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { runParity } from '../../src/index.ts'
import { uniform } from '../random.ts'
import { landKinds, service } from './kinds-mart.ts'
import { kindCounts, KINDS, randomKinds } from './kinds-twin.ts'
import { DAY, START } from './mart.ts'

const windows = [{ from: new Date(START), to: new Date(START + 7 * DAY) }]
const FEATURES = { spent: 'spent__sum', known: 'known__sum', busy: 'busy__people_1d' } as const

test('reasons of continuous views, and of entities that were looked up, are what a slow twin finds', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= runsOf(2); seed++) {
    const atOnce = seed === 1 ? {} : { rowsAtOnce: 300 }
    const mart = randomKinds(uniform(seed), 500)
    await using warehouse = await openTestWarehouse()
    const { catalog, reads } = await landKinds(warehouse, mart, 'kinds')
    const result = await runParity({
      warehouse,
      catalog,
      model: 'kinds',
      services: [service],
      windows,
      reads,
      ...atOnce,
    })
    const found = result.windows[0]?.parity?.features ?? []
    for (const { kind, ...counts } of kindCounts(mart)) {
      expect(
        found.find(({ feature }) => feature === FEATURES[kind]),
        `seed ${seed}`,
      ).toMatchObject(counts)
      for (const reason of Object.keys(counts.reasons)) seen.add(`${kind}: ${reason}`)
    }
  }
  const all = KINDS.flatMap((kind) =>
    ['definition', 'late facts', 'store behind', 'unknown'].map((reason) => `${kind}: ${reason}`),
  )
  expect([...seen].toSorted()).toEqual(all.toSorted())
})
