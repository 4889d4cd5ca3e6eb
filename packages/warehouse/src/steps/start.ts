import { tableRef } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'
import type { StepName } from './step-error.ts'
import { readState } from './step-state.ts'
import { sql } from '../sql.ts'

/** Where a run begins. */
export interface Start {
  /** The newest loadedAt that was read; null before the first row. */
  readonly watermark: bigint | null
  /** The step's last turn. */
  readonly turn: bigint
  /** Why everything is read from the beginning; null when it is not. */
  readonly restarted: string | null
}

/** Where a run begins: what was read before counts only for the same definition, and while the rows are there. */
export async function startOf(
  run: { readonly session: Warehouse; readonly step: StepName; readonly definition: string },
  into: string,
  restart: boolean,
): Promise<Start> {
  const state = await readState(run.session, run.step)
  const turn = state?.turn ?? 0n
  const anew = (restarted: string | null): Start => ({ watermark: null, turn, restarted })
  if (state === undefined || state.watermark === null) return anew(null)
  if (restart) return anew('as asked')
  if (state.definition !== run.definition) return anew('its definition has changed')
  const { rows } = await run.session.read(sql`SELECT 1 AS found FROM ${tableRef(into)} LIMIT 1`)
  if (rows === 0) return anew(`${into} is empty`)
  return { watermark: state.watermark, turn, restarted: null }
}
