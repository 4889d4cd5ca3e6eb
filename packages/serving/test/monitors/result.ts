import { policyFrom, type DriftResult, type Severity, type WindowResult } from '@martlet/drift'

const DAY = 86_400_000
const START = Date.parse('2026-05-25T00:00:00Z')

/** A result of one column over three days, of which the last has this severity. */
export function resultOf(monitor: string, severity: Severity = 'none'): DriftResult {
  const windows = [0, 1, 2].map((day) => windowOf(day, day === 2 ? severity : 'none'))
  const latest = windows.at(-1)
  const alerting = severity === 'warn' || severity === 'crit'
  return {
    schema: 'martlet.drift.result/2',
    monitor,
    evaluatedAt: '2026-05-28T03:00:00.000Z',
    profile: { name: `${monitor}_profile`, createdAt: '2026-05-01T00:00:00.000Z', rows: 100, time: null },
    policy: policyFrom(),
    status: latest?.status ?? 'ok',
    severity,
    exitCode: severity === 'crit' ? 1 : 0,
    sentence: latest?.sentence ?? '',
    since: alerting ? (latest?.from ?? null) : null,
    lookAt: alerting ? ['kwh'] : [],
    columns: [
      {
        name: 'kwh',
        type: 'double',
        kind: 'number',
        role: 'feature',
        importance: 1,
        edges: [0, 1, 2, 3],
        labels: [],
        reference: [0, 40, 40, 20, 0],
        nullRate: 0,
        origin: null,
      },
    ],
    windows,
    sql: [],
  }
}

function windowOf(day: number, severity: Severity): WindowResult {
  const alerting = severity === 'warn' || severity === 'crit'
  const status = severity === 'crit' ? 'drift' : severity === 'warn' ? 'warn' : 'ok'
  const sentence = alerting ? '1 of 1 columns changed.' : 'No change that matters in 1 column.'
  return {
    from: new Date(START + day * DAY).toISOString(),
    to: new Date(START + (day + 1) * DAY).toISOString(),
    rows: 50,
    status,
    severity,
    sentence,
    findings: [],
    causes: alerting
      ? [{ sentence: 'kwh: it fell.', severity, head: 'kwh', columns: ['kwh'], share: 1, source: null }]
      : [],
    columns: [
      {
        name: 'kwh',
        status,
        severity,
        sentence,
        p: 0.5,
        q: 0.5,
        excess: alerting ? 2 : 0,
        values: 50,
        nullRate: 0,
        metrics: [],
        counts: [0, 30, 10, 10, 0],
      },
    ],
  }
}
