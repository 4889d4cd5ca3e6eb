import { isContinuous, nameIn, type ServicePlan, type ServiceView, type ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'
import { withFeatures } from './needed-features.ts'
import { serviceHash, viewHash } from './plan-hash.ts'

/** The features of a view that follow from T alone: parts of the date, what holds for everybody, and what is made of these. */
export function clockFeatures({ features }: Pick<ViewPlan, 'features'>): readonly string[] {
  const byName = new Map(features.map((feature) => [feature.name, feature]))
  const follows = (name: string, above: ReadonlySet<string>): boolean => {
    const feature = byName.get(name)
    if (feature === undefined || above.has(name)) return false
    const kind = featureKind(feature)
    if (kind.clock === true) return true
    const reads = kind.reads(feature)
    if (kind.stage !== 'derived' || reads.length === 0) return false
    const below = new Set([...above, name])
    return reads.every((reading) => reading.of === 'row' && follows(reading.feature, below))
  }
  return features.map(({ name }) => name).filter((name) => follows(name, new Set()))
}

/** The calendar in a view: its features that follow from T alone, as a view of no entity; null when it has none. */
export function calendarPart(view: ViewPlan): ViewPlan | null {
  const names = clockFeatures(view)
  if (names.length === 0 || isContinuous(view)) return null
  const part = withFeatures(
    { ...view, source: null, population: null, ttl: null, entity: { name: 'everyone', keys: [] } },
    names,
  )
  return { ...part, hash: viewHash(part) }
}

/**
 * The part of a service that follows from the clock alone, so that it can be computed for any instant without entities;
 * null when nothing of it does. Values that stand for missing ones are left out.
 */
export function calendarService(service: ServicePlan): ServicePlan | null {
  const views = service.views.flatMap((read): readonly ServiceView[] => {
    const part = calendarPart(read.view)
    const features = read.features.filter((name) => part?.features.some((feature) => feature.name === name) === true)
    if (part === null || features.length === 0) return []
    return [{ view: part, features, as: nameIn(read) }]
  })
  if (views.length === 0) return null
  const calendar = { name: service.name, views }
  return { ...calendar, hash: serviceHash(calendar) }
}
