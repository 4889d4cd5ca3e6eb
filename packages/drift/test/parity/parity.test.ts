import { expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { observationOf, runParity } from '../../src/index.ts'
import { uniform } from '../random.ts'
import { DAY, landed, named, START, usageOf } from './mart.ts'
import { countsOf, randomMart } from './slow-twin.ts'

const windows = [
  { from: new Date(START), to: new Date(START + 3 * DAY) },
  { from: new Date(START + 3 * DAY), to: new Date(START + 7 * DAY) },
]

test('on random marts, what matches and why the rest does not is what a slow twin finds', async () => {
  const seen = new Set<string>()
  for (let seed = 1; seed <= runsOf(5); seed++) {
    const next = uniform(seed)
    // The hash has the ttl in it, which the mart draws.
    const probe = randomMart(uniform(seed), '', 1)
    const definition = usageOf(probe.ttl).plan.hash.slice(0, 16)
    const mart = randomMart(next, definition, 300)
    await using warehouse = await openTestWarehouse()
    const { catalog, service } = await landed(warehouse, mart, 'twin')
    const reads = new Map([[1, ['usage__kwh_1d', 'usage__readings_2d', 'usage__kind']]])
    const result = await runParity({ warehouse, catalog, model: 'twin', services: [service], windows, reads })
    for (const [i, { from, to }] of windows.entries()) {
      const found = result.windows[i]?.parity?.features ?? []
      for (const { feature, ...counts } of countsOf(mart, definition, from.getTime(), to.getTime())) {
        expect(
          found.find((one) => one.feature === named(feature)),
          `seed ${seed}`,
        ).toMatchObject(counts)
        for (const reason of Object.keys(counts.reasons)) seen.add(reason)
      }
    }
    expect(observationOf(result)).toMatchObject({ alerting: true, severity: 'crit', subject: 'drift:twin' })
  }
  expect([...seen].toSorted()).toEqual(['definition', 'late facts', 'store behind', 'ttl', 'unknown'])
})
