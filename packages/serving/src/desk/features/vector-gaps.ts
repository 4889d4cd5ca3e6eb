import { nameIn, vectorFields, type FeatureStatus, type OnlineVectors, type ServicePlan } from '@martlet/feature-store'
import { isInstant } from './instant.ts'

/** A field of a row that is missing, and why. */
export interface Gap {
  readonly field: number
  readonly status: FeatureStatus
}

/** How much of a row is there. `none`: nothing is known about the entity, whatever calendars and computations say. */
export type FeaturePresence = 'all' | 'some' | 'none'

/** Finds what is missing in the vectors of one service. */
export interface GapFinder {
  /** Appends the gaps of one row. */
  find(vectors: OnlineVectors, row: number, gaps: Gap[]): void
  presence(gaps: readonly Gap[]): FeaturePresence
}

export function gapFinder(service: ServicePlan): GapFinder {
  // What a calendar or a computation gives says nothing of an entity.
  const ofNobody = new Set([
    ...service.views.filter(({ view }) => view.entity.keys.length === 0).map(nameIn),
    ...(service.onDemand ?? []).map(({ plan }) => plan.name),
  ])
  const fields = vectorFields(service).map(({ view, type, default: given }) => ({
    type,
    ofEntity: !ofNobody.has(view),
    hasDefault: given !== undefined,
  }))
  const ofEntities = fields.filter(({ ofEntity }) => ofEntity).length
  return {
    find(vectors, row, gaps) {
      for (let field = 0; field < fields.length; field++) {
        const value = vectors.value(row, field)
        // With a default, only the status says that the feature itself is missing.
        if (
          (fields[field]?.hasDefault === true && vectors.status(row, field) !== 'PRESENT') ||
          value === null ||
          (typeof value === 'number' && !Number.isFinite(value)) ||
          (typeof value === 'bigint' && fields[field]?.type === 'timestamp' && !isInstant(value))
        )
          gaps.push({ field, status: statusOfGap(vectors, row, field) })
      }
    },
    presence(gaps) {
      if (gaps.length === 0) return 'all'
      let missing = 0
      for (const { field } of gaps) if (fields[field]?.ofEntity === true) missing++
      return missing === ofEntities && ofEntities > 0 ? 'none' : 'some'
    },
  }
}

/** Why a value is missing. A number that JSON cannot hold is stored, but counts as null. */
export function statusOfGap(vectors: OnlineVectors, row: number, field: number): FeatureStatus {
  const status = vectors.status(row, field)
  return status === 'PRESENT' ? 'NULL_VALUE' : status
}
