import { describe, expect, test } from 'vitest'
import {
  caseWhen,
  featureView,
  type AnyEntity,
  type Expression,
  type Fact,
  type Predicate,
  type Valued,
} from '@martlet/feature-store'
import { member, refusal, untyped } from './invalid.ts'
import { customer, usage } from './marts.ts'
import type { AggregateFeature } from '../../src/vocabulary/features/aggregate.ts'

type UsageRow = typeof usage extends Fact<infer R, AnyEntity> ? R : never

/** The plan of conditions over the fact's rows. */
function where(...predicates: Predicate<UsageRow>[]): Expression | null {
  const { plan } = featureView('v', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ n: predicates.reduce((counted, predicate) => counted.where(predicate), f.count()).lifetime() }),
  })
  const [feature] = plan.features as readonly AggregateFeature[]
  return feature !== undefined && 'where' in feature.aggregate ? feature.aggregate.where : null
}

type Columns = Parameters<Predicate<UsageRow>>[0]

/** The typed plan of any expression over the fact's columns. */
function plan(build: (row: Columns) => Valued<unknown>) {
  let typed: Valued<unknown>['typed'] | undefined
  where((row) => {
    typed = build(row).typed
    return row.paid
  })
  return typed!
}

const column = (name: string): Expression => ({ kind: 'column', name })
const literal = (value: string | number | boolean | Date | null): Expression => ({ kind: 'literal', value })

describe('conditions', () => {
  const cases: [string, Predicate<UsageRow>, Expression][] = [
    [
      'eq',
      (r) => r.tariff.eq('peak'),
      { kind: 'binary', operator: 'equal', left: column('tariff'), right: literal('peak') },
    ],
    [
      'ne',
      (r) => r.paid.ne(true),
      { kind: 'binary', operator: 'notEqual', left: column('paid'), right: literal(true) },
    ],
    ['lt', (r) => r.kwh.lt(3), { kind: 'binary', operator: 'less', left: column('kwh'), right: literal(3) }],
    [
      'le',
      (r) => r.kwh.le(r.cost),
      { kind: 'binary', operator: 'lessOrEqual', left: column('kwh'), right: column('cost') },
    ],
    [
      'gt',
      (r) => r.ts.gt(r.loaded_at),
      { kind: 'binary', operator: 'greater', left: column('ts'), right: column('loaded_at') },
    ],
    [
      'ge with a Date',
      (r) => r.ts.ge(new Date(0)),
      { kind: 'binary', operator: 'greaterOrEqual', left: column('ts'), right: literal(new Date(0)) },
    ],
    [
      'a date as text',
      (r) => r.due.lt('2026-01-31'),
      { kind: 'binary', operator: 'less', left: column('due'), right: literal(new Date('2026-01-31T00:00:00Z')) },
    ],
    [
      'oneOf',
      (r) => r.tariff.oneOf('peak', 'off'),
      { kind: 'oneOf', operand: column('tariff'), values: ['peak', 'off'] },
    ],
    [
      'oneOf of dates',
      (r) => r.due.oneOf('2026-01-31'),
      { kind: 'oneOf', operand: column('due'), values: [new Date('2026-01-31T00:00:00Z')] },
    ],
    ['isNull', (r) => r.note.isNull(), { kind: 'isNull', operand: column('note') }],
    ['a boolean column itself', (r) => r.paid, column('paid')],
    ['not', (r) => r.paid.not(), { kind: 'not', operand: column('paid') }],
    [
      'and, or',
      (r) => r.paid.and(true).or(false),
      {
        kind: 'binary',
        operator: 'or',
        left: { kind: 'binary', operator: 'and', left: column('paid'), right: literal(true) },
        right: literal(false),
      },
    ],
  ]
  test.each(cases)('%s', (_, predicate, expected) => expect(where(predicate)).toEqual(expected))

  test('several wheres are joined with and', () => {
    expect(
      where(
        (r) => r.paid,
        (r) => r.kwh.gt(1),
      ),
    ).toEqual({
      kind: 'binary',
      operator: 'and',
      left: column('paid'),
      right: { kind: 'binary', operator: 'greater', left: column('kwh'), right: literal(1) },
    })
  })
})

