import type { ColumnResult, DriftResult, WindowResult } from '../../verdict/result.ts'
import { atLeast } from '../../verdict/severity.ts'
import { brief } from '../../verdict/wording.ts'
import { escapeText } from '../markup.ts'
import type { ReportFormat } from '../report-format.ts'
import { wasEvaluated } from '../words.ts'

/**
 * A result as JUnit XML: one test case per data-quality finding and per column of the latest window; the sentence and the
 * causes are the suite's output.
 */
export function toJunit(result: DriftResult): string {
  const latest = result.windows.at(-1)
  const { failOn } = result.policy
  const found = (latest?.findings ?? []).filter(({ kind, column }) => kind !== 'parity' || column === null)
  const findings = found.map(({ kind, column, severity, sentence }) =>
    testCase(`data.${kind}`, column ?? kind, atLeast(severity, failOn) ? failure(severity, sentence) : ''),
  )
  const columns = (latest?.columns ?? []).map((column) => testCase('column', column.name, outcome(column, failOn)))
  const measured =
    latest === undefined || !wasEvaluated(latest.status)
      ? []
      : [...performanceCases(latest, failOn), ...parityCases(latest)]
  const whole =
    latest === undefined || (latest.columns.length === 0 && measured.length === 0)
      ? [testCase('window', result.monitor, `<error message="${clean(result.sentence)}"/>`)]
      : []
  const cases = [...whole, ...findings, ...columns, ...measured]
  const failures = cases.filter((text) => text.includes('<failure ')).length
  const skipped = cases.filter((text) => text.includes('<skipped ')).length
  const attributes = [
    `name="${clean(`drift ${result.monitor}`)}"`,
    `tests="${cases.length}" failures="${failures}" errors="${whole.length}" skipped="${skipped}"`,
    `timestamp="${result.evaluatedAt.slice(0, 19)}"`,
  ]
  const said = [result.sentence, ...(latest?.causes ?? []).map(({ sentence }) => sentence)]
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `<testsuite ${attributes.join(' ')}>`,
    ...cases,
    `<system-out>${said.map(clean).join('\n')}</system-out>`,
    '</testsuite>',
    '</testsuites>',
  ]
  return lines.map((line) => `${line}\n`).join('')
}

export const junit: ReportFormat = { name: 'junit', extension: 'xml', render: toJunit }

/** One test case per metric that was tested, of all rows and of each segment. */
function performanceCases({ performance }: WindowResult, failOn: 'warn' | 'crit'): readonly string[] {
  return (performance?.groups ?? []).flatMap(({ segment, metrics }) =>
    metrics
      .filter(({ q }) => q !== null)
      .map(({ metric, value, reference, severity }) => {
        const name = segment === null ? metric : `${metric} ${segment.column}=${segment.value}`
        const change = `${brief(value ?? 0)} instead of ${brief(reference ?? 0)}`
        return testCase('performance', name, atLeast(severity, failOn) ? failure(severity, change) : '')
      }),
  )
}

/** One test case per feature whose served values were compared. */
function parityCases({ parity, findings }: WindowResult): readonly string[] {
  const sentences = new Map(findings.map(({ column, sentence }) => [column, sentence]))
  return (parity?.features ?? []).map(({ feature, passes }) =>
    testCase('parity', feature, passes ? '' : failure('crit', sentences.get(feature) ?? '')),
  )
}

function outcome(column: ColumnResult, failOn: 'warn' | 'crit'): string {
  if (atLeast(column.severity, failOn)) return failure(column.severity, column.sentence)
  return wasEvaluated(column.status) ? '' : `<skipped message="${clean(column.sentence)}"/>`
}

function failure(type: string, message: string): string {
  return `<failure type="${type}" message="${clean(message)}"/>`
}

function testCase(group: string, name: string, content: string): string {
  return `<testcase classname="${clean(group)}" name="${clean(name)}">${content}</testcase>`
}

/** XML cannot contain most control characters, which are shown as their escape, nor these two. */
function clean(text: string): string {
  return escapeText(text.replaceAll(/[\uFFFE\uFFFF]/g, '\uFFFD'))
}
