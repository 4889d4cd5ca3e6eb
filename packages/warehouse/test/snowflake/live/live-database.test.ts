import { expect, it } from 'vitest'
import { databaseName, isLeftOver } from './live-database.ts'

const day = 86_400_000
const now = Date.UTC(2026, 10, 21)

it('a database of a run that was killed is ours to drop a day later, and nothing else is', () => {
  expect(isLeftOver(databaseName(now - day), now)).toBe(true)
  expect(isLeftOver(databaseName(now - day + 60_000), now)).toBe(false)
  for (const name of [
    'MARTLET_TEST',
    'MARTLET_TEST_DATA',
    'MARTLET_TEST_ABC_1',
    'MARTLET_PRODUCTION',
    'OTHER_MARTLET_TEST_0000000A_1',
    `${databaseName(0)}_KEEP`,
  ])
    expect(isLeftOver(name, now), name).toBe(false)
})
