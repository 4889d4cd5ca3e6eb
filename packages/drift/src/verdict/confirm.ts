import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { causesOf } from './causes.ts'
import { headline } from './headline.ts'
import type { DriftPolicy } from './policy.ts'
import type { ColumnResult, WindowResult } from './result.ts'
import { atLeast, worst } from './severity.ts'

/** Lowers the severity of columns that have not changed in enough of the last windows; the latest window is the last one. */
export function confirmed(
  profile: ReferenceProfile,
  latest: WindowResult,
  windows: readonly WindowResult[],
  policy: DriftPolicy,
): WindowResult {
  const { windows: needed, of } = policy.confirm
  if (needed === 1) return latest
  const recent = windows.slice(-of)
  const columns = latest.columns.map((column): ColumnResult => {
    if (!atLeast(column.severity, 'warn')) return column
    const alerts = recent.filter((window) => hasAlert(window, column.name)).length
    if (alerts >= needed) return column
    const sentence = `${column.sentence} Not confirmed yet: ${alerts} of the ${needed} windows needed.`
    return { ...column, severity: 'info', sentence }
  })
  const severity = worst([...latest.findings, ...columns].map((judged) => judged.severity))
  const judged = latest.status === 'drift' || latest.status === 'warn'
  const status = severity === 'crit' ? 'drift' : severity === 'warn' ? 'warn' : 'ok'
  const causes = causesOf(profile, latest.findings, columns)
  const told = { ...latest, columns, causes, severity }
  return judged ? { ...told, status, sentence: headline(profile, told) } : told
}

function hasAlert(window: WindowResult, name: string): boolean {
  return window.columns.some((column) => column.name === name && atLeast(column.severity, 'warn'))
}
