import { z } from 'zod'
import type { RouteParameter } from './protocol.ts'

export function inPath(description: string, schema: z.ZodType = z.string()): RouteParameter {
  return { in: 'path', description, schema, required: true }
}

export function inQuery(description: string, schema: z.ZodType = z.string()): RouteParameter {
  return { in: 'query', description, schema, required: false }
}

/** Statuses of refusals that any route with a scope may give. */
export const GUARDED: readonly number[] = [401, 403, 503, 504]
