import { defineConfig } from 'martlet'
import { loads, snapshots } from './src/mart-steps.ts'

export default defineConfig({
  warehouse: { duckdb: '.martlet/warehouse.duckdb', memoryLimit: '4GB' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },
  definitions: {},
  loads,
  snapshots,
})
