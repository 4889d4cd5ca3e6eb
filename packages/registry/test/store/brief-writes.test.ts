import { join } from 'node:path'
import { openCatalog } from '@martlet/feature-store'
import { sql } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteDialect } from '../../src/store/sqlite-dialect.ts'
import { registryDb, type RegistryDb } from '../../src/store/store-dialect.ts'
import { temporaryFolder } from '../support/registries.ts'

const { briefly = () => Promise.reject(new Error('not there')) } = sqliteDialect

async function opened(path: string): Promise<RegistryDb> {
  const catalog = await openCatalog({ path })
  onTestFinished(() => catalog.close())
  const db = registryDb(catalog.db)
  await sql`create table if not exists counts (n integer)`.execute(db)
  return db
}
/** 2: a commit waits for the disk; 1: it does not. */
async function synchronous(db: RegistryDb): Promise<number | undefined> {
  return (await sql<{ synchronous: number }>`pragma synchronous`.execute(db)).rows[0]?.synchronous
}
async function counts(db: RegistryDb): Promise<readonly number[]> {
  return (await sql<{ n: number }>`select n from counts`.execute(db)).rows.map(({ n }) => n)
}
const add = (db: RegistryDb, n: number) => sql`insert into counts values (${n})`.execute(db)

test('brief writes do not wait for the disk, are seen together, and the next ones wait again', async () => {
  const path = join(await temporaryFolder(), 'catalog.sqlite')
  const [db, other] = [await opened(path), await opened(path)]
  await briefly(db, async (inside) => {
    expect(await synchronous(inside)).toBe(1)
    await add(inside, 1)
    await add(inside, 2)
    expect(await counts(other)).toEqual([])
  })
  expect(await counts(other)).toEqual([1, 2])
  expect(await synchronous(db)).toBe(2)
})

test('brief writes that fail leave nothing, and the next ones wait for the disk', async () => {
  const db = await opened(join(await temporaryFolder(), 'catalog.sqlite'))
  const failing = briefly(db, async (inside) => {
    await add(inside, 1)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await counts(db)).toEqual([])
  expect(await synchronous(db)).toBe(2)
})

test('without a write-ahead log, brief writes wait for the disk, since a file could break', async () => {
  const db = await opened(join(await temporaryFolder(), 'catalog.sqlite'))
  await sql`pragma journal_mode = delete`.execute(db)
  await briefly(db, async (inside) => {
    expect(await synchronous(inside)).toBe(2)
    await add(inside, 1)
  })
  expect(await counts(db)).toEqual([1])
})
