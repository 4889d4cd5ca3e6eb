import { z } from 'zod'

const cell = z.union([z.string(), z.number(), z.null()])
/** Answers by output, one entry a row: a value, or one a column. Null is NaN. */
const answers = z.record(z.string(), z.array(z.union([cell, z.boolean(), z.array(z.union([cell, z.boolean()]))])))
const golden = z.union([z.string(), z.number()])

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
    outputs: z.record(z.string(), z.array(z.union([golden, z.boolean(), z.array(golden)]))),
    tolerance: z.object({ absolute: z.number(), relative: z.number() }),
  }),
  /** Of outputs that are maps in Python. */
  labels: z.record(z.string(), z.array(golden)),
  library: answers,
  /** Null: onnxruntime in Python cannot open the file. */
  onnxruntime: answers.nullable(),
})

export type ZooModel = z.infer<typeof zooModel>
export type Answers = z.infer<typeof answers>
