import { MartletError } from '@martlet/warehouse'
import { clockNow, shortInstant, toMicros, type InstantLike } from '../catalog/instant.ts'

/** How far two machines' clocks may differ, in microseconds: five minutes. */
export const CLOCK_SKEW = 300_000_000n

export interface RunTime {
  readonly now?: InstantLike
  readonly to?: InstantLike
  readonly allowFuture?: boolean
}

/** @throws MartletError AHEAD_OF_CLOCK when `now` or `to` lies more than five minutes after the clock, unless `allowFuture` is set */
export function refuseFuture(time: RunTime): void {
  if (time.allowFuture === true) return
  const clock = clockNow()
  for (const what of ['now', 'to'] as const) {
    const given = time[what]
    if (given === undefined) continue
    const at = toMicros(given, what)
    if (at <= clock + CLOCK_SKEW) continue
    throw new MartletError(
      'AHEAD_OF_CLOCK',
      `${what} is ${shortInstant(at)}, but the clock of this machine says ${shortInstant(clock)}; rows of a time that has not come would lack the facts still to come. Correct ${what}, or say allowFuture (--allow-future) if it is meant`,
      {
        data: { what, given: shortInstant(at), clock: shortInstant(clock) },
      },
    )
  }
}
