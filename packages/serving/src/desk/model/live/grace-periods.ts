import type { ModelSlot } from './model-slot.ts'

/**
 * Keeps the version that an alias served before for a while, so that switching back is instant: at most one per alias, so that quick
 * promotions do not pile up models.
 */
export interface GracePeriods {
  /** Takes over the slot from the alias that kept it. */
  begin(key: string, slot: ModelSlot): void
  end(key: string): void
  endAll(): void
}

/** @param ended called when a period has run out */
export function gracePeriods(graceMs: number, ended: () => void): GracePeriods {
  const periods = new Map<string, { readonly slot: ModelSlot; readonly timer: NodeJS.Timeout }>()

  function end(key: string): void {
    const period = periods.get(key)
    if (period === undefined) return
    clearTimeout(period.timer)
    periods.delete(key)
    period.slot.letGo()
  }

  return {
    begin(key, slot) {
      end(key)
      const timer = setTimeout(() => {
        end(key)
        ended()
      }, graceMs)
      timer.unref()
      periods.set(key, { slot, timer })
    },
    end,
    endAll() {
      for (const key of periods.keys()) end(key)
    },
  }
}
