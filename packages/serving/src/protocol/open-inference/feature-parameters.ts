import type { PreparedRead } from '../../desk/features/prepared-read.ts'
import { gapFinder, type Gap, type GapFinder } from '../../desk/features/vector-gaps.ts'
import type { Prediction } from '../../desk/model/predict/predictor.ts'

/** What an answer says about the features that were looked up. Parameters are flat, so that every client can read them. */
export interface FeatureParameters {
  readonly feature_service: string
  /** Of the oldest row that was read, milliseconds. */
  readonly feature_age_max_ms?: number
  /** The features that some row lacks, with commas between them. */
  readonly missing_features: string
  /** How many rows lack some feature. */
  readonly rows_with_missing_features: number
}

const finders = new WeakMap<PreparedRead, GapFinder>()

/** Describes the features of a prediction, and counts them in the metrics. */
export async function featureParameters({ read, parts, at, work }: Prediction): Promise<FeatureParameters> {
  const finder = finders.get(read) ?? gapFinder(read.plan)
  finders.set(read, finder)
  const missing = new Set<number>()
  let rowsWithGaps = 0
  let oldest: bigint | undefined
  for (const { vectors } of parts) {
    await work?.turn()
    for (let row = 0; row < vectors.rows; row++) {
      read.writer.count(vectors, row, at)
      const gaps: Gap[] = []
      finder.find(vectors, row, gaps)
      if (gaps.length > 0) rowsWithGaps++
      for (const { field } of gaps) missing.add(field)
      for (let view = 0; view < read.plan.views.length; view++) {
        const time = vectors.featureTime(row, view)
        if (time !== undefined && (oldest === undefined || time < oldest)) oldest = time
      }
    }
  }
  const names = read.fields.filter((_, field) => missing.has(field)).map(({ name }) => name)
  return {
    feature_service: read.plan.name,
    ...(oldest === undefined ? {} : { feature_age_max_ms: Number(at - oldest) / 1000 }),
    missing_features: names.join(','),
    rows_with_missing_features: rowsWithGaps,
  }
}
