/** A folder that does not exist is empty. One that cannot be read may hold anything, and must not count as erased. */
export function noFolder(error: unknown): readonly never[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}
