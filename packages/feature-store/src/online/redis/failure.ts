import { MartletError } from '@martlet/warehouse'

/** What a client's error says, in one line. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const originalError = error instanceof Error && 'originalError' in error ? error.originalError : undefined
  if (originalError !== undefined) return reasonOf(originalError)
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.split('\n')[0] ?? ''
}

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^READONLY/, 'It is a replica; name the primary.'],
  [/^OOM/, 'It is out of memory; raise maxmemory, or clear tables that nobody reads.'],
  [/^MISCONF/, 'It cannot save to its disk; see its log.'],
  [/^(NOPERM|NOAUTH|WRONGPASS)/, 'Check the user, the password and what the user may do.'],
  [
    /^MOVED|^CROSSSLOT|^CLUSTERDOWN/,
    'The keys are on another node of a cluster. Name the node that has them, or pass a client that follows redirections.',
  ],
  [/^LOADING/, 'It is loading its data; wait until it has.'],
]

/** A failed read or write, with where it happened and what to do. */
export function failed(
  code: 'ONLINE_READ_FAILED' | 'ONLINE_WRITE_FAILED',
  label: string,
  doing: string,
  cause: unknown,
): MartletError {
  const reason = reasonOf(cause)
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? 'Is the server up and reachable?'
  return new MartletError(code, `${doing} the online store ${label} failed: ${reason}. ${advice}`, {
    data: { address: label, reason },
    cause,
  })
}
