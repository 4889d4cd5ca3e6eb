import { join } from 'node:path'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { EXAMPLE } from './commands.ts'

const answer = z.object({ rows: z.array(z.object({ prediction: z.record(z.string(), z.unknown()).nullable() })) })

export interface Compared {
  readonly rows: number
  readonly different: number
}

/** The table that `martlet score` wrote, row for row against what the server predicts for the same vehicles now. */
export async function sameScores(url: string, model: string, table: string): Promise<Compared> {
  await using project = await loadProject(join(EXAMPLE, 'martlet.config.ts'))
  const warehouse = await project.warehouse()
  const scores = rowsOf<{ vehicle_id: string; probability: number | null }>(
    await warehouse.read(sql`SELECT vehicle_id, probability FROM ${sql.ref(table)} ORDER BY vehicle_id`),
  )
  const response = await fetch(`${url}/v1/models/${model}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: scores.map(({ vehicle_id }) => ({ vehicle_id })) }),
  })
  if (!response.ok) throw new Error(`predict answered ${response.status}: ${await response.text()}`)
  const { rows } = answer.parse(await response.json())
  const different = scores.filter(
    ({ probability }, row) => (rows[row]?.prediction?.['probability'] ?? null) !== probability,
  )
  return { rows: scores.length, different: different.length }
}
