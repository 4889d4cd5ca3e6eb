// Loads the folder of a log into a DuckDB file in small transactions, and prints a line after each.
import process from 'node:process'
import { openDuckDb } from '@martlet/warehouse'
import { loadPredictions } from '../../src/index.ts'

const [path = '', folder = ''] = process.argv.slice(2)
await using warehouse = await openDuckDb({ path, threads: 1 })
await loadPredictions({ warehouse, folder, model: 'killed', batch: 10, onProgress: ({ rows }) => console.log(rows) })
