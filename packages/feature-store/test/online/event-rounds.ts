import type { ArrivedEvent } from '../../src/online/events/event-store.ts'

export const KEYS = 7
export const EVENTS_A_ROUND = 20

export const tailKey = (index: number): Uint8Array => Buffer.from(`account-${index % KEYS}`)

/** Events of one round; their ids are numbers, and half of them come in the next round too. */
export function roundEvents(round: number): ArrivedEvent[] {
  return Array.from({ length: EVENTS_A_ROUND }, (_, step) => {
    const index = (round * EVENTS_A_ROUND) / 2 + step
    const id = Buffer.from(`${index}`)
    return {
      id,
      body: Buffer.from(`{"id":${index}}`),
      arrived: 1n,
      origin: 'push',
      tails: [{ table: 'velocity', key: tailKey(index), time: BigInt(index), value: id }],
    }
  })
}
