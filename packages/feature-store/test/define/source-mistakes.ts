import type { Mistakes } from './compiler.ts'

const right = `import { z } from 'zod'
  import { entity, fact, source } from '@martlet/feature-store'
  export const account = entity('account', { account_id: z.string() })
  export const into = fact('mart.payments', { columns: { payment_id: z.string(), account_id: z.string(),
    note: z.string().nullable(), ts: z.date(), arrived_at: z.date() }, entities: [account], eventTime: 'ts' })
  export const good = source('payments', { into, id: ['payment_id', 'ts'], arrived: 'arrived_at' })`

export const sourceMistakes: Mistakes = {
  subject: 'sources',
  right,
  mistakes: [
    ['a misspelt id', `source('p', { into, id: ['payment'] })`, `"this table has no column 'payment'"`],
    [
      'an id that may be null',
      `source('p', { into, id: ['note'] })`,
      `"column 'note' may be null, so it cannot be in an id"`,
    ],
    ['no id', `source('p', { into })`, `Property 'id' is missing`],
    [
      'a text as arrival time',
      `source('p', { into, id: ['payment_id'], arrived: 'note' })`,
      `"column 'note' is not of times, so it cannot be when an event arrived"`,
    ],
    [
      'a misspelt arrival time',
      `source('p', { into, id: ['payment_id'], arrived: 'arrived' })`,
      `"this table has no column 'arrived'"`,
    ],
    [
      'an unknown format',
      `source('p', { into, id: ['payment_id'], format: { kind: 'xml' } })`,
      `Type '"xml"' is not assignable to type '"debezium" | "json"'`,
    ],
  ],
}
