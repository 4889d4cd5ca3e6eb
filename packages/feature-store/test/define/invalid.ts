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

/** Passes a value anywhere, as a caller without types would. */
export function untyped(value: unknown): never {
  return value as never
}

/** Reads a member that types do not know. */
export function member(object: object, name: string): never {
  return untyped(Reflect.get(object, name))
}
