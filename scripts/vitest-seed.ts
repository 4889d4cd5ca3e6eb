import process from 'node:process'
import { randomInt } from 'node:crypto'

/**
 * Picks one seed for every property test of a run, prints it and hands it to the workers through the environment:
 * `MARTLET_SEED=<seed> npm test` replays, `MARTLET_RUNS=10` draws ten times as many examples.
 */
export function setup(): void {
  if (process.env['MARTLET_SEED_PRINTED'] !== undefined) return
  process.env['MARTLET_SEED'] ??= String(randomInt(2 ** 31))
  process.env['MARTLET_RUNS'] ??= '1'
  process.env['MARTLET_SEED_PRINTED'] = 'yes'
  console.log(`MARTLET_SEED=${process.env['MARTLET_SEED']} MARTLET_RUNS=${process.env['MARTLET_RUNS']}`)
}
