// Reads random accounts at random instants while payments are pushed, and compares every value with a training set of the same
// instants: `npx node --conditions=@martlet/source bench/continuous/parity.ts --reads 100000 [--seed 1] [--accounts 200]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { openCatalog, openLmdbStore } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { parityRun } from '../../packages/feature-store/test/continuous/parity-run.ts'

const { values } = parseArgs({
  options: {
    reads: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    accounts: { type: 'string', default: '200' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'martlet-parity-'))
try {
  await using warehouse = await openDuckDb({ path: join(folder, 'warehouse.duckdb') })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  const seed = Number(values.seed)
  console.log(`seed ${seed}`)
  const { differences, ...result } = await parityRun({
    warehouse,
    catalog,
    open: () => openLmdbStore({ path: join(folder, 'online') }),
    reads: Number(values.reads),
    accounts: Number(values.accounts),
    seed,
    onProgress: (read) => console.log(`${read} read`),
  })
  console.log(JSON.stringify(result))
  for (const difference of differences.slice(0, 2000)) console.log(difference)
  console.log(`${differences.length} differences`)
  if (differences.length > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
