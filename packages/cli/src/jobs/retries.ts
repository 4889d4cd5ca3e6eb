import { USAGE_CODES } from '../terminal/usage-codes.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 600_000

/** What stays wrong until somebody changes the definitions, the configuration, the source rows or the machine. */
const LASTING: ReadonlySet<string> = new Set([
  'APPLY_REFUSED',
  'ARTIFACT_CORRUPT',
  'ARTIFACT_MISSING',
  'CATALOG_TOO_NEW',
  'DEFINITION_CONFLICT',
  'DEFINITION_NOT_APPLIED',
  'JOB_TIME_LIMIT',
  'MATERIALIZED_OTHERWISE',
  'MATERIALIZE_FROM_NEEDED',
  'MATERIALIZE_GAP',
  'MODULE_NOT_LOADED',
  'MONITOR_UNKNOWN',
  'NAME_CLASH',
  'NOTHING_SCORED',
  'NOT_MATERIALIZED',
  'QUALITY_FAILED',
  'QUALITY_OVERRIDE_UNKNOWN',
  'QUALITY_SCAN_FAILED',
  'SNOWFLAKE_NEEDED',
  'SOURCE_MISMATCH',
  'SOURCE_MISSING',
])
const LASTING_KINDS = /^(?:AHEAD_OF|BAD|CONFIG|DEFINITIONS|INVALID|ON_DEMAND|UNKNOWN)_|_(?:NOT_FOUND|UNKNOWN)$/

/** Whether a failed attempt may succeed when it is repeated: the command line and what it reads were not wrong. */
export function isWorthRepeating(exitCode: number | null, code: string | null): boolean {
  if (exitCode === 64) return false
  return code === null || !(USAGE_CODES.has(code) || LASTING.has(code) || LASTING_KINDS.test(code))
}

/**
 * How long after a failure the next attempt begins: twice as long after each, up to ten minutes, and somewhere in the
 * second half of that, so that what failed together is not repeated together.
 *
 * @param failures how often it has failed, 1 or more
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function backOff(failures: number, random: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.5 + random / 2)
}
