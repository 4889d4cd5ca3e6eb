import { z } from 'zod'
import type { OnlinePlace } from './place.ts'

/** The memory of one process, which keeps nothing between two commands: for tests. */
export const memory: OnlinePlace<'memory'> = {
  form: "'memory'",
  perProcess: true,
  schema: () => z.literal('memory'),
  async open() {
    const { openMemoryStore } = await import('@martlet/feature-store')
    return openMemoryStore()
  },
  check: async () => [
    {
      name: 'online',
      state: 'warn',
      found: 'in memory: what materialize publishes is gone when it ends',
      fix: "Set online: { lmdb: '.martlet/online' }.",
    },
  ],
}
