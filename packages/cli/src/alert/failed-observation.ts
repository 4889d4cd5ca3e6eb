import type { Observation } from '@martlet/drift'
import { MartletError } from '@martlet/warehouse'

/** Errors that say nothing of a monitor: somebody stopped the command, or another process has the warehouse. */
const PASSING: ReadonlySet<string> = new Set(['CANCELLED', 'WAREHOUSE_LOCKED', 'LEASE_HELD', 'USAGE'])

/** What a monitor that could not be evaluated says: nobody watches any more, which somebody should know. */
export function failedObservation(
  monitor: string,
  error: unknown,
  redact: (text: string) => string,
): readonly Observation[] {
  const code = error instanceof MartletError ? error.code : 'UNEXPECTED'
  if (PASSING.has(code)) return []
  const [line = ''] = redact(error instanceof Error ? error.message : String(error)).split('\n')
  return [
    {
      subject: `drift:${monitor}`,
      alerting: true,
      status: 'not_evaluable',
      severity: 'warn',
      sentence: `It could not be evaluated: ${code}.`,
      details: [line.length > 300 ? `${line.slice(0, 299)}…` : line],
      since: null,
      window: null,
      quiet: { windows: 0, of: 0 },
      at: new Date().toISOString(),
    },
  ]
}
