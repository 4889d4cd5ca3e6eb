import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, testEngine } from '../../support/engine.ts'
import { outcome } from './assumption.ts'
import { assumptions } from './assumptions.ts'
import { whySkipped } from './why-skipped.ts'

const reason = whySkipped === undefined ? '' : ` (${whySkipped})`

describe.skipIf(whySkipped !== undefined).each(Object.entries(assumptions))(
  `what is taken for true of Snowflake's %s${reason}`,
  (_, list) => {
    let warehouse: Warehouse
    beforeAll(async () => {
      warehouse = await openTestWarehouse()
    })
    afterAll(() => warehouse.close())

    it.each(list)('$name', async (assumption) => {
      const found = await outcome(assumption, warehouse)
      const expected: unknown =
        typeof assumption.expected === 'object' && assumption.expected !== null && 'error' in assumption.expected
          ? expect.objectContaining(assumption.expected)
          : assumption.expected
      if (testEngine === 'snowflake-live' || assumption.double === 'agrees') expect(found).toEqual(expected)
      else if (assumption.double === 'refuses')
        expect(found).toEqual({ error: '001003', message: expect.stringContaining('The double refuses ') })
      else expect(found).not.toEqual(expected)
    })
  },
)
