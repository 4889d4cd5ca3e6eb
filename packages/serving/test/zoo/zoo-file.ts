import { z } from 'zod'

const cell = z.union([z.string(), z.number(), z.null()])
/** What an output has for a row: a value, an array of columns, or arrays in arrays. Null is NaN. */
export type Answer = string | number | boolean | null | readonly Answer[]
export const answer: z.ZodType<Answer> = z.lazy(() => z.union([cell, z.boolean(), z.array(answer)]))
/** Answers by output, one entry a row. */
const answers = z.record(z.string(), z.array(answer))
type Golden = string | number | boolean | readonly Golden[]
const golden: z.ZodType<Golden> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null().transform(() => Number.NaN), z.array(golden)]),
)
const labels = z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])))

/** What make_zoo.py writes of a model. */
export const zooModel = z.object({
  name: z.string(),
  fields: z.array(z.object({ name: z.string(), type: z.enum(['double', 'bigint', 'text']), nullable: z.boolean() })),
  mapping: z
    .record(
      z.string(),
      z.union([z.string(), z.object({ input: z.string(), nullAs: z.union([z.string(), z.number()]) })]),
    )
    .nullable(),
  rows: z.array(z.array(cell)),
  golden: z.object({
    inputs: z.array(z.array(cell)),
    outputs: z.record(z.string(), z.array(golden)),
    tolerance: z.object({ absolute: z.number(), relative: z.number() }),
  }),
  /** Of outputs that are maps in Python. */
  labels,
  /** The classes of the library, by output: what is served beside probabilities must be these. */
  classes: labels,
  /** How near the file is to the library. */
  near: z.number(),
  library: answers,
  /** Null: onnxruntime in Python cannot open the file. */
  onnxruntime: answers.nullable(),
})

export type ZooModel = z.infer<typeof zooModel>
export type Answers = z.infer<typeof answers>
