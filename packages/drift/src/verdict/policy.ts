import { MartletError } from '@martlet/warehouse'
import type { Floor } from '../compare/floor.ts'
import type { DecidingMetric } from '../compare/metrics/list.ts'
import { DEFAULT_FLOORS } from '../compare/metrics/lookup.ts'

/** When a change is worth reporting. Every number can be set; the defaults are in {@link defaultPolicy}. */
export interface DriftPolicy {
  /** The accepted rate of false discoveries among the columns called changed in one window. */
  readonly alpha: number
  /** Fewer rows than this in a window are `too_few_rows`. */
  readonly minimumRows: number
  /** Practical floors of the debiased effect, one per metric that decides a kind of column, by its name. */
  readonly floors: Readonly<Record<DecidingMetric, Floor>>
  /** Floors of single columns instead of those for all, by column. */
  readonly columnFloors: Readonly<Record<string, ColumnFloors>>
  /**
   * Floors that the reference's own windows gave: used where they are above those of `floors`, instead of them, or not at
   * all.
   */
  readonly learnt: 'atLeast' | 'instead' | 'never'
  /** Change of the share of nulls, and of NaN and ±Infinity, up or down. */
  readonly nullRate: Floor
  /** Share of rows with a category that the reference does not have. */
  readonly unseen: Floor
  /** Factor by which rows per hour may grow or shrink against the reference. */
  readonly volume: Floor
  /** Factor by which the longest stretch without rows may exceed the longest of the reference. */
  readonly gap: Floor
  /** Share of the entities of the windows just before that have no row now, above what is usual. */
  readonly silent: Floor
  /** How many silent entities a report names at most: keys may be about people, and reports leave the warehouse. */
  readonly namedEntities: number
  /** Age of the newest row in hours; null: not limited. */
  readonly freshnessHours: Floor | null
  /** How long after its end an empty window is `late` rather than `no_data`, hours. */
  readonly arrivalHours: number
  /** A column alerts when it changed in `windows` of the last `of` windows; until then it is only a note. */
  readonly confirm: { readonly windows: number; readonly of: number }
  /** A monitor that alerts has recovered when so many windows in a row are quiet. */
  readonly quiet: { readonly windows: number }
  /** The severity from which the exit code is 1. */
  readonly failOn: 'warn' | 'crit'
  /** When distances are counted from rows, if the reference rows are given; `auto`: when bins leave a decision open. */
  readonly exact: 'never' | 'auto' | 'always'
  /** Whether all columns together are compared; `auto`: in the latest window, if the reference rows are given. */
  readonly joint: 'off' | 'auto'
  /** AUC of telling rows of the window from reference rows by all columns together. */
  readonly auc: Floor
}

/** Floors of one column; those that are left out are the policy's. */
export type ColumnFloors = Partial<Readonly<Record<DecidingMetric | 'nullRate' | 'unseen', Floor>>>

/** A policy in which every field may be left out. */
export type PolicyOptions = Partial<Omit<DriftPolicy, 'floors'>> & { readonly floors?: Partial<DriftPolicy['floors']> }

export const defaultPolicy: DriftPolicy = {
  alpha: 0.01,
  minimumRows: 30,
  floors: DEFAULT_FLOORS,
  columnFloors: {},
  learnt: 'atLeast',
  nullRate: { warn: 0.02, crit: 0.2 },
  unseen: { warn: 0.01, crit: 0.1 },
  volume: { warn: 2, crit: 10 },
  gap: { warn: 2, crit: 10 },
  silent: { warn: 0.01, crit: 0.1 },
  namedEntities: 0,
  freshnessHours: null,
  arrivalHours: 0,
  confirm: { windows: 1, of: 1 },
  quiet: { windows: 1 },
  failOn: 'crit',
  exact: 'auto',
  joint: 'auto',
  auc: { warn: 0.6, crit: 0.7 },
}

/** A sentence of more names is not read. */
const MOST_NAMED = 20

/**
 * Completes a policy with the defaults.
 *
 * @throws MartletError POLICY_INVALID when a number is out of its range; the message names the field
 */
export function policyFrom(options: PolicyOptions = {}): DriftPolicy {
  const policy: DriftPolicy = { ...defaultPolicy, ...options, floors: { ...defaultPolicy.floors, ...options.floors } }
  if (!(policy.alpha > 0 && policy.alpha < 1)) throw invalid('alpha', policy.alpha, 'a chance between 0 and 1')
  if (!(policy.minimumRows >= 1)) throw invalid('minimumRows', policy.minimumRows, 'at least 1')
  const { windows, of } = policy.confirm
  if (!(windows >= 1 && of >= windows))
    throw invalid('confirm', `${windows} of ${of}`, 'at least 1 window, of at least as many')
  if (!(Number.isInteger(policy.quiet.windows) && policy.quiet.windows >= 1))
    throw invalid('quiet', policy.quiet.windows, 'a whole number of at least 1 window')
  if (!(Number.isInteger(policy.namedEntities) && policy.namedEntities >= 0 && policy.namedEntities <= MOST_NAMED))
    throw invalid('namedEntities', policy.namedEntities, `a whole number from 0 to ${MOST_NAMED}`)
  const floors: [string, Floor | null][] = [
    ...Object.entries(policy.floors),
    ['nullRate', policy.nullRate],
    ['unseen', policy.unseen],
    ['volume', policy.volume],
    ['gap', policy.gap],
    ['silent', policy.silent],
    ['freshnessHours', policy.freshnessHours],
    ...Object.entries(policy.columnFloors).flatMap(([column, own]) =>
      Object.entries(own).map(([name, floor]): [string, Floor] => [`columnFloors.${column}.${name}`, floor]),
    ),
    ['auc', policy.auc],
  ]
  for (const [name, floor] of floors) {
    if (floor !== null && !(floor.warn >= 0 && floor.crit >= floor.warn))
      throw invalid(name, `warn ${floor.warn}, crit ${floor.crit}`, '0 or more, with crit not below warn')
  }
  return policy
}

/**
 * Refuses floors of columns that are not there: a misspelt name would silently keep the policy's floors.
 *
 * @throws MartletError POLICY_INVALID when `columnFloors` names another column
 */
export function checkColumnFloors({ columnFloors }: DriftPolicy, columns: readonly { readonly name: string }[]): void {
  const unknown = Object.keys(columnFloors).find((name) => columns.every((column) => column.name !== name))
  if (unknown !== undefined) throw invalid('columnFloors', unknown, 'a column of the profile')
}

/** The floors that apply to a column. */
export function floorsOf(
  policy: DriftPolicy,
  column: string,
): Readonly<Record<DecidingMetric | 'nullRate' | 'unseen', Floor>> {
  const { floors, nullRate, unseen } = policy
  return { ...floors, nullRate, unseen, ...ownFloors(policy, column) }
}

/** The floors that only this column has; a name such as `constructor` is a column like any other. */
export function ownFloors({ columnFloors }: DriftPolicy, column: string): ColumnFloors | undefined {
  return Object.hasOwn(columnFloors, column) ? columnFloors[column] : undefined
}

function invalid(field: string, value: unknown, wanted: string): MartletError {
  return new MartletError('POLICY_INVALID', `Drift policy: ${field} is ${String(value)}; it must be ${wanted}.`, {
    data: { field },
  })
}
