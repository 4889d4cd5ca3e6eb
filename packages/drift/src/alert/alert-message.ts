import type { Severity } from '../verdict/result.ts'
import type { AlertEvent, AlertState } from './alert-state.ts'
import type { Observation } from './observation.ts'

/** What one change of state says, in plain words. */
export interface AlertMessage {
  /** The same in every attempt to deliver it. */
  readonly id: string
  /** `test` asks nobody to do anything. */
  readonly event: AlertEvent | 'test'
  /** `kind:name`, such as `drift:usage`. */
  readonly subject: string
  /** The same for all messages of one incident. */
  readonly incident: string
  readonly severity: Severity
  readonly status: string
  readonly title: string
  readonly sentence: string
  readonly details: readonly string[]
  /** When it began to alert, ISO 8601. */
  readonly since: string | null
  readonly at: string
  /** Where the report is; null: nobody has said where reports are served. */
  readonly report: string | null
}

/** One delivery to one channel: a message, or many of them as a digest. */
export interface AlertDelivery {
  /** The same in every attempt. */
  readonly id: string
  readonly messages: readonly AlertMessage[]
  /** Names what is open in tools that open and close incidents: the incident of one message, or the digest. */
  readonly key: string
  /** Such names that are over with this delivery. */
  readonly resolved: readonly string[]
}

/** The message about a step of a state. */
export function alertMessage(
  id: string,
  event: AlertEvent,
  state: AlertState,
  seen: Observation,
  report: string | null,
): AlertMessage {
  return {
    id,
    event,
    subject: state.subject,
    incident: incidentOf(state.subject, state.incident),
    severity: event === 'recovered' ? 'none' : seen.severity,
    status: seen.status,
    title: `${subjectWords(state.subject)} ${EVENT_WORDS[event]}`,
    sentence: seen.sentence,
    details: event === 'recovered' ? [] : seen.details,
    since: state.alertingSince,
    at: seen.at,
    report,
  }
}

/** The name of one incident of a subject, the same for everybody who is told of it. */
export function incidentOf(subject: string, incident: number): string {
  return `martlet:${subject}#${incident}`
}

const EVENT_WORDS = {
  alert: 'alerts',
  worse: 'got worse',
  reminder: 'still alerts',
  recovered: 'is quiet again',
} as const

/** `Monitor usage`, `Quality of customer_usage`. */
export function subjectWords(subject: string): string {
  const [kind = '', ...rest] = subject.split(':')
  const name = rest.join(':')
  if (kind === 'drift') return `Monitor ${name}`
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} of ${name}`
}

/** What a delivery is about, in one line. */
export function deliveryTitle({ messages }: AlertDelivery): string {
  const [only] = messages
  if (only !== undefined && messages.length === 1) return only.title
  const recovered = messages.filter(({ event }) => event === 'recovered').length
  const alerts = messages.length - recovered
  return [
    ...(alerts === 0 ? [] : [alerts === 1 ? '1 alert' : `${grouped(alerts)} alerts`]),
    ...(recovered === 0 ? [] : [recovered === 1 ? '1 recovery' : `${grouped(recovered)} recoveries`]),
  ].join(' and ')
}

/** What a delivery says, a line each, below its title; of a digest at most so many messages, the most severe first. */
export function deliveryLines({ messages }: AlertDelivery, most: number): readonly string[] {
  const [only] = messages
  if (only !== undefined && messages.length === 1)
    return [
      only.sentence,
      ...only.details.map((detail) => `- ${detail}`),
      ...(only.since === null || only.event === 'alert'
        ? []
        : [`It has been alerting since ${dayAndTime(only.since)}.`]),
    ]
  const shown = bySeverity(messages).slice(0, most)
  return [
    ...shown.map(({ title, sentence }) => `- ${title}: ${sentence}`),
    ...(messages.length > shown.length ? [`and ${grouped(messages.length - shown.length)} more`] : []),
  ]
}

/** The link of a delivery: the report of one message; a digest has those of its messages only. */
export function deliveryReport({ messages }: AlertDelivery): string | null {
  return messages.length === 1 ? (messages[0]?.report ?? null) : null
}

/** The severity of a delivery: of its most severe message. */
export function deliverySeverity({ messages }: AlertDelivery): Severity {
  return bySeverity(messages)[0]?.severity ?? 'none'
}

const RANKS: Readonly<Record<Severity, number>> = { crit: 0, warn: 1, info: 2, none: 3 }

function bySeverity(messages: readonly AlertMessage[]): readonly AlertMessage[] {
  return messages.toSorted((a, b) => RANKS[a.severity] - RANKS[b.severity])
}

function dayAndTime(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
