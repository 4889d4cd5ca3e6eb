import type { CheckResult } from '../quality/finding.ts'

/** What `materialize` reports while it runs: plain JSON, with instants as ISO 8601 text. */
export type MaterializeEvent =
  | {
      readonly type: 'plan'
      readonly view: string
      readonly action: 'nothing' | 'write' | 'rebuild' | 'publish'
      readonly reason: string
      readonly from: string | null
      readonly to: string | null
      readonly instants: number
      readonly estimatedRows: number
      /** How its rows are computed, and why so; null where they are not computed from events. */
      readonly by: string | null
    }
  | {
      /** Reported when a step begins, and every two seconds until it ends. */
      readonly type: 'step'
      readonly view: string
      readonly step: 'plan' | 'check' | 'compute' | 'swap' | 'publish'
      /** The range of the chunk that is being computed; null in other steps. */
      readonly from: string | null
      readonly to: string | null
      /** Seconds since the step began. */
      readonly seconds: number
    }
  /** The rest of the run skips the view; the others continue. */
  | { readonly type: 'failed'; readonly view: string; readonly code: string; readonly message: string }
  | {
      readonly type: 'quality'
      readonly view: string
      readonly scanned: readonly string[]
      readonly errors: number
      readonly warnings: number
      readonly findings: readonly CheckResult[]
      readonly seconds: number
    }
  | {
      readonly type: 'chunk'
      readonly view: string
      /** Rows written so far by this run. */
      readonly rows: number
      readonly estimatedRows: number
      /** Everything before this is written. */
      readonly done: string
      readonly from: string
      readonly to: string
      readonly seconds: number
    }
  | { readonly type: 'swap'; readonly view: string }
  | { readonly type: 'publish'; readonly view: string; readonly rows: number; readonly seconds: number }
  | {
      readonly type: 'done'
      readonly view: string
      readonly rows: number
      readonly published: number | null
      readonly newest: string | null
      readonly watermark: string | null
      readonly seconds: number
    }
