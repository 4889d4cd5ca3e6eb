import { MartletError } from '@martlet/warehouse'

/** What one request, all requests of one caller, and all requests together may use. */
export interface Limits {
  /** Bytes of a request body. @default 1 MiB */
  readonly bodyBytes: number
  /** Events per request. @default 10000 */
  readonly eventsPerRequest: number
  /** Entity keys per request. @default 1000 */
  readonly keysPerRequest: number
  /** Values per answer: keys × features; for a prediction, keys × features of the model. @default 100000 */
  readonly valuesPerRequest: number
  /** Characters of one text key or one request value. @default 256 */
  readonly keyLength: number
  /** Nesting of a JSON body. @default 8 */
  readonly jsonDepth: number
  /** Requests under way at once, from arrival until the answer has left. Further ones get 503 with `Retry-After`. @default 512 */
  readonly inFlight: number
  /** Requests under way at once per API key, when there are several keys. Further ones get 503 likewise. @default half of `inFlight` */
  readonly inFlightPerKey: number
  /** Milliseconds after which a request is answered 504, even if its body has not arrived. @default 2000 */
  readonly deadlineMs: number
  /** Milliseconds that a caller may take to read an answer before its connection is destroyed. @default 10000 */
  readonly sendMs: number
  /**
   * Bytes of bodies that are arriving or waiting to be read, all requests together; half of them for one of several keys. Further
   * ones get 503. @default 64 MiB
   */
  readonly arrivingBytes: number
  /**
   * Bytes of unread answers, all callers together; half of them for one of several keys. Until some have left, requests get 503.
   * @default 64 MiB
   */
  readonly unsentBytes: number
  /** Model versions kept loaded without an alias; the least recently used is released first. @default 4 */
  readonly versionsLoaded: number
  /** Bytes of finished rows kept in memory, so that the next answer copies them. 0: none are kept. @default 256 MiB */
  readonly answerBytes: number
  /** Prepared readers kept for `features` subsets of a service; the least recently used is dropped first. @default 64 */
  readonly preparedSubsets: number
}

const DEFAULTS: Limits = {
  bodyBytes: 1_048_576,
  eventsPerRequest: 10_000,
  keysPerRequest: 1000,
  valuesPerRequest: 100_000,
  keyLength: 256,
  jsonDepth: 8,
  inFlight: 512,
  inFlightPerKey: 256,
  deadlineMs: 2000,
  sendMs: 10_000,
  arrivingBytes: 67_108_864,
  unsentBytes: 67_108_864,
  versionsLoaded: 4,
  answerBytes: 268_435_456,
  preparedSubsets: 64,
}

/**
 * The limits with defaults filled in.
 *
 * @throws MartletError `INVALID_LIMIT` when a limit is unknown or not a positive whole number
 */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      const known = Object.keys(DEFAULTS).join(', ')
      throw new MartletError('INVALID_LIMIT', `limits.${name} is not a limit. The limits are ${known}.`, {
        data: { name },
      })
    }
    const least = name === 'answerBytes' ? 0 : 1
    if (!Number.isSafeInteger(value) || value < least) {
      throw new MartletError('INVALID_LIMIT', `limits.${name} is ${value}. Give a whole number of at least ${least}.`, {
        data: { name, value },
      })
    }
  }
  const inFlight = given.inFlight ?? DEFAULTS.inFlight
  return { ...DEFAULTS, inFlightPerKey: Math.ceil(inFlight / 2), ...given }
}
