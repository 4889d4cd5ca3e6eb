import { MartletError } from '@martlet/warehouse'
import { clockNow, shortInstant, toMicros, type InstantLike } from '../catalog/instant.ts'

/** How far the clocks of two machines may differ, in microseconds: five minutes. */
export const CLOCK_SKEW = 300_000_000n

export interface RunTime {
  readonly now?: InstantLike
  readonly to?: InstantLike
  readonly allowFuture?: boolean
}

/**
 * Refuses a `now` or `to` in the future.
 * @throws MartletError AHEAD_OF_CLOCK when one lies more than five minutes after the clock, unless `allowFuture` is set
 */
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
      `${what} is ${shortInstant(at)}, but the clock of this machine says ${shortInstant(clock)}. ` +
        'Rows of a future time would lack the facts that are still to come. ' +
        `Correct ${what}, or pass allowFuture (--allow-future) if you want this.`,
      { data: { what, given: shortInstant(at), clock: shortInstant(clock) } },
    )
  }
}
