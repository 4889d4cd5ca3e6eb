import { openDuckDb, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { entity, fact, featureService, featureView, type AnyFeatureView } from '../../src/index.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('usage', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('7d'), cost: f.max('cost').over('90d') }),
  derive: (v) => ({ daily: v.kwh_7d.div(7) }),
  among: (v, everybody) => ({ standing: everybody.rank(v.kwh_7d) }),
})

test('a training set computes only what its service reads, and what that is made of', async () => {
  await using warehouse = await openDuckDb()
  const day = 86_400_000_000n
  const spine = { table: 'spine', rows: 3, columns: ['customer_id', 'at'], first: 20_000n * day, last: 20_006n * day }
  const textOf = (part: AnyFeatureView): string => {
    const { prepare, query } = compileTraining(warehouse.leaves, featureService('s', [part]).plan, [], spine, {
      asOf: 20_010n * day,
      from: 'facts',
      featureTable: () => sql`nowhere`,
    })
    return [...prepare, query].map((statement) => warehouse.compile(statement).sql).join('\n')
  }
  const [all, some] = [textOf(view), textOf(view.pick('daily'))]
  expect([all.includes('RANK('), all.includes('cost_90d')]).toEqual([true, true])
  expect([some.includes('RANK('), some.includes('cost_90d'), some.includes('kwh_7d')]).toEqual([false, false, true])
})
