import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { sourceOf } from './group-source.ts'
import { viewOf, type Relations } from './relations.ts'
import type { Cause, ColumnResult, Finding, FindingKind } from './result.ts'
import { atLeast, worst } from './severity.ts'
import { percent } from './wording.ts'

/** Kinds of findings that say that something is wrong with columns, the ones that explain most first. */
const FAULTS: readonly FindingKind[] = [
  'missingColumn',
  'typeChange',
  'uncountable',
  'absentRows',
  'nullRate',
  'nonFiniteRate',
  'unseen',
  'sentinel',
  'future',
]
/** Faults that are told one by one: their sentences name values. */
const ALONE: readonly FindingKind[] = ['unseen', 'sentinel', 'future']
/** Shares of nulls this close to each other are taken for the same rows. */
const SAME_RATE = 0.01

/** Findings of one kind that belong together. */
interface Fault {
  readonly kind: FindingKind
  readonly view: string | null
  readonly findings: readonly Finding[]
  /** The columns that it is about. */
  readonly columns: readonly string[]
}

/** The faults of a window, each with the changed columns that it explains. A column follows the first fault that explains it. */
export function faultCauses(
  profile: Pick<ReferenceProfile, 'columns'>,
  relations: Relations,
  findings: readonly Finding[],
  changed: readonly ColumnResult[],
): readonly Cause[] {
  const taken = new Set<string>()
  return faultsOf(profile, findings).map((fault): Cause => {
    const followers = changed.filter((column) => !taken.has(column.name) && explains(fault, column, relations))
    for (const { name } of followers) taken.add(name)
    const columns = [...new Set([...fault.columns, ...followers.map(({ name }) => name)])]
    return {
      sentence: `${faultWords(fault)}${followWords(followers.length)}.`,
      severity: worst([...fault.findings, ...followers].map(({ severity }) => severity)),
      fault: fault.kind,
      head: fault.columns[0] ?? '',
      // A changed column that is larger than its fault explains is in a group of its own.
      columns: columns.filter(
        (name) => followers.some((one) => one.name === name) || changed.every((one) => one.name !== name),
      ),
      share: changed.length === 0 ? 0 : followers.length / changed.length,
      source: sourceOf(profile, fault.columns),
    }
  })
}

function faultsOf(profile: Pick<ReferenceProfile, 'columns'>, findings: readonly Finding[]): readonly Fault[] {
  const urgent = findings.filter(({ severity, kind }) => atLeast(severity, 'warn') && FAULTS.includes(kind))
  const faults: Fault[] = []
  for (const finding of urgent.toSorted((a, b) => FAULTS.indexOf(a.kind) - FAULTS.indexOf(b.kind))) {
    const { kind, column } = finding
    const view = finding.view ?? (column === null ? null : viewOf(column))
    const columns =
      column === null ? profile.columns.flatMap(({ name }) => (viewOf(name) === view ? [name] : [])) : [column]
    const same = faults.findIndex(
      (fault) => !ALONE.includes(kind) && fault.kind === kind && together(fault, view, finding),
    )
    const known = faults[same]
    if (known === undefined) faults.push({ kind, view, findings: [finding], columns })
    else faults[same] = { ...known, findings: [...known.findings, finding], columns: [...known.columns, ...columns] }
  }
  return faults
}

/** Whether a finding is about the same rows as a fault: of the same view, at the same rates. */
function together(fault: Fault, view: string | null, { reference, current }: Finding): boolean {
  const [first] = fault.findings
  const close = (a: number | null, b: number | null): boolean => Math.abs((a ?? 0) - (b ?? 0)) <= SAME_RATE
  return (
    first !== undefined && fault.view === view && close(first.current, current) && close(first.reference, reference)
  )
}

/**
 * Whether a fault explains that a column changed: one of its own or of the same lineage, by no more than leaving out that share of
 * the rows can make.
 */
function explains(fault: Fault, column: ColumnResult, { sameLineage }: Relations): boolean {
  const own = fault.columns.includes(column.name)
  const follows = fault.kind !== 'unseen' && fault.columns.some((name) => sameLineage(name, column.name))
  return (own || follows) && sizeOf(column) <= largestChange(fault)
}

/** Of a sample without a share a of its rows, cumulative shares and shares of categories differ by at most a. */
function largestChange({ findings: [finding] }: Fault): number {
  const [from, to] = [finding?.reference ?? 0, finding?.current ?? 1]
  const kept = 1 - Math.min(from, to)
  return kept > 0 ? Math.abs(to - from) / kept : 1
}

function sizeOf({ metrics }: ColumnResult): number {
  const gap = metrics.find(({ metric }) => metric === 'ks') ?? metrics.find(({ metric }) => metric === 'totalVariation')
  return gap?.effect ?? gap?.value ?? 1
}

function faultWords({ kind, view, findings: [finding], columns }: Fault): string {
  const sentence = (finding?.sentence ?? '').replace(/\.$/, '')
  const rows = `${percent(finding?.current ?? 0)} of rows`
  const before = `(${percent(finding?.reference ?? 0)} in the reference)`
  if (kind === 'absentRows') return `${rows} have no value of view ${view} ${before}`
  if (columns.length === 1) return sentence
  const of = view === null ? `${columns.length} columns` : `${columns.length} columns of view ${view}`
  switch (kind) {
    case 'nullRate':
      return `${rows} have no value in ${of} ${before}`
    case 'nonFiniteRate':
      return `${rows} are NaN or infinite in ${of} ${before}`
    case 'missingColumn':
      return `${of} are missing: ${columns.join(', ')}`
    case 'typeChange':
      return `${of} changed their type: ${columns.join(', ')}`
    default:
      return `${of} cannot be evaluated: ${columns.join(', ')}`
  }
}

function followWords(followers: number): string {
  return followers === 0 ? '' : `: ${followers} changed ${followers === 1 ? 'column follows' : 'columns follow'}`
}
