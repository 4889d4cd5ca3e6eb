import { randomUUID } from 'node:crypto'
import type { AlertDelivery, AlertMessage } from '@martlet/drift'
import type { AlertOutboxTable, Catalog } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import { isLimited } from '../alert/outbox.ts'
import { alertOf, limitsOf, openChannels, rateLimitOf } from '../alert/project-alerts.ts'
import { suggestion } from '../config/suggestion.ts'
import type { Project } from '../project/project.ts'
import { redactor } from '../schedule/redact.ts'
import type { Outcome } from '../terminal/outcome.ts'
import { table } from '../terminal/table.ts'
import { counted, instantWords } from '../terminal/words.ts'
import type { CommandContext, GlobalOptions } from './run-command.ts'

export interface AlertsOptions extends GlobalOptions {
  readonly limit?: string
}

/** Why a message waits: for the next attempt, the rate limit, a channel that is configured, or the next command. */
type WaitsFor = 'retry' | 'rateLimit' | 'channel' | 'delivery'

/** The newest messages, and what became of them. */
export async function alertsCommand(context: CommandContext, options: AlertsOptions): Promise<Outcome> {
  const limit = Number(options.limit ?? 20)
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new MartletError('USAGE', `--limit ${options.limit} is not a number of messages.`)
  const project = await context.project()
  const { db } = await project.catalog()
  const rows = await db
    .selectFrom('alert_outbox')
    .selectAll()
    .orderBy('created_at', (order) => order.desc().nullsLast())
    .orderBy('id')
    .limit(limit)
    .execute()
  const limited = await limitedChannels(project, db)
  const channels = Object.keys(project.config.alerts?.channels ?? {})
  const waitsFor = ({ state, attempts, channel }: AlertOutboxTable): WaitsFor | null => {
    if (state !== 'waiting') return null
    if (!channels.includes(channel)) return 'channel'
    if (attempts > 0) return 'retry'
    return limited.has(channel) ? 'rateLimit' : 'delivery'
  }
  const alerts = rows.map((row) => {
    const { title, sentence } = JSON.parse(row.message) as AlertMessage
    const { id, channel, subject, event, state, attempts, error } = row
    const times = { createdAt: row.created_at, sentAt: row.sent_at, notBefore: row.not_before }
    return {
      id,
      channel,
      subject,
      event,
      title,
      sentence,
      state,
      waitsFor: waitsFor(row),
      attempts,
      error,
      delivery: row.batch,
      ...times,
    }
  })
  const { paint, width } = context.terminal
  const columns = [{ title: 'when' }, { title: 'channel' }, { title: 'message' }, { title: 'delivery' }]
  const { deliveries, per } = rateLimitOf(project.config.alerts)
  const reasons = { rateLimit: `rate limit of ${deliveries} in ${per}`, channel: 'no such channel in alerts.channels' }
  const lines = alerts.map(({ createdAt, channel, title, state, waitsFor: reason, error }) => {
    const why = reason === 'rateLimit' || reason === 'channel' ? reasons[reason] : error
    return [instantWords(createdAt.slice(0, 19)), channel, title, why === null ? state : `${state}: ${why}`]
  })
  return { exitCode: 0, data: { alerts }, text: lines.length === 0 ? 'no alerts' : table(columns, lines, paint, width) }
}

/** Channels of the configuration that have had all deliveries that they may have for now. */
async function limitedChannels({ config }: Project, db: Catalog['db']): Promise<ReadonlySet<string>> {
  const limits = limitsOf(config.alerts)
  const names = Object.keys(config.alerts?.channels ?? {})
  const reached = await Promise.all(names.map((name) => isLimited(db, name, limits)))
  return new Set(names.filter((_, at) => reached[at]))
}

/** Delivers what waits. */
export async function sendAlerts(context: CommandContext): Promise<Outcome> {
  const { sent, failed, waiting } = await alertOf(await context.project(), context, [])
  const text = `deliveries: ${sent} sent, ${failed} failed; ${counted(waiting, 'message')} waiting`
  return { exitCode: failed > 0 ? 1 : 0, data: { sent, failed, waiting }, text }
}

/** Sends a message that says that it is a test, past the outbox. */
export async function testAlert(context: CommandContext, name: string): Promise<Outcome> {
  const project = await context.project()
  const channels = openChannels(project)
  const channel = channels.find((one) => one.name === name)
  if (channel === undefined)
    throw new MartletError(
      'CHANNEL_UNKNOWN',
      `There is no channel called ${name} among alerts.channels. ${suggestion(
        name,
        channels.map((one) => one.name),
        'channels',
      )}`,
      { data: { name } },
    )
  let remark: string | void
  try {
    remark = await channel.send(testDelivery())
  } catch (error) {
    const why = redactor(project.config)(error instanceof Error ? error.message : String(error))
    throw new MartletError(
      'ALERT_NOT_DELIVERED',
      `The test message to ${name} was not delivered: ${why.replace(/\.$/, '')}.`,
      {
        data: { channel: name },
      },
    )
  }
  const text = `sent to ${name}${remark === undefined ? '' : `: ${remark}`}`
  return { exitCode: 0, data: { channel: name, remark: remark ?? null }, text }
}

function testDelivery(): AlertDelivery {
  const id = randomUUID()
  const incident = `martlet:test#${id}`
  const message: AlertMessage = {
    id,
    event: 'test',
    subject: 'test',
    incident,
    severity: 'info',
    status: 'test',
    title: 'Test of an alert channel',
    sentence: 'If you read this, alerts arrive here. There is nothing to do.',
    details: [],
    since: null,
    at: new Date().toISOString(),
    report: null,
  }
  return { id, messages: [message], key: incident, resolved: [] }
}
