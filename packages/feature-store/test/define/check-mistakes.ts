import type { Mistakes } from './compiler.ts'

const marts = `import { z } from 'zod'
  import { dimension, entity, fact } from '@martlet/feature-store'
  export const customer = entity('customer', { customer_id: z.string() })
  export const customers = dimension('mart.customers', { columns: { customer_id: z.string(), number: z.int(),
    tier: z.enum(['gold', 'basic']), since: z.date() }, entity: customer, validFrom: 'since',
    checks: (c) => ({ one: c.unique(['customer_id', 'since'], { severity: 'error' }) }) })
  export const regions = dimension('mart.regions', { columns: { customer_id: z.string(), region: z.string() },
    entity: customer })
  export const columns = { order_id: z.string(), customer_id: z.string().nullable(), at: z.date(),
    sent_at: z.date().nullable(), kg: z.number(), most: z.number().nullable(), late: z.boolean().nullable(),
    tier: z.string() }
  export const orders = fact('mart.orders', { columns, entities: [customer], eventTime: 'at', checks: (c) => ({
    one: c.unique('order_id'),
    known: c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'at', severity: 'error' }),
    region_known: c.relationship(regions, { customer_id: 'customer_id' }),
    tier_known: c.relationship(customers, { tier: 'tier' }),
    sent_later: c.rows((r) => r.sent_at.ge(r.at).and(r.kg.le(r.most))),
    late_share: c.aggregate((f) => f.share((r) => r.late), { between: [0, 0.5] }),
    load: c.aggregate((f) => f.mean((r) => r.kg.div(r.most)), { atMost: 1, severity: 'off' }),
    enough: c.aggregate((f) => f.count(), { atLeast: 1 }),
    tiers: c.aggregate((f) => f.distinct('tier'), { atMost: 3 }),
    custom: c.sql('SELECT 1 WHERE 1 = 0') }) })`

const check = (of: string, name = 'x') =>
  `fact('mart.bad', { columns, entities: [customer], eventTime: 'at', checks: (c) => ({ ${name}: ${of} }) })`

export const checkMistakes: Mistakes = {
  subject: 'checks',
  right: marts,
  mistakes: [
    ['a misspelt column', check(`c.unique('order')`), `this table has no column 'order'`],
    ['a misspelt column among several', check(`c.unique(['order_id', 'line'])`), `this table has no column 'line'`],
    [
      'a severity that there is not',
      check(`c.unique('order_id', { severity: 'fatal' })`),
      `Type '"fatal"' is not assignable to type 'CheckSeverity`,
    ],
    [
      'a misspelt column that refers',
      check(`c.relationship(customers, { customer: 'customer_id' })`),
      `this table has no column 'customer'`,
    ],
    [
      'a misspelt column that is referred to',
      check(`c.relationship(customers, { customer_id: 'id' })`),
      `the other table has no column 'id'`,
    ],
    [
      'columns of unlike types',
      check(`c.relationship(customers, { customer_id: 'number' })`),
      `column 'customer_id' of this table is not of the type of 'number' of the other table`,
    ],
    [
      'a relationship to an entity',
      check(`c.relationship(customer, { customer_id: 'customer_id' })`),
      `Type '"entity"' is not assignable to type '"dimension" | "fact" | "lookup" | "precomputed"'`,
    ],
    [
      'a time at a dimension without history',
      check(`c.relationship(regions, { customer_id: 'customer_id' }, { asOf: 'at' })`),
      `the other table keeps no history, so it cannot be asked as of a time`,
    ],
    [
      'a time that is none',
      check(`c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'kg' })`),
      `this table has no column of times 'kg'`,
    ],
    ['a condition on a misspelt column', check(`c.rows((r) => r.weight.gt(1))`), `Property 'weight' does not exist`],
    [
      'a comparison of unlike columns',
      check(`c.rows((r) => r.sent_at.ge(r.kg))`),
      `Type 'number' is not assignable to type 'Date'`,
    ],
    [
      'a number as a condition',
      check(`c.rows((r) => r.kg.sub(1))`),
      `Type 'number' is not assignable to type 'boolean`,
    ],
    [
      'a mean of booleans',
      check(`c.aggregate((f) => f.mean('late'), { atMost: 1 })`),
      `column 'late' of this table is not a number, so it has no mean`,
    ],
    [
      'a sum of a misspelt column',
      check(`c.aggregate((f) => f.sum('weight'), { atMost: 1 })`),
      `this table has no column 'weight'`,
    ],
    [
      'a greatest text',
      check(`c.aggregate((f) => f.max((r) => r.tier), { atMost: 1 })`),
      `Type 'string' is not assignable to type 'number'`,
    ],
    [
      'an aggregate without bounds',
      check(`c.aggregate((f) => f.count(), {})`),
      `Argument of type '{}' is not assignable to parameter of type 'Bounds & CheckOptions'`,
    ],
    [
      'one number where two are needed',
      check(`c.aggregate((f) => f.count(), { between: [1] })`),
      `Source has 1 element(s) but target requires 2`,
    ],
    [
      'the name of a check that tables have',
      check(`c.unique('order_id')`, 'duplicates'),
      `'duplicates' is a check that tables have already; choose another name`,
    ],
  ],
}
