import { openDuckDb, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actionsFor, type DriftResult } from '../../src/index.ts'
import { missing } from './files.ts'
import { scoreOf, watchSeries } from './nab.ts'
import { loadByHour, watchLoad, watchLoadPlainly, weeksFrom } from './pjm.ts'
import { watchTaxis } from './taxis.ts'

if (missing.length > 0) console.log(`monitors of real data skipped: ${missing.join(', ')} is not there`)

const alerts = ({ windows }: DriftResult) =>
  windows.filter(({ severity }) => severity === 'warn' || severity === 'crit').map(({ from }) => from?.slice(0, 10))

// The claims of docs/drift-real-data.md, on parts of the data that are read quickly.
describe.skipIf(missing.length > 0)('monitors of real data', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openDuckDb()
  })
  afterAll(() => warehouse.close())

  it('say when load is unlike the eight weeks before it, and not every week', async () => {
    await loadByHour(warehouse)
    const weeks = weeksFrom('2014-10-13', 8)
    const year = { from: new Date('2013-09-02T00:00:00Z'), to: new Date('2014-09-01T00:00:00Z') }
    expect(alerts(await watchLoadPlainly(warehouse, weeks, year))).toHaveLength(8)
    expect(alerts(await watchLoad(warehouse, weeks, { windows: 8 }))).toEqual(['2014-11-17'])
  }, 120_000)

  it('name the null rate of taxi trips first, and are not misled by clocks that were years off', async () => {
    const result = await watchTaxis(warehouse)
    const [window] = result.windows
    const nulls = window?.findings.filter(({ kind }) => kind === 'nullRate') ?? []
    expect(nulls).toHaveLength(6)
    expect(nulls.every(({ severity }) => severity === 'crit')).toBe(true)
    expect(window?.findings.filter(({ kind }) => kind === 'volume')).toEqual([])
    expect(window?.causes[0]?.sentence.replaceAll('\u{202f}', ' ')).toBe(
      '3.7 % of rows have no value in 6 columns (47.1 % in the reference): 2 changed columns follow.',
    )
    expect(actionsFor(result)[0]).toBe(
      'Find out where the values of 6 columns (congestion_surcharge first) come from now: they were missing in the reference.',
    )
    const surcharge = window?.columns.find(({ name }) => name === 'improvement_surcharge')
    expect(surcharge?.move?.words.replaceAll('\u{202f}', ' ')).toBe('is 0.3 in 1.5 % of its values (99.5 % before)')
  }, 120_000)

  it('find five of six made-up anomalies and none where there is none', async () => {
    const scores = (await watchSeries(warehouse, 'artificial')).map(scoreOf)
    const sum = (of: 'windows' | 'hit' | 'outside'): number => scores.reduce((total, score) => total + score[of], 0)
    expect({ windows: sum('windows'), hit: sum('hit'), outside: sum('outside') }).toEqual({
      windows: 6,
      hit: 5,
      outside: 0,
    })
  }, 120_000)
})
