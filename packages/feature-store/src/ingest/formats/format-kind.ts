import type { FormatPlan, IngestPlan } from '../../plan/ingest-plan.ts'
import type { EventReader } from '../event-reader.ts'
import type { Landing } from '../landing/landing.ts'

/** A way in which events are written. A new one is one file here and an entry in `list.ts`. */
export interface FormatKind<F extends FormatPlan = FormatPlan> {
  readonly kind: F['kind']
  /**
   * Whether a value says little without the key and the headers of its message: what a topic has is then kept as
   * `{"key": …, "value": …, "headers": …}`.
   */
  readonly withKey?: boolean
  /** Why a source cannot have this format, as the end of a sentence about it; undefined: it can. */
  refuses(plan: IngestPlan<F>): string | undefined
  /** Compiles the reading of a source's events. */
  reader(plan: IngestPlan<F>): EventReader
  /** What becomes of events in the warehouse. Absent: rows of the source's table. */
  landing?(plan: IngestPlan<F>): Landing
}
