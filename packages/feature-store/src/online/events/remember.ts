/** How long the id of an event is known, so that the event is not taken again: seven days, in microseconds. */
export const REMEMBER_FOR: bigint = 7n * 86_400_000_000n

/** What was read of a journal at once is about at most so many bytes, so that large events do not fill the memory. */
export const READ_BYTES: number = 16 << 20

/** So many ids are looked at for each event that is taken, to forget those that are too old. */
export const SWEPT_IDS = 4
