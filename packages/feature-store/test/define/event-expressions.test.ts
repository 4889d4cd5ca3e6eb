import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { T, caseWhen, days, entity, fact, featureView, happens, label, type Valued } from '../../src/index.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const customer = entity('customer', { customer_id: z.string() })
const columns = {
  customer_id: z.string(),
  ts: z.date(),
  quantity: z.int(),
  price: z.number(),
  paid: z.boolean(),
  note: z.string().nullable(),
}
const sales = fact('mart.sales', { columns, entities: [customer], eventTime: 'ts' })
const billed = sales.with((r) => ({ revenue: r.quantity.mul(r.price) }))
const daily = { of: customer, every: '1d' } as const

/** What the compiler knows nothing about. */
interface Loose {
  (...given: readonly unknown[]): Loose
  readonly sum: Loose
  readonly max: Loose
  readonly over: Loose
  readonly coalesce: Loose
  readonly gt: Loose
  readonly note: Loose
  readonly price: Loose
  readonly prise: Loose
  readonly ts: Valued<Date>
}

/** Callers without types may write what the compiler refuses. */
const loose = (features: (f: Loose) => unknown) => () =>
  Reflect.apply(featureView, undefined, ['bad', { ...daily, from: billed, features }])

describe('expressions of events', () => {
  test('are named by what they are in words, and equal ones are one column', () => {
    const view = featureView('sales', {
      ...daily,
      from: billed,
      features: (f) => ({
        a: f.sum((r) => r.quantity.mul(r.price)).over('7d'),
        b: f.max((r) => r.quantity.mul(r.price)).over('7d'),
        c: f.sum('revenue').over('7d'),
        d: f.sum((r) => r.revenue).over('7d'),
        e: f.correlation('quantity', (r) => r.revenue.div(2)).over('7d'),
      }),
    })
    expect(view.plan.features.map(featureText)).toEqual([
      'sum((quantity * price)) over 7d',
      'max((quantity * price)) over 7d',
      'sum(revenue) over 7d',
      'sum(revenue) over 7d',
      'correlation(quantity, (revenue / 2)) over 7d',
    ])
    const names = view.plan.features.map((feature) => ('aggregate' in feature ? feature.aggregate : undefined))
    expect(names[0]).toMatchObject({ column: expect.stringMatching(/^computed__[0-9a-f]{16}$/) as unknown })
    expect(Object(names[0])['column']).toBe(Object(names[1])['column'])
    expect(viewPlan.parse(JSON.parse(JSON.stringify(view.plan)))).toEqual(view.plan)
  })

  test('count in the hash as far as features use them', () => {
    const hashOf = (from: typeof billed) =>
      featureView('sales', { ...daily, from, features: (f) => ({ x: f.sum('revenue').over('7d') }) }).plan.hash
    const otherwise = sales.with((r) => ({ revenue: r.price.mul(r.quantity) }))
    const more = sales.with((r) => ({ unused: r.price.add(1), revenue: r.quantity.mul(r.price) }))
    expect(hashOf(otherwise)).not.toBe(hashOf(billed))
    const [before, after] = [hashOf(billed), hashOf(more)]
    expect(after).toBe(before)
    const plain = featureView('sales', {
      ...daily,
      from: sales,
      features: (f) => ({ x: f.sum('price').over('7d') }),
    })
    const unused = featureView('sales', {
      ...daily,
      from: billed,
      features: (f) => ({ x: f.sum('price').over('7d') }),
    })
    expect(unused.plan.hash).toBe(plain.plan.hash)
  })

  test('stand wherever a column does: conditions, ages, labels and happenings', () => {
    const next = label('next', {
      of: customer,
      from: billed,
      value: (f) => f.sum((r) => r.revenue.mul(2)).ahead('7d'),
    })
    expect(next.plan.aggregate).toMatchObject({ function: 'sum', computed: [{ type: 'double' }] })
    const large = label('large', {
      of: customer,
      value: happens(billed).within('7d', { where: (r) => r.revenue.gt(100) }),
    })
    expect(large.plan.fact.computed?.map(({ name }) => name)).toEqual(['revenue'])
  })

  test.each([
    [
      'a sum of a text',
      loose((f) => ({ x: f.sum((r: Loose) => r.note).over('1d') })),
      `view 'bad', feature 'x': column 'note' of this fact is not a number but text, so it cannot be summed`,
    ],
    [
      'a sum of an expression of text',
      loose((f) => ({ x: f.sum((r: Loose) => r.note.coalesce('none')).over('1d') })),
      `view 'bad', feature 'x': the value coalesce(note, "none") is not a number but text, so it cannot be summed`,
    ],
    [
      'a maximum of a condition',
      loose((f) => ({ x: f.max((r: Loose) => r.price.gt(1)).over('1d') })),
      `view 'bad', feature 'x': the value (price > 1) is a boolean, so it has no maximum`,
    ],
    [
      'a sum of a literal',
      loose((f) => ({ x: f.sum(() => 1).over('1d') })),
      `view 'bad', feature 'x': it must be of a column or of an expression, like (r) => r.quantity.mul(r.price)`,
    ],
    [
      'an expression of a misspelt column',
      loose((f) => ({ x: f.sum((r: Loose) => r.prise).over('1d') })),
      `view 'bad', feature 'x': its value is wrong: there is no column 'prise'; ` +
        `there are: customer_id, ts, quantity, price, paid, note, revenue`,
    ],
    [
      'T in an expression',
      loose((f) => ({ x: f.sum((r: Loose) => days(r.ts, T)).over('1d') })),
      `view 'bad', feature 'x': its value asks for T, which is the time of a row of features; events have their own times`,
    ],
    [
      'T in a computed column',
      () => sales.with((r) => ({ x: days(r.ts, T) })),
      `fact 'mart.sales', column 'x': it asks for T, which is the time of a row of features; events have their own times`,
    ],
    [
      'a name that the fact has',
      () => Reflect.apply(sales.with, sales, [(r: object) => ({ Price: Reflect.get(r, 'quantity') })]),
      `fact 'mart.sales', column 'Price': this fact already has a column 'price'; choose another name`,
    ],
    [
      'a name like those of expressions',
      () => sales.with((r) => ({ computed__a: r.price.mul(2) })),
      `fact 'mart.sales', column 'computed__a': names of computed columns do not begin so; choose another`,
    ],
    [
      'a computed column that is a literal',
      () => Reflect.apply(sales.with, sales, [() => ({ x: 3 })]),
      `fact 'mart.sales', column 'x': it must be an expression over the columns of the fact`,
    ],
    [
      'no computed columns',
      () => sales.with(() => ({})),
      `fact 'mart.sales': with() must return an object of expressions, like { revenue: r.quantity.mul(r.price) }`,
    ],
    [
      'an object in place of a function',
      () => Reflect.apply(sales.with, sales, [{ x: 3 }]),
      `fact 'mart.sales': with() takes a function, like with((r) => ({ revenue: r.quantity.mul(r.price) }))`,
    ],
    [
      'an expression that fails',
      () => sales.with((r) => ({ x: caseWhen(r.paid, r.price).otherwise(Object(Number.NaN)) })),
      `fact 'mart.sales': its with is wrong: NaN cannot stand in an expression`,
    ],
  ])('%s is refused', (_, define, says) => {
    expect(define).toThrow(
      expect.objectContaining({
        code: 'INVALID_DEFINITION',
        message: expect.stringContaining(says) as unknown,
      }) as Error,
    )
  })
})
