import { z } from 'zod'

/** A file or folder on this machine. A URL meant for another key may hold a password, and paths are printed. */
export const localPath: z.ZodString = z
  .string()
  .min(1)
  .regex(/^(?![A-Za-z][A-Za-z0-9+.-]+:\/\/)/, 'must be a path on this machine, not a URL')
