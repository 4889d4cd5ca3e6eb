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
} from '../profile/group-effects.ts'
import type { ColumnProfile } from '../profile/reference-profile.ts'
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
  { warehouse, rows, schema, windows, profiles }: WindowScan,
  source: OpenSource,
  usable: readonly ColumnProfile[],
): Promise<WindowWorth> {
  const { views = [], dependence, rows: referenceRows } = rows.profile
  const keys = entityColumns(schema, rows.entity ?? dependence?.entity ?? [])
  const known = dependence ?? { entity: [], time: null }
  if (keys === null ? dependence === undefined : keys.length === 0 && dependence === undefined)
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
    return scan === undefined || 'failed' in scan ? null : scan.found[window]
  }
  const worth = (effects: ColumnProfile['effects'], index: number, window: number, count: number): Dependence =>
    rowWorth({
      profile: known,
      effects: effects ?? {},
      referenceRows,
      comparedRows: profiles?.[window]?.rows ?? referenceRows,
      rows: count,
      seconds: secondsOf(windows[window]),
      ...(lengths.length === 0 ? {} : { stretches: stretches[window] ?? [] }),
      entity: entityOf(index, window),
    })
  return {
    ofColumn: (column, window, count) => worth(column.effects, usable.indexOf(column), window, count),
    ofView: (view, window, count) => worth(view.effects, usable.length + views.indexOf(view), window, count),
  }
}

function secondsOf(window: WindowScan['windows'][number] | undefined): number | null {
  return window === undefined ? null : (window.to.getTime() - window.from.getTime()) / 1000
}

/** The entity's columns as they are spelled now; null when one of them is not there. */
function entityColumns(schema: readonly ColumnSpec[], names: readonly string[]): readonly string[] | null {
  const found = names.flatMap((name) => columnNamed(schema, name)?.name ?? [])
  return found.length === names.length ? found : null
}
