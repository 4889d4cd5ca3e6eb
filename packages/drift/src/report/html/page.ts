import type { DriftResult, WindowResult } from '../../verdict/result.ts'
import type { Markup } from '../markup.ts'
import type { Row } from '../rows.ts'

/** What a report is about. */
export interface Page {
  readonly result: DriftResult
  /** The window that decides; undefined when there is none. */
  readonly latest: WindowResult | undefined
  /** Its columns, the most urgent first. */
  readonly rows: readonly Row[]
}

/** A part of the report, from top to bottom; `nothing` where it has nothing to say. */
export type Section = (page: Page) => Markup
