import {
  runTruth,
  type DriftResult,
  type Mute,
  type PolicyOptions,
  type TimeWindow,
  type TruthRequest,
} from '@martlet/drift'
import { MartletError, type Warehouse } from '@martlet/warehouse'
import type { TruthConfig } from '../config/truth-config.ts'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'
import { chanceOfYes } from './chance-of-yes.ts'
import { lengthOf, span } from './windows-of.ts'

/** What a monitor of predictions against labels is run with. */
export interface TruthRun {
  readonly name: string
  readonly truth: TruthConfig
  readonly warehouse: Warehouse
  readonly windows: readonly TimeWindow[] | undefined
  readonly now: Date
  readonly policy: PolicyOptions
  /** @default none */
  readonly mutes?: readonly Mute[]
}

/** Runs a monitor that compares predictions with what happened. */
export async function truthOf(project: Project, run: TruthRun): Promise<DriftResult> {
  const { name, truth, warehouse, windows, now, policy, mutes = [] } = run
  if (windows === undefined)
    throw new MartletError(
      'CONFIG_INVALID',
      `Monitor ${name} compares predictions with labels window by window. Give it a \`window\` such as 7d.`,
      { data: { monitor: name } },
    )
  const { labels, every, reference, scores: _, ...rest } = truth
  const known = await labelsOf(project, labels)
  const prediction = await chanceOfYes(project, warehouse, truth, known)
  return runTruth({
    ...rest,
    ...(prediction === undefined ? {} : { prediction }),
    warehouse,
    windows,
    now,
    policy,
    mutes,
    monitor: name,
    labels: known,
    ...(every === undefined ? {} : { every: micros(every) }),
    ...(reference === undefined ? {} : { reference: span(reference) }),
  })
}

export async function labelsOf(project: Project, labels: TruthConfig['labels']): Promise<TruthRequest['labels']> {
  if (typeof labels !== 'string') {
    const { table, keys, time, value, gap, within, maturity } = labels
    return {
      table,
      time,
      value,
      within: micros(within),
      ...(keys === undefined ? {} : { keys }),
      ...(gap === undefined ? {} : { gap: micros(gap) }),
      ...(maturity === undefined ? {} : { maturity: micros(maturity) }),
    }
  }
  const known = (await project.definitions()).labels
  const step = /^(.+)_\d+$/.exec(labels)?.[1]
  if (!known.has(labels) && step !== undefined && known.has(step))
    return { label: named(known, step, 'label'), column: labels }
  return { label: named(known, labels, 'label') }
}

export function micros(length: string): number {
  return Math.round(lengthOf(length) * 1000)
}
