import { expect, test } from 'vitest'
import { deliver } from '../../src/change/deliver.ts'
import { messagesOf } from '../../src/change/envelope.ts'
import { smallBank } from '../support/small-bank.ts'

const { log } = smallBank().bank.database
const ordered = log.flatMap((change) => messagesOf(change))

test('nothing is lost, and faults are counted', () => {
  const { messages, met } = deliver(log, 3, { repeated: 0.05, reordered: 0.1, delayed: 0.02 })
  expect(messages.length).toBe(ordered.length + met.repeated)
  for (const count of Object.values(met)) expect(count).toBeGreaterThan(0)
  const seen = new Set(messages.map(({ table, lsn, value }) => `${table} ${lsn} ${value === null}`))
  for (const { table, lsn, value } of ordered) expect(seen.has(`${table} ${lsn} ${value === null}`)).toBe(true)
  const arrivals = messages.map(({ arrives }) => arrives)
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b))
  const places = messages.map(({ lsn }) => lsn)
  expect(places).not.toEqual(places.toSorted((a, b) => a - b))
})

test('without faults it is the log', () => {
  const { messages } = deliver(log, 3, { repeated: 0, reordered: 0, delayed: 0 })
  expect(messages.map(({ lsn }) => lsn).toSorted((a, b) => a - b)).toEqual(ordered.map(({ lsn }) => lsn))
})

test('a message with its schema, and one without', () => {
  const customer = log.find(({ table, op }) => table === 'customers' && op === 'u')
  const booking = log.find(({ table, op }) => table === 'transactions' && op === 'c')
  if (customer === undefined || booking === undefined) throw new Error('the log has neither')
  const [first] = messagesOf(customer)
  const { schema, payload } = JSON.parse(first?.value ?? '') as { schema: { name: string }; payload: Payload }
  expect(schema.name).toBe('bank.public.customers.Envelope')
  expect(payload.before?.['customer_id']).toBe(payload.after?.['customer_id'])
  expect(payload.after?.['transfer_limit']).toMatch(/^[A-Za-z0-9+/]+=*$/)
  expect(payload.source).toMatchObject({ lsn: customer.lsn, table: 'customers', snapshot: 'false' })
  const [second] = messagesOf(booking)
  const bare = JSON.parse(second?.value ?? '') as Payload
  expect(bare).toMatchObject({ before: null, op: 'c', after: { amount: expect.stringMatching(/^\d+\.\d\d$/) } })
  expect(second?.value).toContain(`"ts_ns":${second?.at}000}`)
})

test('a deletion is followed by its tombstone', () => {
  const account = log.find(({ table }) => table === 'accounts')
  if (account === undefined) throw new Error('the log has no account')
  const [deleted, tombstone] = messagesOf({ ...account, op: 'd', before: account.after, after: null })
  const { payload } = JSON.parse(deleted?.value ?? '') as { payload: Payload }
  expect(payload).toMatchObject({ op: 'd', after: null })
  // REPLICA IDENTITY DEFAULT: the key, and nothing in the other columns.
  expect(payload.before).toMatchObject({
    account_id: account.after !== null && 'kind' in account.after ? account.after.account_id : '',
    customer_id: '',
  })
  expect(tombstone).toMatchObject({ key: deleted?.key, value: null })
})

interface Payload {
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  readonly source: Readonly<Record<string, unknown>>
}
