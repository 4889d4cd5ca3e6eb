import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { viewDifference } from '../../src/catalog/difference.ts'
import { planText, readViewPlan } from '../../src/catalog/plan-json.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'

const customer = entity('customer', { customer_id: z.string() })
const customers = dimension('mart.customers', {
  columns: { customer_id: z.string(), number: z.int(), since: z.date() },
  entity: customer,
  validFrom: 'since',
})
const plain = dimension('mart.plain', { columns: { customer_id: z.string(), day: z.iso.date() }, entity: customer })
const columns = { customer_id: z.string(), order_id: z.string(), at: z.date(), kg: z.number(), late: z.boolean() }

/** As callers without types may write it. */
const orders = (checks?: unknown) =>
  fact('mart.orders', {
    columns,
    entities: [customer],
    eventTime: 'at',
    checks: checks as never,
  })

// oxlint-disable-next-line typescript/no-explicit-any -- callers without types
type Untyped = any

describe('wrong checks are refused without types too', () => {
  test.for<[says: string, check: (c: Untyped) => unknown]>([
    [`this table has no column 'order'; it has customer_id, order_id, at, kg, late`, (c) => c.unique('order')],
    [`unique() names no column`, (c) => c.unique([])],
    [`unique() names column 'kg' twice`, (c) => c.unique(['kg', 'kg'])],
    [`its severity is 'fatal'; it can be error, warn or off`, (c) => c.unique('kg', { severity: 'fatal' })],
    [`its options are an object, like { severity: 'error' }`, (c) => c.unique('kg', 'error')],
    [`this table has no column 'id'`, (c) => c.relationship(customers, { id: 'customer_id' })],
    [`the other table has no column 'id'`, (c) => c.relationship(customers, { customer_id: 'id' })],
    [
      `column 'customer_id' of this table is text, and 'number' of the other table bigint`,
      (c) => c.relationship(customers, { customer_id: 'number' }),
    ],
    [
      `column 'order_id' of this table is text, and 'day' of the other table date`,
      (c) => c.relationship(plain, { order_id: 'day' }),
    ],
    [
      `relationship() is to a dimension, a fact, a lookup table or precomputed rows`,
      (c) => c.relationship(customer, { customer_id: 'customer_id' }),
    ],
    [`relationship() needs the columns that refer`, (c) => c.relationship(customers)],
    [
      `the other table keeps no history, so it cannot be asked as of a time`,
      (c) => c.relationship(plain, { customer_id: 'customer_id' }, { asOf: 'at' }),
    ],
    [
      `asOf names 'kg', which is no time`,
      (c) => c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'kg' }),
    ],
    [`it takes a condition on a row, like (r) => r.kwh.gt(0)`, (c) => c.rows((r: Untyped) => r.kg.sub(1))],
    [
      `its condition is wrong: an instant is needed here, and column 'kg' is a number`,
      (c) => c.rows((r: Untyped) => r.at.ge(r.kg)),
    ],
    [`its condition is wrong: there is no column 'weight'`, (c) => c.rows((r: Untyped) => r.weight.ge(1))],
    [
      `column 'late' of this table is not a number but boolean, so it has no mean`,
      (c) => c.aggregate((f: Untyped) => f.mean('late'), { atMost: 1 }),
    ],
    [
      `it says no bound; give between: [least, most], atLeast or atMost`,
      (c) => c.aggregate((f: Untyped) => f.count(), {}),
    ],
    [
      `NaN is no bound; bounds are finite numbers`,
      (c) => c.aggregate((f: Untyped) => f.count(), { atMost: Number.NaN }),
    ],
    [
      `nothing lies between 2 and 1; give the smaller bound first`,
      (c) => c.aggregate((f: Untyped) => f.count(), { between: [2, 1] }),
    ],
    [`between takes two numbers, like [0, 1]`, (c) => c.aggregate((f: Untyped) => f.count(), { between: [1] })],
    [
      `it has between, and atLeast or atMost; one of both says it`,
      (c) => c.aggregate((f: Untyped) => f.count(), { between: [0, 1], atMost: 3 }),
    ],
    [`aggregate() takes a function, like (f) => f.share((r) => r.late)`, (c) => c.aggregate(() => 3, { atMost: 1 })],
    [`its query is empty`, (c) => c.sql(' -- nothing')],
    [`its SQL is 2 statements; a check is one query`, (c) => c.sql('SELECT 1; DROP TABLE mart.orders')],
    [`its SQL is no query; it must begin with SELECT or WITH`, (c) => c.sql('DELETE FROM mart.orders')],
    [`the parentheses of its query do not match`, (c) => c.sql(`SELECT ')' ) q UNION SELECT ( SELECT 1`)],
    [`it is no check; make one with c, like c.unique('id')`, () => ({})],
  ])('%s', ([says, check]) => {
    expect(() => orders((c: Untyped) => ({ bad: check(c) }))).toThrow(
      expect.objectContaining({
        code: 'INVALID_DEFINITION',
        message: expect.stringContaining(`fact 'mart.orders', check 'bad': ${says}`),
        data: { fact: 'mart.orders', check: 'bad' },
      }),
    )
  })

  test('names', () => {
    const named = (name: string) => () => orders((c: Untyped) => ({ [name]: c.unique('kg') }))
    expect(named('Bad name')).toThrow(`its name 'Bad name' is not lower_snake`)
    expect(named('gaps')).toThrow(`'gaps' is a check that tables have already; choose another name`)
    expect(() => orders([])).toThrow(`fact 'mart.orders': checks is a function, like (c) => ({`)
  })
})

describe('checks decide no value', () => {
  const view = (checked: boolean) => {
    const read = checked
      ? orders((c: Untyped) => ({
          one: c.unique('order_id'),
          known: c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'at' }),
          light: c.rows((r: Untyped) => r.kg.lt(10).or(r.at.lt(new Date('2020-01-01')))),
          late: c.aggregate((f: Untyped) => f.share((r: Untyped) => r.late), { atMost: 0.5 }),
          custom: c.sql('SELECT 1 WHERE 1 = 0'),
        }))
      : orders()
    const joined = dimension('mart.customers', {
      columns: { customer_id: z.string(), number: z.int(), since: z.date() },
      entity: customer,
      validFrom: 'since',
      checks: (c) => (checked ? { one: c.unique('number') } : {}),
    })
    return featureView('ordered', {
      of: customer,
      from: read,
      every: '1d',
      population: joined,
      features: (f) => ({ kg: f.sum('kg').over('7d'), number: f.attribute(joined, 'number') }),
    }).plan
  }

  test('the hash is the same, and adding them changes no row', () => {
    const [without, with_] = [view(false), view(true)]
    expect(with_.source?.checks?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'unique one',
      'relationship known',
      'rows light',
      'aggregate late',
      'sql custom',
    ])
    expect(with_.hash).toBe(without.hash)
    expect(viewDifference(without, with_)).toEqual({ reasons: [], added: [], removed: [], changesValues: false })
  })

  test('they are in stored plans', () => {
    const plan = view(true)
    expect(planText(readViewPlan(planText(plan), 'a test'))).toBe(planText(plan))
  })
})
