import type {
  AnyFeatureService,
  AnyIngestSource,
  Catalog,
  IngestPlan,
  OnDemandFunctions,
  ServicePlan,
} from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'
import type { TimeWindow } from '../count/windows.ts'
import type { PolicyOptions } from '../verdict/policy.ts'
import type { Mute } from '../verdict/result.ts'
import type { ParityReason } from './parity-result.ts'

/** What is asked of one feature instead of all. */
export interface FeatureRule {
  /** The share of its values that has to match. */
  readonly atLeast?: number
  /** How far doubles may be apart, as a share of the recomputed value. */
  readonly tolerance?: number
  readonly allow?: readonly ParityReason[]
}

/** How equal logged vectors have to be. */
export interface ParityRules {
  /** The share of each feature's values that has to match. @default 0.999 */
  readonly atLeast?: number
  /** How far doubles may be apart, as a share of the recomputed value; everything else has to be equal. @default 1e-9 */
  readonly tolerance?: number
  /** Reasons that count as a match. @default none */
  readonly allow?: readonly ParityReason[]
  /** Exceptions by feature (`view__feature`); false: it is not compared. */
  readonly features?: Readonly<Record<string, FeatureRule | false>>
}

export interface ParityRequest extends ParityRules {
  readonly warehouse: Warehouse
  /** The model whose predictions were loaded with `loadPredictions`. */
  readonly model: string
  /** The services that its versions read, as they are defined now. */
  readonly services: readonly (AnyFeatureService | ServicePlan)[]
  /** Only predictions of this version. @default all */
  readonly version?: number
  /** The features that a version reads, by version. @default those that it was logged with a value of at least once */
  readonly reads?: ReadonlyMap<number, readonly string[]>
  /** Earlier definitions, and when rows were written; without it some reasons stay unknown. */
  readonly catalog?: Catalog
  /** The sources that bring facts, so that it is known when events of continuous views came. @default none */
  readonly sources?: readonly (AnyIngestSource | IngestPlan)[]
  /** On-demand features whose functions this process has. @default those of `services`, where they are not only plans */
  readonly functions?: OnDemandFunctions
  /** Disjoint stretches of the time of predictions. */
  readonly windows: readonly TimeWindow[]
  /** Predictions that are computed again at once, which bounds memory; more are taken stretch by stretch of time. @default 1_000_000 */
  readonly rowsAtOnce?: number
  /** Values that are shown of a feature that differs. @default 3 */
  readonly examples?: number
  /** @default the model's name */
  readonly monitor?: string
  readonly now?: Date
  readonly policy?: PolicyOptions
  /** Features and kinds of findings that do not alert now; they stay in the result, marked. @default none */
  readonly mutes?: readonly Mute[]
  /** Appends the result to `monitoring.drift_results`. @default true */
  readonly record?: boolean
}
