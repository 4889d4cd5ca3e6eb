import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { onlineStoreContract } from '../contract/online-store-contract.ts'

onlineStoreContract('memory', async () => openMemoryStore())
