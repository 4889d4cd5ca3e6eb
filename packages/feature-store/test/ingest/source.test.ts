import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dimension, fact, json, source } from '@martlet/feature-store'
import { refusal, untyped } from '../define/invalid.ts'
import { account, paymentFact, payments } from './payments.ts'

describe('source', () => {
  test('is a frozen plan', () => {
    expect(payments.plan).toMatchObject({
      kind: 'ingest',
      name: 'payments',
      id: ['payment_id'],
      arrived: 'arrived_at',
      format: { kind: 'json' },
    })
    expect(payments.plan.into).toBe(paymentFact.plan)
    expect(Object.isFrozen(payments.plan)).toBe(true)
  })

  const into = paymentFact
  const id = ['payment_id'] as const
  const columns = { account_id: z.string(), ts: z.date(), limit: z.number() }
  const local = fact('mart.local', { columns, entities: [account], eventTime: 'ts', zone: 'Europe/Zurich' })
  const limits = dimension('mart.limits', { columns, entity: account })

  test.each<[string, () => unknown, string]>([
    ['a bad name', () => source('Payments', { into, id }), `'Payments' is not lower_snake`],
    ['a name of rejected events', () => source('p_rejected', { into, id }), `the name ends in '_rejected'`],
    ['no table', () => source('p', untyped({ id })), 'into is not a table; make one with fact(…)'],
    ['no id', () => source('p', untyped({ into, id: [] })), 'id must list the columns'],
    [
      'an unknown id',
      () => source('p', { into, id: untyped(['x']) }),
      `this table has no column 'x'; it has payment_id`,
    ],
    ['an id twice', () => source('p', { into, id: ['payment_id', 'payment_id'] }), `id has column 'payment_id' twice`],
    [
      'an id that may be null',
      () => source('p', { into, id: untyped(['channel']) }),
      `column 'channel': it may be null`,
    ],
    [
      'the arrival in the id',
      () => source('p', { into, id: ['arrived_at'], arrived: 'arrived_at' }),
      `id has 'arrived_at', the arrival time`,
    ],
    ['an arrival of text', () => source('p', { into, id, arrived: untyped('channel') }), `arrived 'channel' is text`],
    ['the event time', () => source('p', { into, id, arrived: 'ts' }), `arrived is 'ts', the event's own time`],
    ['local times', () => source('p', { into: local, id: ['account_id'] }), `times of 'mart.local' are local (zone)`],
    ['a dimension', () => source('p', { into: limits, id: ['account_id'] }), `json() brings rows of a fact`],
    ['a format', () => source('p', { into, id, format: untyped({ kind: 'xml' }) }), 'its format is none of json()'],
    [
      'an option',
      () => source('p', untyped({ into, id, form: json() })),
      `it has no option 'form'; there are into, id`,
    ],
  ])('refuses %s', (_, define, says) => {
    const message = refusal(define)
    expect(message).toContain(says)
    expect(message).toMatch(/^source '/)
  })
})
