import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { FormatKind } from './format-kind.ts'
import { jsonFormat, type JsonFormat } from './json.ts'

/** Every format that a source can have. */
export type AnyFormat = JsonFormat

const formats: readonly FormatKind[] = [jsonFormat]

/** The format of a source; undefined for one that nobody knows. */
export function formatOf(plan: IngestPlan): FormatKind | undefined {
  return formats.find(({ kind }) => kind === plan.format.kind)
}

export const formatNames: readonly string[] = formats.map(({ kind }) => `${kind}()`)
