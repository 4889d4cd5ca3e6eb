import { hashApiKey } from '@martlet/serving'
import { defineConfig } from 'martlet'

export default defineConfig({
  warehouse: { duckdb: '.martlet/warehouse.duckdb' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },
  definitions: () => import('./definitions.ts'),
  serving: {
    port: 0,
    auth: {
      keys: [
        { name: 'reader', sha256: hashApiKey('key of reader'), scopes: ['features:read'] },
        { name: 'pusher', sha256: hashApiKey('key of pusher'), scopes: ['events:push'] },
        { name: 'narrow', sha256: hashApiKey('key of narrow'), scopes: ['features:read'], services: ['stays'] },
      ],
    },
  },
})
