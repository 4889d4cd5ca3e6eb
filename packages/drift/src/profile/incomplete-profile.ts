import { MartletError } from '@martlet/warehouse'

/** Fails because the warehouse returned nothing for a column. */
export function incompleteProfile(name: string): never {
  throw new MartletError(
    'PROFILE_INCOMPLETE',
    `The warehouse returned nothing for column ${name}. Check that it is in the relation.`,
    { data: { column: name } },
  )
}
