import type { DriftResult } from '../../verdict/result.ts'
import type { ReportFormat } from '../report-format.ts'

/** A result as JSON text (schema `martlet.drift.result/2`). The same result gives the same bytes. */
export function toJson(result: DriftResult): string {
  return `${JSON.stringify(result, null, 1)}\n`
}

export const json: ReportFormat = { name: 'json', extension: 'json', render: toJson }
