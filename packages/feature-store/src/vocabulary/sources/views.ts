import { z } from 'zod'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { ViewsPlan } from '../../plan/views-plan.ts'
import type { SourceKind } from './source-kind.ts'
import { entitySchema } from './source-schema.ts'

/** Rows of other views, as they would have been served. */
export const views: SourceKind<ViewsPlan> = {
  kind: 'views',
  // What is stored of each view is in the schema of views.
  fields: { entity: entitySchema, views: z.array(z.unknown()) },
  entities: (source) => [source.entity],
  roles: (source) => {
    const keys = source.entity.keys.map(({ name }) => name)
    return { time: null, always: keys, identity: keys }
  },
  bounds: () => [],
  views: (source) => source,
  begins: () => null,
}

/** The first view that is found among those that it reads, as `tiers → usage → tiers`; undefined when there is none. */
export function viewCycle(name: string, source: Pick<ViewsPlan, 'views'> | undefined): string | undefined {
  const find = (path: readonly string[], read: readonly ViewPlan[]): string | undefined => {
    for (const view of read) {
      const longer = [...path, view.name]
      if (path.includes(view.name)) return longer.join(' → ')
      const found = find(longer, readViews(view))
      if (found !== undefined) return found
    }
    return undefined
  }
  return find([name], source?.views ?? [])
}

function readViews({ source }: ViewPlan): readonly ViewPlan[] {
  return source !== null && isViews(source) ? source.views : []
}

function isViews(source: NonNullable<ViewPlan['source']>): source is ViewsPlan {
  return source.kind === views.kind
}
