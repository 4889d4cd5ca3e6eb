import { MartletError } from '@martlet/warehouse'

/** Runs something that must reject with a MartletError and hands the error out. */
export async function failure(work: () => unknown): Promise<MartletError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof MartletError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
