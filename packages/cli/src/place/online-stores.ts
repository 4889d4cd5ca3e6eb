// The online stores, by the key that chooses them. A new one is a file and a line here.
export { lmdb } from './lmdb.ts'
export { memory } from './memory.ts'
export { redis } from './redis.ts'
