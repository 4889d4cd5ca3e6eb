import { erasedKeys, keyMentions } from '@martlet/feature-store'
import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../warehouse/test/support/engine.ts'
import { eraseFromMonitoring, profileReference, readProfile, runDrift, storeProfile } from '../src/index.ts'
import { now, tableOf, text } from './tables.ts'

const mentions = (id: string) =>
  keyMentions(erasedKeys({ name: 'customer', keys: [{ name: 'customer_id', type: 'text' }] }, [{ customer_id: id }]))

describe('keys in what monitoring keeps', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    const people = (last: string) => [...Array.from({ length: 50 }, (_, i) => `p${i % 5}`), 'a "b" c', last]
    const reference = await tableOf(warehouse, {
      customer_id: text(people('p1')),
      tariff: text(people('p1').map(() => 'p1')),
    })
    const profile = await profileReference(warehouse, {
      name: 'people',
      relation: reference,
      columns: ['customer_id', 'tariff'].map((name) => ({ name, type: 'text' as const })),
      now,
    })
    await storeProfile(warehouse, profile)
    const current = await tableOf(warehouse, {
      customer_id: text(people('new "one"')),
      tariff: text(people('p1').map(() => 'p1')),
    })
    await runDrift({ warehouse, profile, current: { relation: current }, monitor: 'people', now })
  })
  afterAll(() => warehouse.close())

  const sentences = async (): Promise<string> =>
    rowsOf<{ sentence: string }>(await warehouse.read(sql`SELECT sentence FROM monitoring.drift_results`))
      .map(({ sentence }) => sentence)
      .join('\n')

  it('nothing is found for an unknown key', async () => {
    expect(await eraseFromMonitoring(warehouse, mentions('p'))).toEqual([])
  })

  it('a value of a profile is removed where the column is the key, and its rows count as others', async () => {
    const before = await readProfile(warehouse, 'people')
    expect(await eraseFromMonitoring(warehouse, mentions('p1'), { dryRun: true })).toEqual([
      { kind: 'profile values', place: 'monitoring.reference_profiles', rows: 1 },
    ])
    expect(await readProfile(warehouse, 'people')).toEqual(before)
    expect(await eraseFromMonitoring(warehouse, mentions('p1'))).toEqual([
      { kind: 'profile values', place: 'monitoring.reference_profiles', rows: 1 },
    ])
    const [people, tariff] = (await readProfile(warehouse, 'people')).columns
    if (people?.kind !== 'category' || tariff?.kind !== 'category') throw new Error('columns of text are categories')
    expect(people.top.map(({ value }) => value)).not.toContain('p1')
    // 50 rows of five customers, ten each, and one more of p1.
    expect(people).toMatchObject({ beyond: 11, distinct: 6 })
    expect(tariff.top).toEqual([{ value: 'p1', count: 52 }])
    expect(await eraseFromMonitoring(warehouse, mentions('p1'))).toEqual([])
  })

  it('a sentence of a finding loses the key and nothing else', async () => {
    const before = await sentences()
    expect(before).toContain(String.raw`"new \"one\""`)
    expect(await eraseFromMonitoring(warehouse, mentions('new "one"'))).toMatchObject([
      { kind: 'findings', place: 'monitoring.drift_results' },
    ])
    expect(await sentences()).toBe(before.replaceAll(String.raw`"new \"one\""`, '"[erased]"'))
  })

  it('a profile without its value can still be compared with', async () => {
    const current = await tableOf(warehouse, {
      customer_id: text(Array.from({ length: 60 }, (_, i) => `p${i % 5}`)),
      tariff: text(Array.from({ length: 60 }, () => 'p1')),
    })
    const result = await runDrift({
      warehouse,
      profile: await readProfile(warehouse, 'people'),
      current: { relation: current },
      now,
      record: false,
    })
    expect(result.windows[0]?.rows).toBe(60)
  })
})
