import { expect } from 'vitest'
import { MartletError } from '@martlet/warehouse'

/** Runs a definition that must be refused, and returns the error's message. */
export function refusal(define: () => unknown): string {
  try {
    define()
  } catch (error) {
    expect(error).toBeInstanceOf(MartletError)
    if (error instanceof MartletError) {
      expect(error.code).toBe('INVALID_DEFINITION')
      return error.message
    }
  }
  throw new Error('the definition was accepted')
}

/** Gives a value any type, as a caller without types would. */
export function untyped<T = never>(value: unknown): T {
  return value as T
}
