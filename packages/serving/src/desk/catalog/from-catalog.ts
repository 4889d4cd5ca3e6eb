import {
  currentDefinitions,
  keptDefinitions,
  listRuns,
  publishedNames,
  readViewState,
  revisionWithHash,
  type Catalog,
} from '@martlet/feature-store'
import { isoInstant } from '../features/instant.ts'
import type { KeptRows, ServingCatalog } from './serving-catalog.ts'

/** Follows the definitions in a catalog, whichever process applies them. */
export function servingCatalog({ db }: Pick<Catalog, 'db'>): ServingCatalog {
  return {
    async revision() {
      // Definitions are only ever added, so their number shows whether there are new ones.
      const { count } = await db
        .selectFrom('definitions')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      const states = await db.selectFrom('view_states').select(['view', 'published_hash']).orderBy('view').execute()
      return [count, ...states.map(({ view, published_hash }) => `${view}:${published_hash ?? ''}`)].join(' ')
    },
    async definitions() {
      const current = await currentDefinitions(db)
      const kept: KeptRows[] = []
      for (const one of await keptDefinitions(db)) {
        const names = (await publishedNames(db, one)) ?? null
        kept.push({ plan: one.plan, table: one.stored.name, published: one.state.publishedHash !== null, names })
      }
      return {
        views: current.flatMap((definition) => (definition.kind === 'view' ? [definition.plan] : [])),
        services: current.flatMap((definition) => (definition.kind === 'service' ? [definition.plan] : [])),
        kept,
      }
    },
    // A view may have another name in a service; the hash covers its own.
    definition: (_, hash) => revisionWithHash(db, hash),
    async progress(view) {
      const { covered, publishedTime } = await readViewState(db, view)
      const [run] = await listRuns(db, { view, limit: 1 })
      return {
        watermark: covered === null ? null : isoInstant(covered.watermark),
        published: publishedTime === null ? null : isoInstant(publishedTime),
        lastRun: run === undefined ? null : { outcome: run.outcome, finishedAt: run.finished_at, rows: run.rows },
      }
    },
  }
}
