import { MartletError } from '@martlet/warehouse'
import { Problem } from '../../problem.ts'

/**
 * The code of a failure that another version might not have had; undefined when the caller or the load of the server is to blame.
 *
 * @example versionFault(new Problem(422, 'FEATURE_MISSING', '…')) // 'FEATURE_MISSING'
 */
export function versionFault(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return error instanceof MartletError ? error.code : 'internal'
  const { status, code } = error
  const isItsOwn = status === 500 || status === 504 || code.startsWith('MODEL_') || OF_FEATURES.has(code)
  return isItsOwn ? code : undefined
}

/** A feature that the version needs is missing, or has a value that it cannot take. */
const OF_FEATURES: ReadonlySet<string> = new Set(['FEATURE_MISSING', 'FEATURE_VALUE_INVALID'])
