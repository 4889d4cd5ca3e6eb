import { MartletError } from '@martlet/warehouse'
import type { OnlineStore } from '../online/online-store.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { closing } from './closing.ts'
import { foldTails } from './fold.ts'
import { isContinuous } from '../plan/view-plan.ts'
import { stateLayout } from './layout.ts'
import { publicationKey, publicationOf, PUBLICATIONS } from './publication.ts'
import { sourceOf } from './source-tails.ts'

export interface FoldOptions {
  readonly online: OnlineStore
  readonly views: readonly ViewPlan[]
  readonly sources: readonly IngestPlan[]
  /** Parts that an entity's tail may have before they are put together. @default 64 */
  readonly limit?: number
  /** µs. @default the clock */
  readonly now?: bigint
}

/**
 * Bounds the memory of each entity: puts the events of long tails together into tiles, as many as the windows of the view have
 * steps. Returns how many events were folded. Tails of another definition of a view stay as they are, until a
 * materialization has taken their place.
 */
export async function foldViews(options: FoldOptions): Promise<number> {
  const { online, views, sources, limit = 64, now = BigInt(Date.now()) * 1000n } = options
  const { events } = online
  if (events === undefined) return 0
  let folded = 0
  for (const view of views.filter(isContinuous)) {
    const source = sourceOf(view, sources)
    if (source === undefined) continue
    const [[record] = []] = await online.read([{ table: PUBLICATIONS, keys: [publicationKey(view.name)] }])
    const pushed = await events.newestTime(source.name)
    const border = closing(view, [publicationOf(view.name, record)?.newest, pushed], now)
    try {
      folded += await events.fold(view.name, limit, foldTails(stateLayout(view), border))
    } catch (error) {
      if (!isOtherDefinition(error)) throw error
    }
  }
  return folded
}

function isOtherDefinition(error: unknown): boolean {
  const causes = error instanceof Error && error.cause instanceof Error ? [error, error.cause] : [error]
  return causes.some((one) => one instanceof MartletError && one.code === 'ONLINE_SCHEMA_MISMATCH')
}
