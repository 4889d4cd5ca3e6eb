import process from 'node:process'
import fc from 'fast-check'

const seed = Number(process.env['MARTLET_SEED'])
const runs = Number(process.env['MARTLET_RUNS'])
if (!Number.isInteger(seed)) throw new Error(`MARTLET_SEED must be an integer, not "${process.env['MARTLET_SEED']}"`)
if (!(runs > 0)) throw new Error(`MARTLET_RUNS must be a positive number, not "${process.env['MARTLET_RUNS']}"`)

fc.configureGlobal({ seed, numRuns: Math.max(1, Math.round(100 * runs)) })
