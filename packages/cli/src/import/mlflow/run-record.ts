import { z } from 'zod'
import type { MlflowServer } from './mlflow-server.ts'

/** What a training run recorded. */
export interface RunRecord {
  /** The last value of each metric. */
  readonly metrics: Readonly<Record<string, number>>
  readonly params: Readonly<Record<string, string>>
}

/** NaN and the infinities are texts in MLflow's JSON. */
const number = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)])
const pairs = <T extends z.ZodType>(value: T) => z.array(z.object({ key: z.string(), value })).default([])
const answer = z.object({
  run: z.object({ data: z.object({ metrics: pairs(number), params: pairs(z.string()) }).prefault({}) }),
})

/**
 * Reads the metrics and parameters of a run.
 *
 * @throws MartletError MLFLOW_REFUSED when the server does not have it
 */
export async function runRecord(server: MlflowServer, runId: string): Promise<RunRecord> {
  const { run } = await server.json('/api/2.0/mlflow/runs/get', { run_id: runId }, answer)
  const { metrics, params } = run.data
  return {
    metrics: Object.fromEntries(metrics.map(({ key, value }) => [key, value])),
    params: Object.fromEntries(params.map(({ key, value }) => [key, value])),
  }
}
