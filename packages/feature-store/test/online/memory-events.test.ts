import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { eventStoreContract, REMEMBERED_MILLISECONDS } from '../contract/event-store-contract.ts'

eventStoreContract('memory', async () => openMemoryStore({ rememberEventsFor: REMEMBERED_MILLISECONDS }))
