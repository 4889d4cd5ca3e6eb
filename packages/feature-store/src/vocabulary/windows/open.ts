import { sql } from '@martlet/warehouse'
import type { WindowKind } from './window-kind.ts'

/** The intervals that have begun before T and have not ended before it. */
export interface OpenWindow {
  readonly kind: 'open'
}

export const open: WindowKind<OpenWindow> = {
  kind: 'open',
  fields: {},
  words: () => 'over what is open',
  reach: () => null,
  // What happens at T is not seen at T, neither that an interval begins nor that it ends.
  inside: (_, event, point) => sql`${event.until} >= ${point.us}`,
  ofOpen: true,
}
