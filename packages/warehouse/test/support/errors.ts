import { MartletError } from '@martlet/warehouse'

/** The MartletError that a promise rejects with; anything else fails the test. */
export async function codeOf(promise: Promise<unknown>): Promise<MartletError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof MartletError) return error
    throw error
  }
  throw new Error('expected a MartletError, but nothing was thrown')
}
