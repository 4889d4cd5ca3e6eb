import { join } from 'node:path'
import { listen, serving } from '@martlet/serving'
import { loadProject } from 'martlet'
import { z } from 'zod'
import { inOrder } from '../forecast/quantile-model.ts'
import { MODELS, OUTPUT } from '../forecast/register.ts'

const answer = z.object({
  rows: z.array(z.object({ status: z.string().optional(), prediction: z.record(z.string(), z.unknown()).nullable() })),
})

/** The interval of one half-hour, kWh. */
export interface HalfHourForecast {
  /** `HH:MM` of the clock on the wall. */
  readonly begins: string
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** Serves on a free port as if it were `now`, and asks for the next 48 half-hours of a meterpoint, in their order. */
export async function askForecast(meterpoint: string, now: Date): Promise<readonly HalfHourForecast[]> {
  await using project = await loadProject(join(import.meta.dirname, '../../martlet.config.ts'))
  const app = serving({
    catalog: await project.catalog(),
    online: await project.online(),
    registry: await project.registry(),
    auth: 'none',
    now: () => BigInt(now.getTime()) * 1000n,
  })
  const server = await listen(app, { port: 0, signals: false })
  try {
    const slots = Array.from({ length: 48 }, (_, i) => (i + 1) % 48)
    const keys = slots.map((slot) => ({ meterpoint_id: meterpoint, slot }))
    const bounds: (readonly number[])[] = []
    for (const model of MODELS) {
      const response = await fetch(`${server.url}/v1/models/${model}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ keys }),
      })
      if (!response.ok) throw new Error(`predict answered ${response.status}: ${await response.text()}`)
      const { rows } = answer.parse(await response.json())
      bounds.push(rows.map(({ prediction }) => Number(prediction?.[OUTPUT] ?? Number.NaN)))
    }
    return slots.map((slot, i) => {
      const [low, middle, high] = inOrder(bounds[0]?.[i] ?? 0, bounds[1]?.[i] ?? 0, bounds[2]?.[i] ?? 0)
      const begins = `${String(Math.floor(slot / 2)).padStart(2, '0')}:${slot % 2 === 0 ? '00' : '30'}`
      return { begins, low, middle, high }
    })
  } finally {
    await server.close()
  }
}
