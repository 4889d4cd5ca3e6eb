import { vectorFields } from '@martlet/feature-store'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import type { DeskMetrics } from '../desk-metrics.ts'
import type { Limits } from '../limits.ts'
import type { Viewer } from '../principal.ts'
import { adHocPlan, authorizeFeatures, ownerOf, type FeatureReference, type Owner } from './ad-hoc-plan.ts'
import { keyReader } from './key-reader.ts'
import { prepareRead, type OpenReader, type PreparedRead } from './prepared-read.ts'
import { requestReader } from './request-reader.ts'

/** A read of features that no service names together. */
export interface AdHocRead {
  readonly read: PreparedRead
  /** For each feature that was asked for, in order, its index in `read.fields`. */
  readonly places: readonly number[]
}

/** Features of one request, which may have been prepared already. */
export interface AdHocSelection {
  /** Undefined when it has to be prepared first. */
  readonly found: AdHocRead | undefined
  /** Takes a millisecond or two for several hundred features. */
  prepare(): AdHocRead
}

/** Reads of features across views, prepared on first use as `features` of a service are. */
export interface AdHocReads {
  /**
   * The read for some features of views and of on-demand features.
   *
   * @throws Problem `VIEW_UNKNOWN` (404) or `FEATURE_UNKNOWN` (400)
   * @throws Problem `NAME_NOT_ALLOWED` (403) when no service that the caller may read has one of them
   */
  select(references: readonly FeatureReference[], caller: Viewer): AdHocSelection
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

interface Parts {
  readonly catalog: LiveCatalog
  readonly open: OpenReader
  readonly limits: Limits
  readonly metrics: DeskMetrics
}

export function adHocReads({ catalog, open, limits, metrics }: Parts): AdHocReads {
  const prepared = new Map<string, AdHocRead>()
  /** The definitions that `prepared` was made from. */
  let views = catalog.views

  function flush(): void {
    for (const { read } of prepared.values()) read.writer.flush(metrics)
  }

  function forgetChanged(): void {
    if (views === catalog.views) return
    flush()
    prepared.clear()
    views = catalog.views
  }

  function keep(key: string, references: readonly FeatureReference[], owners: readonly Owner[]): AdHocRead {
    const plan = adHocPlan(references, owners)
    const readers = { keys: keyReader(plan, limits), request: requestReader(plan, limits) }
    const places = new Map(vectorFields(plan).map((field, place) => [field.name, place]))
    const one = {
      read: prepareRead(plan, open, readers),
      places: references.map(({ view, feature }) => places.get(`${view}__${feature}`) ?? 0),
    }
    prepared.set(key, one)
    for (const [oldest, { read }] of prepared) {
      if (prepared.size <= limits.preparedSubsets) break
      prepared.delete(oldest)
      // Its counts must not be lost with it.
      read.writer.flush(metrics)
    }
    return one
  }

  return {
    select(references, caller) {
      forgetChanged()
      const owners = ownersOf(references, catalog, caller)
      authorizeFeatures(references, catalog, caller)
      const key = JSON.stringify(references.map((reference, index) => keyOf(reference, owners[index])))
      const found = prepared.get(key)
      if (found === undefined) return { found, prepare: () => prepared.get(key) ?? keep(key, references, owners) }
      prepared.delete(key)
      prepared.set(key, found)
      return { found, prepare: () => found }
    },
    flush,
  }
}

/** Mostly several features in a row are of one view, whose owner is looked up once. */
function ownersOf(references: readonly FeatureReference[], catalog: LiveCatalog, caller: Viewer): readonly Owner[] {
  const known = new Map<string, Owner>()
  return references.map((reference) => {
    const owner = known.get(reference.view) ?? ownerOf(reference, catalog, caller)
    if (owner.kind === 'view') known.set(reference.view, owner)
    return owner
  })
}

/** Callers who see other services may have an on-demand feature from another one. */
function keyOf({ view, feature }: FeatureReference, owner: Owner | undefined): string {
  return owner?.kind === 'on-demand' ? `${view}:${feature} ${owner.service.name}` : `${view}:${feature}`
}
