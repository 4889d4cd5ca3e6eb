import { createJobsClient } from '@martlet/serving/client'
import { z } from 'zod'

const predicted = z.object({ rows: z.array(z.object({ prediction: z.record(z.string(), z.unknown()).nullable() })) })

/** Asks the server for reports of customers, the second time with the same key: that is the same job. */
export async function askForReports(url: string, customers: readonly string[]): Promise<readonly string[]> {
  const jobs = createJobsClient({ url })
  const ids = new Set<string>()
  for (const customer_id of [...customers, ...customers]) {
    const asked = { kind: 'customer-report', arguments: { customer_id }, idempotencyKey: `report-${customer_id}` }
    ids.add((await jobs.submit(asked)).id)
  }
  return [...ids]
}

/** The risk of each pipeline as the server answers it, the highest first. */
export async function askForRisks(
  url: string,
  pipelines: readonly string[],
): Promise<readonly { readonly pipeline: string; readonly risk: number }[]> {
  const response = await fetch(`${url}/v1/models/run_risk/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: pipelines.map((pipeline) => ({ pipeline })) }),
  })
  if (!response.ok) throw new Error(`predict answered ${response.status}: ${await response.text()}`)
  const { rows } = predicted.parse(await response.json())
  return pipelines
    .map((pipeline, at) => ({ pipeline, risk: Number(rows[at]?.prediction?.['probability'] ?? Number.NaN) }))
    .toSorted((a, b) => b.risk - a.risk)
}
