import { openDuckDb, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withAdditions, type ChangedPackage } from '../../../warehouse/test/house/with-addition.ts'
import type { AnyFeatureService, AnyFeatureView, checkView } from '../../src/index.ts'
import { even } from './added-check.ts'
import { covariance, daysSince, middle, mornings, stacked } from './additions.ts'
import { endToEnd, type Answers, type Values } from './end-to-end.ts'

// What docs/architecture.md says a contributor has to write, done here for one thing of each kind: one file, and one
// entry in the list of the kind. Everything else (hash, catalog, SQL of every plan, materialization, online, findings) has
// to follow. All stand in one copy of the package: to compile and to load one takes longer than everything else here.

let changed: ChangedPackage
beforeAll(() => {
  changed = withAdditions('feature-store', [middle, covariance, mornings, daysSince, stacked, even])
})
afterAll(() => changed[Symbol.dispose]())

async function answers(name: string): Promise<Answers & { readonly refusal: string }> {
  const store = (await changed.load('index.ts')) as unknown as Parameters<typeof endToEnd>[0]
  const { service, wrong } = (await changed.load(`use-${name}.ts`)) as {
    service: AnyFeatureService
    wrong?: () => unknown
  }
  return { ...(await endToEnd(store, service)), refusal: messageOf(wrong) }
}

function messageOf(wrong: (() => unknown) | undefined): string {
  try {
    wrong?.()
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const everywhere = (values: Values, refusal = '') => ({ facts: values, materialized: values, online: values, refusal })

describe('one file and one entry add', () => {
  test('an aggregate of one column, in windows of time, of rows and since ever', async () => {
    const found = await answers('middle')
    expect(found).toEqual(
      everywhere(
        {
          day_1d: { anna: 59.5, ben: 40.5 },
          before_2d: { anna: 23.5, ben: 76.5 },
          newest_last3: { anna: 70, ben: 30 },
          all: { anna: 35.5, ben: 64.5 },
          total_1d: { anna: 1428, ben: 972 },
        },
        `view 'wrong', feature 'x': column 'customer_id' of this fact is not a number but text, so it has no middle`,
      ),
    )
  })

  test('an aggregate of two columns', async () => {
    const found = await answers('covariance')
    // Hours 70 and 71: kwh half a unit from its mean, cost (71² - 70²) / 2 = 70.5 from its own.
    expect(found).toEqual(everywhere({ both_last2: { anna: 35.25, ben: -35.25 } }))
  })

  test('a kind of window', async () => {
    const found = await answers('mornings')
    // Anna: hours 0 to 11 and 24 to 29; Ben: 100 - i < 30 first at hour 71, which is an evening.
    expect(found).toEqual(everywhere({ kwh_mornings: { anna: 66 + 159, ben: 0 } }))
  })

  test('a kind of feature', async () => {
    const found = await answers('daysSince')
    expect(found).toEqual(everywhere({ weeks: { anna: 2, ben: 2 } }))
  })

  test('a kind of source', async () => {
    const found = await answers('stacked')
    expect(found).toEqual(everywhere({ kwh_2d: { anna: 2280, ben: 2520 } }))
  })

  test('a kind of check', async () => {
    const used = (await changed.load('use-even.ts')) as {
      readonly plan: AnyFeatureView['plan']
      readonly checkView: typeof checkView
      readonly wrong: () => unknown
    }
    expect(used.wrong).toThrow(`fact 'mart.socks', check 'in_pairs': this table has no column 'pears'`)
    await using warehouse = await openDuckDb()
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(
      sql`CREATE TABLE mart.socks AS SELECT 'anna' AS customer_id, make_timestamp(i) AS ts, i AS pairs FROM range(5) r(i)`,
    )
    const { findings } = await used.checkView(warehouse, used.plan, { from: null, to: null, now: 1_000_000n })
    expect(findings).toMatchObject([
      { table: 'mart.socks', check: 'in_pairs', declared: 'even', severity: 'error', count: 2, total: 5 },
    ])
  })

  test('and the compiler accepts them, their uses, and what it must refuse of them', async () => {
    expect(await changed.typeErrors()).toBe('')
  })
})
