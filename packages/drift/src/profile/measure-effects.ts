import type { Warehouse } from '@martlet/warehouse'
import { openSource, type RowWeights } from '../count/scan-source.ts'
import { columnNamed, type SpelledRows } from '../count/spelling.ts'
import { cellScanOf, cellScanOfView, entityEffects, timeEffects, type RowEffects } from './group-effects.ts'
import { beyondWeights, weightEffects } from './weight-effects.ts'
import { filledTime, type ReferenceProfile } from './reference-profile.ts'
import { blockLengths } from './time-blocks.ts'

/** The profile with what its rows are worth: how uneven their weights are, and how alike they are, if it is known by what they may be. */
export async function withEffects(
  warehouse: Warehouse,
  { relation, columns, weights }: SpelledRows & { readonly weights?: RowWeights },
  profile: ReferenceProfile,
  entity: readonly string[] | undefined,
): Promise<ReferenceProfile> {
  const keys = (entity ?? []).map((name) => columnNamed(columns, name)?.name ?? name)
  const { time, views = [] } = profile
  const seconds = time === null || entity === undefined ? [] : blockLengths(secondsOf(filledTime(profile)))
  if (keys.length === 0 && seconds.length === 0 && weights === undefined) return profile
  const source = openSource(warehouse, {
    relation,
    time: null,
    windows: [],
    ...(weights === undefined ? {} : { weights }),
  })
  const scans = [...profile.columns.map(cellScanOf), ...views.map(cellScanOfView)]
  const uneven = await weightEffects(warehouse, source, scans)
  const entities = await entityEffects(warehouse, source, scans, keys)
  const stretches =
    time === null || seconds.length === 0
      ? scans.map(() => [])
      : await timeEffects(warehouse, source, scans, time.column, seconds)
  const effects = (index: number): { readonly effects: RowEffects } => {
    const ofWeights = uneven[index]?.[0]
    const ofEntity = entities[index]?.[0]
    const ofTime = stretches[index] ?? []
    return {
      effects: {
        ...(ofWeights === undefined ? {} : { weights: ofWeights }),
        ...(ofEntity === undefined ? {} : { entity: beyondWeights(ofEntity, ofWeights) }),
        ...(ofTime.length === 0 ? {} : { time: ofTime.map((one) => beyondWeights(one, ofWeights)) }),
      },
    }
  }
  return {
    ...profile,
    columns: profile.columns.map((column, index) => ({ ...column, ...effects(index) })),
    ...(profile.views === undefined
      ? {}
      : { views: views.map((view, index) => ({ ...view, ...effects(profile.columns.length + index) })) }),
    ...(keys.length === 0 && seconds.length === 0
      ? {}
      : {
          dependence: {
            entity: entity ?? [],
            time: time === null || seconds.length === 0 ? null : { column: time.column, seconds },
          },
        }),
  }
}

function secondsOf(span: ReturnType<typeof filledTime>): number {
  return span === null ? 0 : (span.to.getTime() - span.from.getTime()) / 1000
}
