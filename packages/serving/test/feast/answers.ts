import { z } from 'zod'

const answer = z.strictObject({
  metadata: z.strictObject({ feature_names: z.array(z.string()) }),
  results: z.array(
    z.strictObject({
      values: z.array(z.unknown()),
      statuses: z.array(z.string()),
      event_timestamps: z.array(z.string()),
    }),
  ),
})

/** The columns of an answer by name. */
export async function columnsOf(response: Response) {
  const body: unknown = await response.json()
  if (response.status !== 200) throw new Error(`The answer is ${response.status}: ${JSON.stringify(body)}`)
  const { metadata, results } = answer.parse(body)
  if (results.length !== metadata.feature_names.length) throw new Error('There are more names than columns.')
  return Object.fromEntries(
    metadata.feature_names.map((name, index) => [
      name,
      results[index] ?? { values: [], statuses: [], event_timestamps: [] },
    ]),
  )
}

const refusal = z.strictObject({ module: z.string(), class: z.string(), message: z.string() })

/** A refusal as Feast's client reads it: JSON within a JSON string. */
export async function refusalOf(response: Response): Promise<z.infer<typeof refusal>> {
  return refusal.parse(JSON.parse(z.string().parse(await response.json())))
}
