import { columnBatch, ensureTable, type Warehouse } from '@martlet/warehouse'
import { eventReader, type OnlineStore } from '../../src/index.ts'
import type { Value } from '../../src/vocabulary/algebra/value.ts'
import { payment, payments } from './payments.ts'

const { columns, table } = payment.plan

/** Brings the events of a journal into the fact, up to a position; `after` is where the last call ended. */
export async function drainPayments(
  warehouse: Warehouse,
  store: OnlineStore,
  { after, upTo }: { readonly after: bigint; readonly upTo: bigint },
): Promise<void> {
  await ensureTable(warehouse, { table, columns: columns.map(({ name, type }) => ({ name, type })) })
  const reader = eventReader(payments.plan)
  const events = (await store.events?.read('payments', after, Number(upTo - after))) ?? []
  const rows = events.flatMap(({ body, arrived, rejected }): readonly (readonly Value[])[] => {
    const { event } = rejected === undefined ? reader.read({ body }, arrived) : {}
    return event === undefined ? [] : [event.values]
  })
  if (rows.length === 0) return
  const of = (name: string): readonly Value[] => {
    const place = columns.findIndex((column) => column.name === name)
    return rows.map((row) => row[place] ?? null)
  }
  const texts = (name: string) =>
    ({ type: 'text', values: of(name).map((value) => (value === null ? null : String(value))) }) as const
  const whole = <T extends 'bigint' | 'timestamp'>(type: T, name: string) => ({
    type,
    values: of(name).map((value) => (typeof value === 'bigint' ? value : null)),
  })
  await warehouse.append(
    table,
    columnBatch({
      payment_id: texts('payment_id'),
      account_id: texts('account_id'),
      at: whole('timestamp', 'at'),
      arrived_at: whole('timestamp', 'arrived_at'),
      seq: whole('bigint', 'seq'),
      amount: { type: 'double', values: of('amount').map(Number) },
      fee: { type: { decimal: [12, 2] }, values: of('fee').map((value) => (typeof value === 'bigint' ? value : null)) },
      kind: texts('kind'),
      foreign_country: {
        type: 'boolean',
        values: of('foreign_country').map((value) => (typeof value === 'boolean' ? value : null)),
      },
    }),
  )
}
