import type { Cause, DriftResult, Finding, FindingKind, WindowResult } from '../verdict/result.ts'
import { atLeast } from '../verdict/severity.ts'
import { wasEvaluated } from './words.ts'

/** Actions that a person reads; what comes later is rarely needed. */
const MOST = 4
/** From so many alerting windows in a row on, a change is not a passing one. */
const LASTING = 3

/** What to do about a result, the most urgent first; empty when nothing needs a person. */
export function actionsFor(result: DriftResult): readonly string[] {
  const latest = result.windows.at(-1)
  if (latest === undefined) return ['Give the monitor a window: none was evaluated.']
  const urgent = latest.findings.filter(({ severity }) => atLeast(severity, 'warn'))
  const about = FAULTS.flatMap(({ kinds, action }) => {
    const found = urgent.filter(({ kind }) => kinds.includes(kind))
    return found.length === 0 ? [] : [action(found)]
  })
  return [
    ...about,
    ...aboutStatus(latest, result),
    ...aboutCauses(latest.causes.filter(({ fault }) => fault === undefined)),
    ...aboutLasting(result),
  ].slice(0, MOST)
}

interface Fault {
  readonly kinds: readonly FindingKind[]
  readonly action: (found: readonly Finding[]) => string
}

/** In the order in which faults explain one another: rows that did not come explain nulls, nulls explain drift. */
const FAULTS: readonly Fault[] = [
  {
    kinds: ['missingColumn', 'typeChange', 'uncountable', 'extraColumn'],
    action: (found) => `Compare the columns of the source with those of the reference: ${named(found)}.`,
  },
  {
    kinds: ['rejectedLines'],
    action: () => 'Find out what writes broken lines into the log, and remove them or leave their files out.',
  },
  {
    kinds: ['leftOutRows'],
    action: () => 'Find out what writes rows without a usable weight: they are in no figure of this report.',
  },
  { kinds: ['freshness', 'noRows'], action: () => 'Check whether the load ran: new rows are missing.' },
  {
    kinds: ['silentEntities'],
    action: () => 'Find out why entities no longer send rows: they had some until shortly before.',
  },
  { kinds: ['volume'], action: () => 'Check whether rows were loaded twice or left out: the number of rows jumped.' },
  {
    kinds: ['gap'],
    action: () => 'Find out what stopped: no rows came for longer than ever in the reference.',
  },
  {
    kinds: ['absentRows'],
    action: () => 'Find out why entities no longer have a row: a key may have changed, or a table may be loaded late.',
  },
  {
    kinds: ['nullRate', 'nonFiniteRate'],
    action: (found) => {
      const several = found.length > 1
      if (found.every(({ reference, current }) => (current ?? 0) < (reference ?? 0))) {
        const columns = several ? `${found.length} columns (${named(found)})` : named(found)
        return `Find out where the values of ${columns} come from now: they were missing in the reference.`
      }
      return several
        ? `Find out why values are missing in ${found.length} columns (${named(found)}): one cause is likely.`
        : `Find out why values are missing in ${named(found)}, before you look at its distribution.`
    },
  },
  {
    kinds: ['unseen', 'highCardinality'],
    action: (found) => `Decide whether the new values in ${named(found)} are real; the model has never seen them.`,
  },
  {
    kinds: ['sentinel', 'future'],
    action: (found) =>
      `Find out what writes the dates of ${named(found)}: unknown ones may be filled in, or a clock or time zone is wrong.`,
  },
  {
    kinds: ['calendar'],
    action: (found) =>
      `Check how ${named(found)} ${found.length === 1 ? 'is' : 'are'} computed: the calendar says otherwise.`,
  },
  {
    kinds: ['joint'],
    action: () => 'Look at columns together, not one by one: a join or a formula between them may have changed.',
  },
  {
    kinds: ['performance', 'baseline'],
    action: () => 'Train again, or go back to a better version: predictions got worse.',
  },
  {
    kinds: ['parity'],
    action: (found) => {
      const features = found.filter(({ column }) => column !== null)
      const be = features.length === 1 ? 'is' : 'are'
      return `Find out why ${named(features)} ${be} served otherwise than defined, before you look at the model.`
    },
  },
  {
    kinds: ['estimatedPerformance'],
    action: () => 'Get labels of these rows as soon as you can: predictions have probably got worse.',
  },
  {
    kinds: ['missingLabels'],
    action: () => 'Find out why labels are missing: performance is measured on the others only.',
  },
  {
    kinds: ['season', 'reference'],
    action: () => 'Store a profile of a longer time: the reference has nothing like this window.',
  },
]

/** One or two columns by name. */
function named(found: readonly Finding[]): string {
  const names = found.flatMap(({ column }) => (column === null ? [] : [column]))
  return names.length <= 2 ? names.join(' and ') : `${names[0]} first`
}

function aboutStatus({ status, rows, performance }: WindowResult, { policy }: DriftResult): readonly string[] {
  if (wasEvaluated(status)) return []
  switch (status) {
    case 'late':
      return ['Wait: the window may still fill.']
    case 'no_data':
      return ['Check whether the load ran: the window has no rows.']
    case 'too_few_rows':
      return [
        `Make the window longer: it has ${performance?.coverage.labelled ?? rows} of the ${policy.minimumRows} rows that are needed.`,
      ]
    default:
      return ['Find out why no column could be evaluated: each says so below.']
  }
}

function aboutCauses([first, ...others]: readonly Cause[]): readonly string[] {
  if (first === undefined) return []
  const { source, head, columns } = first
  const together = columns.length === 1 ? 'it' : `${columns.length} columns`
  const look =
    source === null
      ? columns.length === 1
        ? `Look at ${head}: it moved furthest.`
        : `Look at ${head}: ${columns.length - 1} other ${columns.length === 2 ? 'column' : 'columns'} moved with it.`
      : `Look at ${sourceWords(source)}: ${together} ${columns.length === 1 ? 'is' : 'are'} computed from it.`
  if (others.length === 0) return [look]
  const rest = others.length === 1 ? `then at ${others[0]?.head}` : `then at the other ${others.length} causes`
  return [`${look.slice(0, -1)}; ${rest}.`]
}

function sourceWords({ table, columns }: NonNullable<Cause['source']>): string {
  const [only] = columns
  return columns.length === 1 && only !== undefined ? `${table}.${only}` : table
}

function aboutLasting({ since, windows }: DriftResult): readonly string[] {
  const changed = (windows.at(-1)?.causes ?? []).length > 0
  if (since === null || !changed) return []
  const alerting = windows.filter(({ from }) => from !== null && from >= since).length
  return alerting < LASTING
    ? []
    : [
        `If the change is real, it has come to stay (${alerting} windows): train on newer rows and store their profile as the reference.`,
      ]
}
