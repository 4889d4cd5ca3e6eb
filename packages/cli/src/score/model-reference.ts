import type { ModelReference } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'

/**
 * `model`, `model@alias` or `model:version`; the alias is champion unless one is given.
 * @throws MartletError USAGE when the text is none of these
 */
export function modelReference(text: string): ModelReference {
  const [, model, alias, version] = /^([^@:]+)(?:@([^@:]+)|:(\d+))?$/.exec(text) ?? []
  if (model === undefined)
    throw new MartletError(
      'USAGE',
      `${text} does not name a version of a model. Write model, model@alias or model:version, such as churn@champion or churn:3.`,
    )
  return { model, version: version === undefined ? (alias ?? 'champion') : Number(version) }
}
