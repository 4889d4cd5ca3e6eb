import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../../warehouse/test/support/engine.ts'
import { appendChanges, type PlacedChange } from '../../../src/ingest/change/apply/append-changes.ts'
import { applyChanges, replayChanges } from '../../../src/ingest/change/apply/apply-changes.ts'
import { ensureChangeTables, type ChangeTables } from '../../../src/ingest/change/apply/change-tables.ts'
import { changeReader } from '../../../src/ingest/change/read-changes.ts'
import { logOf, messageOf, parts, PLAN, shuffled, tablesOf, walked, type Happened } from './change-log.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const read = changeReader(PLAN)

function changesOf(messages: readonly string[], after: bigint): readonly PlacedChange[] {
  return messages.flatMap((text, index) => {
    const position = after + BigInt(index) + 1n
    const message = read(text, { position, at: 0n })
    if (message.kind !== 'changes') throw new Error(`${text} is ${JSON.stringify(message)}`)
    return message.changes.map((change) => ({ ...change, position }))
  })
}

/** Takes messages in, batch by batch, as they come. */
async function ingest(tables: ChangeTables, batches: readonly (readonly string[])[]): Promise<void> {
  let position = 0n
  for (const batch of batches) {
    await warehouse.transaction(async (transaction) => {
      await appendChanges(transaction, tables, changesOf(batch, position))
      await applyChanges(transaction, tables, position)
    })
    position += BigInt(batch.length)
  }
}

async function emptied(tables: ChangeTables): Promise<void> {
  await ensureChangeTables(warehouse, tables)
  for (const table of [tables.log, tables.current.table, tables.history?.table ?? tables.log])
    await warehouse.run(sql`DELETE FROM ${sql.table(table)}`)
}

async function contents(
  tables: ChangeTables,
): Promise<{ readonly current: readonly string[]; readonly history: readonly string[] }> {
  const of = async (table: string): Promise<readonly string[]> =>
    rowsOf(await warehouse.read(sql`SELECT * FROM ${sql.table(table)}`))
      .map((row) =>
        Object.entries(row)
          .map(([name, value]) =>
            value instanceof Date ? value.toISOString() : name === 'valid_to' ? 'open' : JSON.stringify(value),
          )
          .join(' '),
      )
      .toSorted()
  return { current: await of(tables.current.table), history: await of(tables.history?.table ?? '') }
}

describe('tables of changes', () => {
  const ordered = tablesOf('in_order')
  const strewn = tablesOf('strewn')

  /** A truncation ends the rows of all logs, so that a table with one has one log alone. */
  for (const { logs, runs, truncations } of [
    { logs: 80, runs: 4, truncations: false },
    { logs: 1, runs: 6, truncations: true },
  ]) {
    it(`are the same for every order and repetition of a log, and for a replay${truncations ? ', with truncations' : ''}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const random = randomFrom(seed)
          const all = Array.from({ length: logs }, (_, log) =>
            logOf(random, 4 + Math.floor(random() * 36), truncations, log),
          )
          const messages = all.flat().map(messageOf)
          await emptied(ordered)
          await emptied(strewn)
          await ingest(ordered, [messages])
          const walks = all.map(walked)
          const expected = {
            current: walks.flatMap(({ current }) => current).toSorted(),
            history: walks.flatMap(({ history }) => history).toSorted(),
          }
          expect(await contents(ordered)).toStrictEqual(expected)
          await ingest(strewn, parts(random, shuffled(random, messages), 5))
          expect(await contents(strewn)).toStrictEqual(expected)
          await warehouse.transaction((transaction) => replayChanges(transaction, strewn))
          expect(await contents(strewn)).toStrictEqual(expected)
        }),
        { numRuns: runsOf(runs) },
      )
    })
  }
})

function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const at = (day: number): number => Date.UTC(2026, 0, day)
const row = { tier: 'basic', balance: 100, note: null, bio: 'long' }
const happened = (given: Partial<Happened> & Pick<Happened, 'op' | 'lsn'>): string =>
  messageOf({ id: 1, row, bioSent: true, ms: at(given.lsn), ...given })

describe('deletions', () => {
  it('are marked where a column says so, with what the row was; a row that is back is not', async () => {
    const tables = tablesOf('marked', { name: 'deleted_at', type: 'timestamp' }, 'committed_at')
    await emptied(tables)
    const gone = happened({ op: 'd', lsn: 3, row: null })
    await ingest(tables, [[gone, happened({ op: 'c', lsn: 2 })]])
    const day = (n: number): string => new Date(at(n)).toISOString()
    expect((await contents(tables)).current).toStrictEqual([`1 "basic" 1 null "long" ${day(2)} ${day(3)}`])
    await ingest(tables, [
      [gone, happened({ op: 'c', lsn: 2 }), happened({ op: 'c', lsn: 4, row: { ...row, tier: 'plus' } })],
    ])
    expect((await contents(tables)).current).toStrictEqual([`1 "plus" 1 null "long" ${day(4)} null`])
    expect((await contents(tables)).history).toStrictEqual([
      `1 "basic" 1 null "long" ${day(2)} ${day(3)}`,
      `1 "plus" 1 null "long" ${day(4)} open`,
    ])
  })

  it('are marked as true', async () => {
    const tables = tablesOf('flagged', { name: 'is_deleted', type: 'boolean' })
    await emptied(tables)
    await ingest(tables, [[happened({ op: 'c', lsn: 2 })]])
    expect((await contents(tables)).current).toStrictEqual(['1 "basic" 1 null "long" false'])
    await ingest(tables, [[happened({ op: 'c', lsn: 2 }), happened({ op: 'd', lsn: 3, row: null })]])
    expect((await contents(tables)).current).toStrictEqual(['1 "basic" 1 null "long" true'])
  })

  it('of rows that nobody has seen make no row', async () => {
    const tables = tablesOf('unseen', { name: 'is_deleted', type: 'boolean' })
    await emptied(tables)
    await ingest(tables, [[happened({ op: 'd', lsn: 3, row: null })]])
    expect(await contents(tables)).toStrictEqual({ current: [], history: [] })
  })
})

it('a version that lacks a value which nobody has seen waits for it', async () => {
  const tables = tablesOf('waiting')
  await emptied(tables)
  const later = happened({ op: 'u', lsn: 5, row: { ...row, tier: 'plus' }, bioSent: false })
  await ingest(tables, [[later]])
  expect(await contents(tables)).toStrictEqual({ current: [], history: [] })
  await ingest(tables, [[later, happened({ op: 'c', lsn: 2 })]])
  expect((await contents(tables)).current).toStrictEqual(['1 "plus" 1 null "long"'])
  expect((await contents(tables)).history).toHaveLength(2)
})

it('a table that somebody deployed otherwise is refused with what differs', async () => {
  const tables = tablesOf('deployed')
  await emptied(tables)
  const other = {
    ...tables,
    current: { ...tables.current, columns: [...tables.current.columns, ...(tables.history?.columns.slice(-1) ?? [])] },
  }
  await expect(ensureChangeTables(warehouse, other)).rejects.toMatchObject({
    code: 'TABLE_MISMATCH',
    data: { differences: ['valid_to is missing'] },
  })
})
