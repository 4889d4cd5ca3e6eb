import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { onlineStoreContract } from '../contract/online-store-contract.ts'

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

onlineStoreContract('lmdb', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-online-'))
  folders.push(folder)
  return openLmdbStore({ path: join(folder, 'online') })
})
