import { join } from 'node:path'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { EXAMPLE } from './commands.ts'

const answer = z.object({ rows: z.array(z.object({ prediction: z.record(z.string(), z.unknown()).nullable() })) })

type Planned = {
  readonly vehicle_id: string
  readonly route_id: string
  readonly customer_id: string
  readonly weight_kg: number
  readonly picked_up_at: Date
  readonly promised_at: Date
  readonly delay_minutes: number
}

export interface Predicted {
  readonly shipments: number
  /** Mean distance from the minutes that they were late by. */
  readonly mae: number
  /** The same, had every one been predicted to be on time. */
  readonly onTime: number
}

/** Asks the server how late the newest shipments would be, as a dispatcher does before they leave. */
export async function predictDelays(url: string, most: number): Promise<Predicted> {
  await using project = await loadProject(join(EXAMPLE, 'martlet.config.ts'))
  const warehouse = await project.warehouse()
  const planned = rowsOf<Planned>(
    await warehouse.read(sql`
      SELECT vehicle_id, route_id, customer_id, weight_kg, picked_up_at, promised_at, delay_minutes
      FROM mart.fact_delivery
      WHERE picked_up_at < delivered_at AND promised_at IS NOT NULL AND weight_kg IS NOT NULL
      ORDER BY picked_up_at DESC, shipment_id
      LIMIT ${sql.lit(most)}
    `),
  )
  const response = await fetch(`${url}/v1/models/delivery_delay/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      keys: planned.map(({ vehicle_id, route_id, customer_id }) => ({ vehicle_id, route_id, customer_id })),
      request: planned.map(({ weight_kg, picked_up_at, promised_at }) => ({
        planned_load_kg: weight_kg,
        planned_departure: picked_up_at,
        promised_at,
      })),
    }),
  })
  if (!response.ok) throw new Error(`predict answered ${response.status}: ${await response.text()}`)
  const { rows } = answer.parse(await response.json())
  const pairs = planned.flatMap(({ delay_minutes }, row) => {
    const given = rows[row]?.prediction?.['minutes']
    return given === undefined || given === null ? [] : [[delay_minutes, Number(given)] as const]
  })
  const mean = (of: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length
  return {
    shipments: pairs.length,
    mae: mean(([late, predicted]) => Math.abs(late - predicted)),
    onTime: mean(([late]) => Math.abs(late)),
  }
}
