import type { ColumnSpec } from '@martlet/warehouse'
import { INDEPENDENT, type Dependence } from '../compare/dependence.ts'
import { rowWorth } from '../compare/row-worth.ts'
import type { OpenSource } from '../count/scan-source.ts'
import { columnNamed } from '../count/spelling.ts'
import {
  cellScanOf,
  cellScanOfView,
  countStretches,
  entityEffects,
  type GroupEffect,
  type RowEffects,
} from '../profile/group-effects.ts'
import { beyondWeights, weightEffects } from '../profile/weight-effects.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import type { ViewAbsence } from '../profile/row-kind.ts'
import { columnByColumn } from './column-by-column.ts'
import type { WindowScan } from './window-evidence.ts'

/** What rows are worth in each window. */
export interface WindowWorth {
  ofColumn(column: ColumnProfile, window: number, rows: number): Dependence
  ofView(view: ViewAbsence, window: number, rows: number): Dependence
}

/** Measures how alike the rows of one entity are in each window, and adds what the reference shows of stretches of time. */
export async function windowWorth(
  { warehouse, rows, schema, windows, profiles, policy }: WindowScan,
  source: OpenSource,
  usable: readonly ColumnProfile[],
): Promise<WindowWorth> {
  const { views = [], dependence, rows: referenceRows } = rows.profile
  const keys = entityColumns(schema, rows.entity ?? dependence?.entity ?? [])
  const known = dependence ?? { entity: [], time: null }
  const learnt = policy.learnt !== 'never'
  const uneven = await weightEffects(warehouse, source, [...usable.map(cellScanOf), ...views.map(cellScanOfView)])
  const weighed =
    [...usable, ...views].some(({ effects }) => effects?.weights !== undefined) || uneven.flat().some(Boolean)
  const alone = keys === null ? dependence === undefined : keys.length === 0 && dependence === undefined
  if (alone && !weighed && !(learnt && (profiles ?? [rows.profile]).some(hasWindows)))
    return { ofColumn: () => INDEPENDENT, ofView: () => INDEPENDENT }
  const scans = [...usable.map(cellScanOf), ...views.map(cellScanOfView)]
  const scanned =
    keys === null
      ? []
      : await columnByColumn(
          scans,
          (some) => entityEffects(warehouse, source, some, keys),
          () => Promise.resolve(),
        )
  const lengths = rows.time === null || windows.length === 0 ? [] : (known.time?.seconds ?? [])
  const stretches = rows.time === null ? [] : await countStretches(warehouse, source, rows.time, lengths)
  const entityOf = (index: number, window: number): GroupEffect | null | undefined => {
    const scan = scanned[index]
    if (scan === undefined || 'failed' in scan) return null
    const found = scan.found[window]
    return found === undefined ? undefined : beyondWeights(found, uneven[index]?.[window])
  }
  const own = profiles?.map(effectsByName)
  const worth = (
    { name, effects }: { readonly name: string; readonly effects: RowEffects | undefined },
    index: number,
    window: number,
    count: number,
  ): Dependence =>
    rowWorth({
      profile: known,
      effects: comparedEffects(own?.[window]?.get(name) ?? effects, learnt, own !== undefined),
      referenceRows,
      comparedRows: profiles?.[window]?.rows ?? referenceRows,
      rows: count,
      seconds: secondsOf(windows[window]),
      ...(lengths.length === 0 ? {} : { stretches: stretches[window] ?? [] }),
      entity: entityOf(index, window),
      weights: uneven[index]?.[window],
    })
  return {
    ofColumn: (column, window, count) =>
      worth({ name: column.name, effects: column.effects }, usable.indexOf(column), window, count),
    ofView: (view, window, count) =>
      worth({ name: view.view, effects: view.effects }, usable.length + views.indexOf(view), window, count),
  }
}

/**
 * The effects that a window is compared with. What stretches of all references of a run show has their seasons in it; what the
 * window's own reference shows has not.
 */
export function comparedEffects(effects: RowEffects | undefined, learnt: boolean, own: boolean): RowEffects {
  const { windows, time, entity, weights } = effects ?? {}
  const used = learnt ? windows : undefined
  return {
    ...(weights === undefined ? {} : { weights }),
    ...(entity === undefined ? {} : { entity }),
    ...(time === undefined || (own && used !== undefined) ? {} : { time }),
    ...(used === undefined ? {} : { windows: used }),
  }
}

function hasWindows({ columns }: ReferenceProfile): boolean {
  return columns.some(({ effects }) => effects?.windows !== undefined)
}

/** Effects by the names of columns and views. */
function effectsByName({ columns, views = [] }: ReferenceProfile): ReadonlyMap<string, RowEffects | undefined> {
  return new Map([
    ...views.map(({ view, effects }) => [view, effects] as const),
    ...columns.map(({ name, effects }) => [name, effects] as const),
  ])
}

function secondsOf(window: WindowScan['windows'][number] | undefined): number | null {
  return window === undefined ? null : (window.to.getTime() - window.from.getTime()) / 1000
}

/** The entity's columns as they are spelled now; null when one of them is not there. */
function entityColumns(schema: readonly ColumnSpec[], names: readonly string[]): readonly string[] | null {
  const found = names.flatMap((name) => columnNamed(schema, name)?.name ?? [])
  return found.length === names.length ? found : null
}
