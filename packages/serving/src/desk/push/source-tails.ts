import type { IngestPlan, TailWriter } from '@martlet/feature-store'

/** What writes the tails of the continuous views that read a source's table; undefined: there is no such view. */
export type SourceTails = (source: IngestPlan) => TailWriter | undefined

/** No view is continuous. */
export const noTails: SourceTails = () => undefined
