import type { AlertDelivery, AlertRules, Observation } from '@martlet/drift'
import { defaultActor } from '@martlet/feature-store'
import type { AlertsConfig, ChannelConfig } from '../config/alerts-config.ts'
import type { MartletConfig } from '../config/martlet-config.ts'
import type { Project } from '../project/project.ts'
import { redactor } from '../schedule/redact.ts'
import { millisOf } from '../length-of-time.ts'
import { counted } from '../terminal/words.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { AlertChannel, ChannelPlace } from '../channel/channel.ts'
import * as channelKinds from '../channel/list.ts'
import { deliverAlerts, type Delivered, type DeliveryEvent, type OpenChannel } from './deliver-alerts.ts'
import type { DeliveryLimits } from './outbox.ts'
import { recordObservations, type Watched } from './record-observations.ts'

/** Whether anything of a kind is told to anybody. */
export function tells({ alerts }: MartletConfig, kind: 'quality' | 'freshness'): boolean {
  return (alerts?.[kind] ?? []).length > 0
}

/**
 * Records what a command observed, and delivers what follows from it, and what waited. It never changes what the
 * command answers otherwise: what cannot be delivered waits, and is said.
 */
export async function alertOf(
  project: Project,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
  observations: readonly Observation[],
): Promise<Delivered> {
  const { config } = project
  const watched = observations.map((observation) => watchedOf(config, observation))
  const open = openChannels(project)
  if (watched.length === 0 && open.length === 0) return { sent: 0, failed: 0, waiting: 0 }
  const catalog = await project.catalog()
  await recordObservations(catalog, watched)
  return deliverAlerts({
    catalog,
    channels: open,
    limits: limitsOf(config.alerts),
    actor: defaultActor(),
    signal,
    redact: redactor(config),
    onEvent: (event) => tellOf(event, terminal),
  })
}

/** The channels of the configuration, in its order. */
export function openChannels({ config, folder }: Pick<Project, 'config' | 'folder'>): readonly OpenChannel[] {
  return Object.entries(config.alerts?.channels ?? {}).map(([name, given]) => ({
    name,
    send: (delivery) => sendThrough(given, delivery, { channel: name, folder }),
  }))
}

const kinds: Readonly<Record<string, AlertChannel<string, never>>> = channelKinds

async function sendThrough(given: ChannelConfig, delivery: AlertDelivery, place: ChannelPlace): Promise<string | void> {
  for (const [kind, config] of Object.entries(given))
    // The schema has checked that the value is one of this kind.
    if (config !== undefined) return kinds[kind]?.send(delivery, config as never, place)
}

/** Who is told of a subject, and when. */
function watchedOf({ alerts, monitors = [] }: MartletConfig, observation: Observation): Watched {
  const [kind, name = ''] = observation.subject.split(/:(.*)/s)
  const monitor = kind === 'drift' ? monitors.find((one) => one.name === name) : undefined
  const rules: AlertRules = {
    confirm: 1,
    quiet: monitor?.policy?.quiet?.windows ?? 1,
    remindAfter: alerts?.remindAfter === undefined ? null : millisOf(alerts.remindAfter),
  }
  const told =
    kind === 'drift' ? monitor?.alert : kind === 'quality' || kind === 'freshness' ? alerts?.[kind] : undefined
  const report = monitor === undefined || alerts?.reportUrl === undefined ? null : reportLink(alerts.reportUrl, name)
  return { observation, rules, channels: told ?? [], report }
}

/** The page of a monitor in the folder that a URL names; what the URL asks for, such as a token, stays. */
function reportLink(folder: string, monitor: string): string {
  const url = new URL(folder)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encodeURIComponent(monitor)}.html`
  return url.href
}

export function rateLimitOf(alerts: AlertsConfig | undefined): NonNullable<AlertsConfig['rateLimit']> {
  return alerts?.rateLimit ?? { deliveries: 20, per: '1h' }
}

export function limitsOf(alerts: AlertsConfig | undefined): DeliveryLimits {
  const { deliveries, per } = rateLimitOf(alerts)
  return { deliveries, per: millisOf(per), digestFrom: alerts?.digestFrom ?? 5 }
}

function tellOf(event: DeliveryEvent, terminal: Terminal): void {
  if (event.step !== 'sent' && event.step !== 'failed') return
  terminal.event(event)
  const what = event.messages === 1 ? event.title : `${counted(event.messages, 'message')} as one`
  terminal.note(
    event.step === 'sent'
      ? `alert to ${event.channel}: ${what}${event.error === null ? '' : ` (${event.error})`}`
      : `alert to ${event.channel} could not be delivered and waits: ${event.error}`,
  )
}
