import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../src/ingest/kafka/log-client.ts'
import { recordEvents } from '../../../src/ingest/kafka/record-events.ts'
import { formatOf } from '../../../src/ingest/formats/list.ts'
import { rejectionReasons } from '../../../src/ingest/rejection.ts'
import { memoryEvents } from '../../../src/online/memory/memory-events.ts'
import { payments } from '../payments.ts'

const record = (offset: bigint, value: string | null, more: Partial<LogRecord> = {}): LogRecord => ({
  partition: 2,
  offset,
  key: null,
  value: value === null ? null : Buffer.from(value),
  headers: [],
  ...more,
})
const payment = (id: string): string =>
  JSON.stringify({ payment_id: id, account_id: 'a1', amount: '12.50', ts: '2026-01-01T00:00:00Z' })
const store = memoryEvents(() => false)

describe('events of records', () => {
  it('have the id that a push would give them, and say where they stood', () => {
    const events = recordEvents(payments.plan, 'bank.payments', store)([record(7n, payment('p1'))], 5n)
    expect(events).toMatchObject([{ origin: 'bank.payments/2@7', arrived: 5n, tails: [] }])
    expect(events.map(({ id, body }) => [String(id), String(body)])).toEqual([['p1', payment('p1')]])
  })

  it('that are not valid have an id of their place, so that equal ones are kept each', () => {
    const bad = [record(1n, '{'), record(2n, '{'), record(3n, null)]
    const events = recordEvents(payments.plan, 't', store)(bad, 5n)
    expect(new Set(events.map(({ id }) => String(id))).size).toBe(3)
    expect(events.map(({ body }) => String(body))).toEqual(['{', '{', ''])
    expect(events.map(({ rejected = '' }) => rejectionReasons(rejected).length)).toEqual([1, 1, 1])
    // The same place has the same id: a record that comes again is not kept twice.
    expect(recordEvents(payments.plan, 't', store)([record(2n, '{')], 9n)[0]?.id).toEqual(events[1]?.id)
  })

  it('have a tail each where a view wants one, in the order of the records', () => {
    const tails = () => (valid: readonly { readonly time: bigint }[]) =>
      valid.map(({ time }, index) => [{ table: 'v', key: Buffer.from(String(index)), time, value: Buffer.from('x') }])
    const mixed = [record(1n, payment('p1')), record(2n, '{'), record(3n, payment('p2'))]
    const events = recordEvents(payments.plan, 't', store, tails)(mixed, 5n)
    expect(events.map(({ tails: written }) => written.map(({ key }) => String(key)))).toEqual([['0'], [], ['1']])
  })

  it('are whole messages where the format says little without the key', () => {
    const format = formatOf(payments.plan)
    if (format === undefined) throw new Error('json() is a format.')
    const before = Object.getOwnPropertyDescriptor(format, 'withKey')
    Object.defineProperty(format, 'withKey', { value: true, configurable: true })
    try {
      const key = Buffer.from('{"id":1}')
      const read = recordEvents(payments.plan, 't', store)
      const bodies = read(
        [
          record(1n, '{"a":1}', { key, headers: [['h', Buffer.from('x')]] }),
          record(2n, null, { key }),
          record(3n, '{}', { key: Buffer.from('plain text') }),
        ],
        5n,
      ).map(({ body }) => String(body))
      expect(bodies).toEqual([
        '{"key":{"id":1},"value":{"a":1},"headers":{"h":"x"}}',
        '{"key":{"id":1},"value":null}',
        '{"key":"plain text","value":{}}',
      ])
    } finally {
      if (before === undefined) Reflect.deleteProperty(format, 'withKey')
      else Object.defineProperty(format, 'withKey', before)
    }
  })
})
