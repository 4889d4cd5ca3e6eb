import type { VectorField } from '@martlet/feature-store'
import type { FieldBinding } from './signature.ts'

/** What a signature says of a field itself. */
export function boundField({
  name: field,
  type,
  nullable,
  default: given,
}: VectorField): Pick<FieldBinding, 'field' | 'type' | 'nullable' | 'default'> {
  return { field, type, nullable, ...(given === undefined ? {} : { default: given }) }
}
