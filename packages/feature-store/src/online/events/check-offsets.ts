import { MartletError } from '@martlet/warehouse'
import type { AppendOptions } from './event-store.ts'

/**
 * Refuses an append of what another reader has appended already, before anything of it is written.
 *
 * @param stored the offset that the store has of an origin; undefined when it was never read
 * @throws MartletError OFFSETS_MOVED
 */
export function checkOffsets(
  source: string,
  { offsets = {}, after }: AppendOptions,
  stored: (origin: string) => bigint | undefined,
): void {
  if (after === undefined) return
  for (const origin of Object.keys(offsets)) {
    const offset = stored(origin)
    if (offset !== after[origin]) throw offsetsMoved(source, origin, after[origin], offset)
  }
}

/** Another reader has gone on. */
export function offsetsMoved(
  source: string,
  origin: string,
  expected: bigint | undefined,
  stored: bigint | undefined,
): MartletError {
  const where = (offset: bigint | undefined): string => (offset === undefined ? 'nothing' : `offset ${offset}`)
  const message =
    `Source ${source} has stored ${where(stored)} of ${origin}, where ${where(expected)} was expected: ` +
    'another process reads it too. Read on from what is stored.'
  return new MartletError('OFFSETS_MOVED', message, { data: { source, origin, expected, stored } })
}
