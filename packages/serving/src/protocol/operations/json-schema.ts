import { z } from 'zod'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * A schema as plain JSON Schema, without the address of its dialect.
 *
 * @param io of what is read, unknown fields may be there unless they are refused; of what is written, they are not
 */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest }: { readonly [key: string]: Json | undefined } = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { io })),
  )
  return rest
}
