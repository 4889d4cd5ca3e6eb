import { MartletError } from '@martlet/warehouse'
import type { RegistryContext } from '../registry-context.ts'
import type { ModelVersion } from '../version/model-version.ts'
import { readVersion, requireModel } from '../version/read-versions.ts'
import { checkAliasName } from '../version/names.ts'

/**
 * The version that an alias (`'champion'`) or a number (7 or `'7'`) names.
 *
 * @throws MartletError MODEL_NOT_FOUND when there is no such model
 * @throws MartletError ALIAS_NOT_FOUND when the model has no such alias
 * @throws MartletError VERSION_NOT_FOUND when the model has no such version, or it was deleted
 */
export async function resolveVersion(
  context: Pick<RegistryContext, 'db'>,
  model: string,
  reference: string | number,
): Promise<ModelVersion> {
  const version =
    typeof reference === 'number'
      ? reference
      : /^\d+$/.test(reference)
        ? Number(reference)
        : await versionOf(context, model, reference)
  const found = await readVersion(context, model, version)
  if (found.lifecycle !== 'deleted') return found
  throw new MartletError(
    'VERSION_NOT_FOUND',
    `Version ${version} of model ${model} was deleted. Choose another version.`,
    {
      data: { model, version },
    },
  )
}

/** What an alias points to now. */
export interface AliasTarget {
  readonly model: string
  readonly alias: string
  readonly version: number
}

export async function listAliases({ db }: Pick<RegistryContext, 'db'>): Promise<readonly AliasTarget[]> {
  return db
    .selectFrom('model_aliases')
    .select(['model', 'alias', 'version'])
    .orderBy('model')
    .orderBy('alias')
    .execute()
}

async function versionOf({ db }: Pick<RegistryContext, 'db'>, model: string, alias: string): Promise<number> {
  checkAliasName(alias)
  const rows = await db
    .selectFrom('model_aliases')
    .select(['alias', 'version'])
    .where('model', '=', model)
    .orderBy('alias')
    .execute()
  const row = rows.find((row) => row.alias === alias)
  if (row !== undefined) return row.version
  await requireModel(db, model)
  const known = rows.length === 0 ? 'it has none' : `it has ${rows.map((row) => row.alias).join(', ')}`
  throw new MartletError('ALIAS_NOT_FOUND', `Model ${model} has no alias ${JSON.stringify(alias)}; ${known}.`, {
    data: { model, alias },
  })
}
