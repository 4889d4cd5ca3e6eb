import { statSync } from 'node:fs'
import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import { knownKeys, type KnownKey } from './api-keys.ts'
import { jsonOf } from './json-file.ts'

const names = z.array(z.string()).optional()
const schema = z.strictObject({
  keys: z.array(
    z.strictObject({
      name: z.string().min(1),
      sha256: z.string(),
      scopes: z.array(z.string()),
      services: names,
      models: names,
      expires: z.string().optional(),
      rate: z.strictObject({ perSecond: z.number(), burst: z.number().optional() }).optional(),
    }),
  ),
})

/**
 * Reads a file of keys: `{ "keys": [{ "name", "sha256", "scopes", … }] }`. There may be none in it, and then it opens nothing.
 *
 * @throws Error when it is not such a file, or when others may write it
 */
export function keysOf(path: string, text: string): readonly KnownKey[] {
  refuseShared(path)
  const checked = schema.safeParse(jsonOf(text))
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new MartletError('INVALID_AUTH', `At ${issue?.path.join('.') || 'the top'}: ${issue?.message}.`)
  }
  // Scopes are checked with the keys, as those of the configuration are.
  return knownKeys(checked.data.keys as Parameters<typeof knownKeys>[0], 'keys')
}

/** Whoever can write the file can let anybody in. */
function refuseShared(path: string): void {
  if (process.platform !== 'win32' && (statSync(path).mode & 0o022) !== 0)
    throw new Error('Other users may write it. Run chmod go-w on it.')
}
