import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { MartletError } from '@martlet/warehouse'
import { generated, recorded, type DemoSource } from './source.ts'
import { demoPlace, type DemoEngine, type DemoPlace } from './warehouse.ts'

/** Four weeks fill the longest window; the model learns from the days after them and is judged on them. */
const LEAST_DAYS = 45

export interface DemoFlags {
  readonly source: DemoSource
  readonly folder: string
  readonly place: DemoPlace
}

/**
 * Reads the command line; writes nothing.
 *
 * @throws MartletError BAD_FLAG when a flag is unknown or its value is not valid
 * @throws MartletError UNKNOWN_DATA when the folder of --data has no recorded data
 * @throws MartletError SETTING_MISSING when a setting of Snowflake is missing
 */
export async function readFlags(args: readonly string[]): Promise<DemoFlags> {
  const flags = parse(args)
  const place = demoPlace(
    engineOf(flags.engine),
    flags.threads === undefined ? undefined : whole('threads', flags.threads, 1, 1024),
  )
  const source =
    flags.data === undefined
      ? generated({
          customers: whole('customers', flags.customers, 5, 100_000),
          days: whole('days', flags.days, LEAST_DAYS, 3650),
          seed: whole('seed', flags.seed, 0, 2 ** 31),
        })
      : await recorded(resolve(process.env['INIT_CWD'] ?? process.cwd(), flags.data))
  return { source, folder: resolve(flags.folder ?? join('.martlet', `energy-${source.name}`)), place }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        customers: { type: 'string', default: '300' },
        days: { type: 'string', default: '180' },
        seed: { type: 'string', default: '7' },
        folder: { type: 'string' },
        engine: { type: 'string', default: 'duckdb' },
        threads: { type: 'string' },
      },
    }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError(
      'BAD_FLAG',
      `${why}. The flags are --data, --customers, --days, --seed, --folder, --engine and --threads.`,
      { cause },
    )
  }
}

function engineOf(given: string): DemoEngine {
  if (given === 'duckdb' || given === 'snowflake') return given
  throw new MartletError('BAD_FLAG', `--engine must be duckdb or snowflake, not '${given}'.`, {
    data: { flag: 'engine', value: given },
  })
}

function whole(name: string, given: string, least: number, most: number): number {
  const value = /^\d+$/.test(given) ? Number(given) : Number.NaN
  if (value >= least && value <= most) return value
  throw new MartletError('BAD_FLAG', `--${name} must be a whole number from ${least} to ${most}, not '${given}'.`, {
    data: { flag: name, value: given },
  })
}
