import { sourceTails, type IngestPlan, type TailWriter, type ViewPlan } from '@martlet/feature-store'

/** What writes the tails of the continuous views that read a source's table; undefined: there is no such view. */
export type SourceTails = (source: IngestPlan) => TailWriter | undefined

/** Tails of the views that are served; they are compiled again when the definitions have changed. */
export function liveTails(
  sources: readonly IngestPlan[],
  catalog: { readonly views: ReadonlyMap<string, ViewPlan> },
): SourceTails {
  let known: ReadonlyMap<string, ViewPlan> | undefined
  let writers: ReadonlyMap<string, TailWriter> = new Map()
  return ({ name }) => {
    if (catalog.views !== known) {
      writers = sourceTails(sources, [...catalog.views.values()])
      known = catalog.views
    }
    return writers.get(name)
  }
}