describe('values: type and nullability flow', () => {
  const cases: [string, (r: Columns) => Valued<unknown>, unknown, boolean][] = [
    ['whole + whole literal', (r) => r.reads.add(1), 'bigint', false],
    ['whole + fraction', (r) => r.reads.add(0.5), 'double', false],
    ['whole / whole may divide by zero', (r) => r.reads.div(2), 'double', true],
    ['double - double', (r) => r.kwh.sub(r.kwh), 'double', false],
    ['decimal * 2', (r) => r.cost.mul(2), 'double', false],
    ['negate keeps the type', (r) => r.cost.negate(), { decimal: [12, 2] }, false],
    ['abs keeps the type', (r) => r.reads.abs(), 'bigint', false],
    ['a nullable column', (r) => r.note, 'text', true],
    ['coalesce with a literal', (r) => r.note.coalesce('none'), 'text', false],
    ['coalesce of nullables', (r) => r.kwh.div(2).coalesce(r.kwh.div(3)), 'double', true],
    ['coalesce ending in a constant', (r) => r.kwh.div(2).coalesce(r.kwh.div(3), 0), 'double', false],
    ['least of nullable and not', (r) => r.kwh.least(r.kwh.div(2)), 'double', true],
    ['greatest of instants', (r) => r.ts.greatest(r.loaded_at), 'timestamp', false],
    ['comparing with a nullable', (r) => r.kwh.lt(r.kwh.div(2)), 'boolean', true],
    ['isNull is never null', (r) => r.note.isNull(), 'boolean', false],
    ['case of texts', (r) => caseWhen(r.kwh.gt(9), 'large').when(r.kwh.gt(3), 'mid').otherwise('small'), 'text', false],
    ['case ending in null', (r) => caseWhen(r.paid, r.kwh).otherwise(null), 'double', true],
    ['case of whole numbers', (r) => caseWhen(r.paid, r.reads).otherwise(0), 'bigint', false],
    ['case of mixed numbers', (r) => caseWhen(r.paid, r.reads).otherwise(r.kwh), 'double', false],
    ['case of instants', (r) => caseWhen(r.paid, r.ts).otherwise(r.loaded_at), 'timestamp', false],
  ]
  test.each(cases)('%s', (_, build, type, nullable) => expect(plan(build)).toMatchObject({ type, nullable }))

  test('a case keeps its branches in order', () => {
    expect(plan((r) => caseWhen(r.paid, 1).when(r.kwh.isNull(), null).otherwise(2)).expression).toEqual({
      kind: 'case',
      branches: [
        { when: column('paid'), then: literal(1) },
        { when: { kind: 'isNull', operand: column('kwh') }, then: literal(null) },
      ],
      otherwise: literal(2),
    })
  })
})

describe('mistakes of callers without types are refused where they stand', () => {
  const cases: [string, Predicate<UsageRow>, string][] = [
    ['an unknown column', (r) => member(r, 'nope'), "there is no column 'nope'; there are: customer_id, ts,"],
    ['a number compared with a text', (r) => r.kwh.gt(untyped('3')), "a number is needed here, and '3' is a text"],
    [
      'a text compared with a number column',
      (r) => r.tariff.eq(untyped(r.kwh)),
      "a text is needed here, and column 'kwh' is a number",
    ],
    ['an instant compared with a text', (r) => r.ts.gt(untyped('2026-01-01')), 'an instant is needed here'],
    ['something that is no date', (r) => r.due.eq('31.1.2026'), "'31.1.2026' is not a date like '2026-01-31'"],
    ['null', (r) => r.kwh.eq(untyped(null)), 'null cannot stand in an expression'],
    ['NaN', (r) => r.kwh.eq(Number.NaN), 'NaN is not a finite number'],
    ['an invalid Date', (r) => r.ts.eq(new Date(Number.NaN)), 'Invalid Date cannot stand in an expression'],
    ['oneOf of nothing', (r) => (r.tariff.oneOf as () => never)(), 'oneOf() needs at least one value'],
    ['oneOf of a wrong type', (r) => r.tariff.oneOf(untyped(3)), 'a text is needed here, and 3 is a number'],
    ['coalesce of nothing', (r) => (r.note.coalesce as () => never)(), 'coalesce() needs at least one other value'],
    ['a number as condition', (r) => untyped(r.kwh), 'its where must return a condition'],
    ['no condition', () => untyped(true), 'its where must return a condition'],
    ['an unknown method', (r) => untyped((member(r.kwh, 'plus') as () => void)()), 'its where is wrong'],
    [
      'a case of two types',
      (r) => untyped(caseWhen(r.paid, 'a').otherwise(untyped(3))),
      'a text is needed here, and 3 is a number',
    ],
  ]
  test.each(cases)('%s', (_, predicate, problem) => {
    const message = refusal(() => where(predicate))
    expect(message).toMatch(/^view 'v', feature 'n': /)
    expect(message).toContain(problem)
  })
})
