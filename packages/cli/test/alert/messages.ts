import type { AlertDelivery, AlertMessage, Observation } from '@martlet/drift'

export function message(name: string, more: Partial<AlertMessage> = {}): AlertMessage {
  return {
    id: `id-${name}`,
    event: 'alert',
    subject: `drift:${name}`,
    incident: `martlet:drift:${name}#1`,
    severity: 'crit',
    status: 'drift',
    title: `Monitor ${name} alerts`,
    sentence: 'Consumption fell by 17 % & <more>.',
    details: ['kwh_7d: median 4 -> 3.'],
    since: '2026-06-01T00:00:00.000000Z',
    at: '2026-06-08T06:00:00.000000Z',
    report: `https://reports.test/${name}.html`,
    ...more,
  }
}

export function delivery(messages: readonly AlertMessage[], resolved: readonly string[] = []): AlertDelivery {
  const [first] = messages
  const alone = messages.length === 1 && first !== undefined
  return {
    id: alone ? first.id : 'batch',
    messages,
    key: alone ? first.incident : 'martlet:digest:batch',
    resolved,
  }
}

/** What run number `n` about a subject says. */
export function seen(subject: string, n: number, alerting: boolean, more: Partial<Observation> = {}): Observation {
  const at = new Date(Date.UTC(2026, 5, n)).toISOString()
  return {
    subject,
    alerting,
    status: alerting ? 'drift' : 'ok',
    severity: alerting ? 'crit' : 'none',
    sentence: alerting ? 'Consumption fell by 17 %.' : 'No change that matters.',
    details: [],
    since: null,
    window: at,
    quiet: { windows: alerting ? 0 : 1, of: 1 },
    at,
    ...more,
  }
}
