import { MartletError } from '@martlet/warehouse'

/** What one request, and all of them together, may make the server do. */
export interface Limits {
  /** Bytes of a request body. @default 1 MiB */
  readonly bodyBytes: number
  /** Entity keys in one request. @default 1000 */
  readonly keysPerRequest: number
  /** Characters of one text key or one request value. @default 256 */
  readonly keyLength: number
  /** Nesting of a JSON body. @default 8 */
  readonly jsonDepth: number
  /** Requests under way at once; one more is answered 503 with `Retry-After`. @default 512 */
  readonly inFlight: number
  /** Milliseconds until a request is answered 504. @default 2000 */
  readonly deadlineMs: number
  /** Model versions kept loaded that no alias names, the least recently used leaves first. @default 4 */
  readonly versionsLoaded: number
  /** Prepared readers kept for `features` subsets, the least recently used leaves first. @default 64 */
  readonly preparedSubsets: number
}

const defaults: Limits = {
  bodyBytes: 1_048_576,
  keysPerRequest: 1000,
  keyLength: 256,
  jsonDepth: 8,
  inFlight: 512,
  deadlineMs: 2000,
  versionsLoaded: 4,
  preparedSubsets: 64,
}

/** Fills in the defaults; throws `INVALID_LIMIT` for anything but a positive whole number. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) {
      throw new MartletError('INVALID_LIMIT', `limits.${name} is not a limit; there are ${Object.keys(defaults).join(', ')}`, { data: { name } })
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new MartletError('INVALID_LIMIT', `limits.${name} is ${value}; give a whole number of at least 1`, { data: { name, value } })
    }
  }
  return { ...defaults, ...given }
}
