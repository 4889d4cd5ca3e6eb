import { z } from 'zod'

/** What one request took, in milliseconds. */
export interface Spent {
  /** Until its body had arrived and its model was there. */
  readonly queue: number
  /** Reading its tensors, or looking up its features. */
  readonly input: number
  /** Running the model. */
  readonly infer: number
  /** Writing the answer. */
  readonly output: number
}

/** Counts the requests of every version since the process started. */
export interface Statistics {
  succeeded(model: string, version: number, rows: number, spent: Spent): void
  failed(model: string, version: number, milliseconds: number): void
  /** Of one version; zeros when nothing asked for it. */
  of(model: string, version: number): ModelStatistics
  /** The versions of a model that were asked for. */
  versionsOf(model: string): readonly number[]
}

interface Duration {
  readonly count: number
  readonly ns: number
}

type Steps = 'compute_input' | 'compute_infer' | 'compute_output'
type Measured = 'success' | 'fail' | 'queue' | Steps | 'cache_hit' | 'cache_miss'

export interface ModelStatistics {
  readonly name: string
  readonly version: string
  /** Milliseconds since the epoch; 0: never. */
  readonly last_inference: number
  readonly inference_count: number
  readonly execution_count: number
  readonly inference_stats: Readonly<Record<Measured, Duration>>
  readonly response_stats: Readonly<Record<string, never>>
  readonly batch_stats: readonly ({ readonly batch_size: number } & Readonly<Record<Steps, Duration>>)[]
  readonly memory_usage: readonly never[]
}

class Sum {
  count = 0
  ms = 0
  add(milliseconds: number): void {
    this.count++
    this.ms += milliseconds
  }
  get duration(): Duration {
    return { count: this.count, ns: Math.round(this.ms * 1e6) }
  }
}

class Steps3 {
  readonly input: Sum = new Sum()
  readonly infer: Sum = new Sum()
  readonly output: Sum = new Sum()
  add({ input, infer, output }: Spent): void {
    this.input.add(input)
    this.infer.add(infer)
    this.output.add(output)
  }
  get durations(): Record<Steps, Duration> {
    const { input, infer, output } = this
    return { compute_input: input.duration, compute_infer: infer.duration, compute_output: output.duration }
  }
}

class VersionCounts {
  last = 0
  rows = 0
  readonly success: Sum = new Sum()
  readonly fail: Sum = new Sum()
  readonly queue: Sum = new Sum()
  readonly steps: Steps3 = new Steps3()
  /** By the rows of a request. */
  readonly batches: Map<number, Steps3> = new Map()
}

export function statistics(now: () => number = Date.now): Statistics {
  const counted = new Map<string, Map<number, VersionCounts>>()

  function of(model: string, version: number): VersionCounts {
    const versions = counted.get(model) ?? new Map<number, VersionCounts>()
    counted.set(model, versions)
    const counts = versions.get(version) ?? new VersionCounts()
    versions.set(version, counts)
    return counts
  }

  return {
    succeeded(model, version, rows, spent) {
      const counts = of(model, version)
      counts.last = now()
      counts.rows += rows
      counts.success.add(spent.queue + spent.input + spent.infer + spent.output)
      counts.queue.add(spent.queue)
      counts.steps.add(spent)
      const batch = counts.batches.get(rows) ?? new Steps3()
      counts.batches.set(rows, batch)
      batch.add(spent)
    },
    failed: (model, version, milliseconds) => of(model, version).fail.add(milliseconds),
    of: (model, version) => answerOf(model, version, counted.get(model)?.get(version) ?? new VersionCounts()),
    versionsOf: (model) => [...(counted.get(model)?.keys() ?? [])],
  }
}

function answerOf(name: string, version: number, counts: VersionCounts): ModelStatistics {
  const none: Duration = { count: 0, ns: 0 }
  return {
    name,
    version: String(version),
    last_inference: counts.last,
    inference_count: counts.rows,
    execution_count: counts.success.count,
    inference_stats: {
      success: counts.success.duration,
      fail: counts.fail.duration,
      queue: counts.queue.duration,
      ...counts.steps.durations,
      cache_hit: none,
      cache_miss: none,
    },
    response_stats: {},
    batch_stats: [...counts.batches]
      .sort(([a], [b]) => a - b)
      .map(([batch_size, steps]) => ({ batch_size, ...steps.durations })),
    memory_usage: [],
  }
}

const duration = z.strictObject({ count: z.int(), ns: z.int() })
const steps = { compute_input: duration, compute_infer: duration, compute_output: duration }

export const statisticsAnswer: z.ZodType<{ readonly model_stats: readonly ModelStatistics[] }> = z.strictObject({
  model_stats: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      last_inference: z.number().meta({ description: 'Milliseconds since the epoch; 0: never.' }),
      inference_count: z.int().meta({ description: 'Rows of successful requests.' }),
      execution_count: z.int(),
      inference_stats: z.strictObject({
        success: duration,
        fail: duration,
        queue: duration,
        ...steps,
        cache_hit: duration,
        cache_miss: duration,
      }),
      response_stats: z.strictObject({}),
      batch_stats: z.array(z.strictObject({ batch_size: z.int(), ...steps })),
      memory_usage: z.array(z.never()),
    }),
  ),
})
