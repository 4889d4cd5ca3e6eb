import { MartletError } from '@martlet/warehouse'
import { checkKey, checkTable, MAX_KEY_BYTES } from '../limits.ts'
import type { ArrivedEvent } from './event-store.ts'

const LONGEST_ORIGIN = 1024

/** Refuses what some store could not hold, before anything of it is written. */
export function checkEvents(source: string, events: readonly ArrivedEvent[]): void {
  checkTable(source)
  for (const { id, origin, tails } of events) {
    if (id.length > MAX_KEY_BYTES || Buffer.byteLength(origin) > LONGEST_ORIGIN) {
      const message = `An event of source ${source} has an id of ${id.length} bytes and an origin of ${origin.length} characters.`
      throw new MartletError(
        'EVENT_ID_TOO_LONG',
        `${message} At most ${MAX_KEY_BYTES} are taken of each. Hash it first.`,
        {
          data: { source, bytes: id.length, limit: MAX_KEY_BYTES },
        },
      )
    }
    for (const { table, key } of tails) {
      checkTable(table)
      checkKey(table, key)
    }
  }
}
