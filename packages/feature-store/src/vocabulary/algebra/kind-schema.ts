import { z } from 'zod'

interface StoredKind {
  readonly kind: string
  readonly fields: Readonly<Record<string, z.ZodType>>
}

/** The schema of a stored plan of any of these kinds: its own fields, and those that every kind has. */
export function kindSchema<Plan extends { readonly kind: string }>(
  kinds: readonly StoredKind[],
  every: Readonly<Record<string, z.ZodType>>,
): z.ZodType<Plan> {
  const schemas = kinds.map(({ kind, fields }) => z.looseObject({ kind: z.literal(kind), ...every, ...fields }))
  const [first, ...rest] = schemas
  if (first === undefined) throw new Error('there is no kind')
  // What `fields` describe is what the kind's own functions take: the list is the only place where both meet.
  return z.discriminatedUnion('kind', [first, ...rest]) as unknown as z.ZodType<Plan>
}
