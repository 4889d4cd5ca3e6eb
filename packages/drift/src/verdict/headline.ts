import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { predicate } from './causes.ts'
import { levelMove } from './group-source.ts'
import { relativeWords } from './move.ts'
import type { Cause, ColumnResult, Finding, WindowResult } from './result.ts'
import { atLeast } from './severity.ts'

/** Causes that the sentence names; the report has them all. */
const NAMED = 2

/** The parts of a window that its sentence is made of. */
export type Told = Pick<WindowResult, 'findings' | 'causes' | 'columns'>

/**
 * What a window says, for somebody who does not know the columns: what happened, since when, what follows it, and whether
 * anything else did.
 */
export function headline(
  profile: Pick<ReferenceProfile, 'columns'>,
  { findings, causes, columns }: Told,
  since: (cause: Cause) => string = () => '',
): string {
  const whole = findings.filter(({ column, view, severity }) => isWhole(column, view) && atLeast(severity, 'warn'))
  const told = [
    ...whole.flatMap(({ kind, sentence }) => (kind === 'joint' ? [] : [sentence])),
    ...causes.map((cause) => causeSentence(profile, cause, columns, since(cause))),
    ...whole.flatMap(({ kind, sentence }) => (kind === 'joint' ? [sentence] : [])),
  ]
  const muted = [...findings, ...columns].some((one) => one.muted !== undefined)
  if (told.length === 0) return nothing(columns, muted)
  const shown = told.slice(0, NAMED)
  const rest = told.length - shown.length
  const also = shown.map((sentence, index) => (index === 0 ? upper(sentence) : `Also: ${sentence}`))
  const end =
    rest > 0
      ? [`${rest} more ${rest === 1 ? 'thing' : 'things'} changed.`]
      : told.length === 1 && columns.length > 1
        ? ['Nothing else changed.']
        : []
  return [...also, ...end].join(' ')
}

function isWhole(column: Finding['column'], view: Finding['view']): boolean {
  return column === null && view === undefined
}

function nothing(columns: readonly ColumnResult[], muted: boolean): string {
  const count = `${columns.length} ${columns.length === 1 ? 'column' : 'columns'}`
  const judged = columns.some(({ status }) => status === 'ok' || status === 'warn' || status === 'drift')
  if (!judged && columns.length > 0) return nothingTested(columns)
  return `No change that matters in ${count}${muted ? ', apart from what is muted' : ''}.`
}

/** What is said of a window in which no column could be compared. */
export function nothingTested(columns: readonly ColumnResult[]): string {
  return `Nothing could be said about ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}: see why below.`
}

function causeSentence(
  profile: Pick<ReferenceProfile, 'columns'>,
  cause: Cause,
  columns: readonly ColumnResult[],
  since: string,
): string {
  if (cause.fault !== undefined) return cause.sentence
  const members = columns.filter(({ name }) => cause.columns.includes(name))
  const head = columns.find(({ name }) => name === cause.head)
  const level = levelMove(profile, members, cause.source)
  const [column] = cause.source?.columns ?? []
  const bySource = level !== null && column !== undefined
  const subject = bySource ? plain(column) : cause.head
  const what = bySource ? relativeWords(level) : predicate(head ?? {})
  const followers = bySource ? members.length : members.length - 1
  const follow = followers === 1 ? 'follows' : 'follow'
  const of = `${followers} of ${columns.length} columns ${follow} it`
  return `${subject} ${what}${since}${followers > 0 ? `; ${of}` : ''}.`
}

/** A column's name as words: consumption_kwh is `consumption kwh`. */
function plain(name: string): string {
  return name.replaceAll('_', ' ')
}

/** The first letter of a sentence large, unless it begins with a name of several parts, which has to be found again. */
function upper(sentence: string): string {
  const [first = ''] = sentence.split(' ')
  return /[_.:]/.test(first) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
