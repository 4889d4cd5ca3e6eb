import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { FormatKind } from './format-kind.ts'
import { debeziumFormat, type DebeziumFormat } from './debezium.ts'
import { jsonFormat, type JsonFormat } from './json.ts'

/** Every format that a source can have. */
export type AnyFormat = JsonFormat | DebeziumFormat

const formats: readonly FormatKind[] = [jsonFormat, debeziumFormat]

/** The format of a source; undefined for one that nobody knows. */
export function formatOf(plan: IngestPlan): FormatKind | undefined {
  return formats.find(({ kind }) => kind === plan.format.kind)
}

export const formatNames: readonly string[] = formats.map(({ kind }) => `${kind}()`)
