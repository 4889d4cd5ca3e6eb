import { z } from 'zod'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A schema as plain JSON Schema, without the address of its dialect. */
export function jsonSchema(schema: z.ZodType): Json {
  const { $schema: _, ...rest }: { readonly [key: string]: Json | undefined } = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io: 'output' })),
  )
  return rest
}
