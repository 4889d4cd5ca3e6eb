/** What a folder holds that is not there: nothing. One that cannot be read may hold anything, and must not pass for erased. */
export function noFolder(error: unknown): readonly never[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}
