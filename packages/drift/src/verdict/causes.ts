import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { faultCauses } from './fault-causes.ts'
import { levelMove, sourceOf, sourceWords } from './group-source.ts'
import { relativeWords } from './move.ts'
import { relationsOf, type Relations } from './relations.ts'
import type { Cause, ColumnResult, Finding } from './result.ts'
import { atLeast, worst } from './severity.ts'

/**
 * What happened in a window: faults of the data with the changes that they explain, then the other columns that changed, in
 * groups of those that belong together by their lineage or their correlation in the reference.
 */
export function causesOf(
  profile: Pick<ReferenceProfile, 'columns' | 'correlation'>,
  findings: readonly Finding[],
  columns: readonly ColumnResult[],
): readonly Cause[] {
  const changed = columns
    .filter(({ severity }) => atLeast(severity, 'warn'))
    .toSorted((a, b) => (b.excess ?? 0) - (a.excess ?? 0))
  const relations = relationsOf(profile)
  const faults = faultCauses(profile, relations, findings, changed)
  const explained = new Set(faults.flatMap((fault) => fault.columns))
  const moved = groups(
    changed.filter(({ name }) => !explained.has(name)),
    relations,
  ).map((group) => movedCause(profile, group, changed.length))
  return [...faults, ...bySeverity(moved)]
}

/** Each column that no larger one took with it becomes the head of a group. */
function groups(changed: readonly ColumnResult[], { related }: Relations): readonly (readonly ColumnResult[])[] {
  const found: ColumnResult[][] = []
  for (const column of changed) {
    const group = found.find(([head]) => head !== undefined && related(head.name, column.name))
    if (group === undefined) found.push([column])
    else group.push(column)
  }
  return found
}

function movedCause(
  profile: Pick<ReferenceProfile, 'columns'>,
  group: readonly ColumnResult[],
  changed: number,
): Cause {
  const [head] = group
  if (head === undefined) throw new Error('a group has a column')
  const names = group.map(({ name }) => name)
  const source = sourceOf(profile, names)
  return {
    sentence: `${sentenceOf(group, head, source, levelMove(profile, group, source))}.`,
    severity: worst(group.map(({ severity }) => severity)),
    head: head.name,
    columns: names,
    share: group.length / changed,
    source,
  }
}

function sentenceOf(
  group: readonly ColumnResult[],
  head: ColumnResult,
  source: Cause['source'],
  level: number | null,
): string {
  const own = `${head.name} ${head.move?.words ?? 'changed'}`
  if (group.length === 1) return own
  if (source === null)
    return `${count(group.length - 1)} ${follows(group.length - 1)} ${head.name}, which ${predicate(head)}`
  const from = sourceWords(source)
  if (level !== null) return `${count(group.length)} follow ${from}, which ${relativeWords(level)}`
  return `${count(group.length)} follow ${from}; ${own}, the most`
}

export function predicate({ move }: Pick<ColumnResult, 'move'>): string {
  return move?.words ?? 'changed'
}

export function follows(columns: number): string {
  return columns === 1 ? 'follows' : 'follow'
}

function count(columns: number): string {
  return `${columns} ${columns === 1 ? 'column' : 'columns'}`
}

function bySeverity(causes: readonly Cause[]): readonly Cause[] {
  return causes.toSorted((a, b) => Number(atLeast(b.severity, a.severity)) - Number(atLeast(a.severity, b.severity)))
}
