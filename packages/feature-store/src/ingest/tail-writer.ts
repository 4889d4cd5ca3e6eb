import type { TailWrite } from '../online/events/event-store.ts'
import type { TypedEvent } from './event-reader.ts'

/**
 * What the continuous views over a source's table keep of its events, until their bases hold them: for each event what goes
 * into tails, in the order of the events.
 */
export type TailWriter = (events: readonly TypedEvent[]) => readonly (readonly TailWrite[])[]
