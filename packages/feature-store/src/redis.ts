export { redisStore, type RedisStoreOptions, type RedisStoreSettings } from './online/redis/redis-store.ts'
export type { RedisArgument, RedisConnection } from './online/redis/connection.ts'
