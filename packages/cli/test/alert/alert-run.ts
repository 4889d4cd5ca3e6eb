import { join } from 'node:path'
import { openCatalog } from '@martlet/feature-store'
import { webhook } from '../../src/channel/webhook.ts'
import { deliverAlerts } from '../../src/alert/deliver-alerts.ts'
import { recordObservations } from '../../src/alert/record-observations.ts'
import { seen } from './messages.ts'

/** Records what a run observed and delivers it, as `martlet drift` does; `at` hears where it is. */
export async function alertRun(
  folder: string,
  day: number,
  alerting: boolean,
  at: (point: string) => void,
): Promise<number> {
  await using catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  await recordObservations(
    catalog,
    ['drift:usage', 'quality:usage'].map((subject) => ({
      observation: seen(subject, day, alerting),
      rules: { confirm: 1, quiet: 1, remindAfter: null },
      channels: ['ops'],
      report: null,
    })),
    () => at('before commit'),
  )
  at('recorded')
  const send = webhook.send.bind(webhook)
  const { sent } = await deliverAlerts({
    catalog,
    channels: [{ name: 'ops', send: (delivery) => send(delivery, { urlFrom: 'HOOK' }, { channel: 'ops', folder }) }],
    limits: { deliveries: 100, per: 3_600_000, digestFrom: 5 },
    actor: 'worker',
    signal: new AbortController().signal,
    redact: (text) => text,
    onEvent: ({ step }) => at(step),
  })
  return sent
}
