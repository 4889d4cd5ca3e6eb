import { MartletError } from '@martlet/warehouse'
import { checkActor } from './names.ts'
import type { RegistryContext } from '../registry-context.ts'
import type { ModelVersion } from './model-version.ts'
import { readVersion, requireModel } from './read-versions.ts'

/** Sets a tag of a version, or of the model itself when `version` is null; an undefined value removes the tag. */
export async function changeTag(
  context: RegistryContext,
  model: string,
  version: number | null,
  tag: string,
  value: string | undefined,
): Promise<void> {
  if (tag.trim() === '')
    throw new MartletError('NAME_INVALID', `A tag of model ${model} has an empty name. Give it one.`, {
      data: { model },
    })
  await context.dialect.exclusive(context.db, async (db) => {
    await requireEither({ ...context, db }, model, version)
    const row = { model, version: version ?? 0, tag }
    await db
      .deleteFrom('model_tags')
      .where('model', '=', row.model)
      .where('version', '=', row.version)
      .where('tag', '=', tag)
      .execute()
    if (value !== undefined)
      await db
        .insertInto('model_tags')
        .values({ ...row, value })
        .execute()
    await touch({ ...context, db }, model, version)
  })
}

/** Sets the description of a version, or of the model itself when `version` is null. */
export async function describe(
  context: RegistryContext,
  model: string,
  version: number | null,
  description: string,
): Promise<void> {
  await context.dialect.exclusive(context.db, async (db) => {
    await requireEither({ ...context, db }, model, version)
    if (version === null)
      await db.updateTable('registered_models').set({ description }).where('name', '=', model).execute()
    else
      await db
        .updateTable('model_versions')
        .set({ description })
        .where('model', '=', model)
        .where('version', '=', version)
        .execute()
    await touch({ ...context, db }, model, version)
  })
}

/**
 * Archives, deletes or restores a version. A deleted version keeps its row, so that its number is never used again and the log
 * stays readable; it cannot be restored.
 *
 * @throws MartletError VERSION_IN_USE while an alias points to it
 * @throws MartletError VERSION_NOT_FOUND when there is no such version, or it was deleted
 * @throws MartletError ACTOR_MISSING when `actor` is empty
 */
export async function changeLifecycle(
  context: RegistryContext,
  model: string,
  version: number,
  lifecycle: ModelVersion['lifecycle'],
  options: { readonly actor: string; readonly reason?: string },
): Promise<void> {
  checkActor(options.actor)
  await context.dialect.exclusive(context.db, async (db) => {
    const found = await readVersion({ db }, model, version)
    if (found.lifecycle === lifecycle) return
    if (found.lifecycle === 'deleted')
      throw new MartletError(
        'VERSION_NOT_FOUND',
        `Version ${version} of model ${model} was deleted and cannot be restored. Register the file again.`,
        { data: { model, version } },
      )
    if (lifecycle !== 'active' && found.aliases.length > 0)
      throw new MartletError(
        'VERSION_IN_USE',
        `Version ${version} of model ${model} is ${found.aliases.join(', ')}. Move or unset the alias first.`,
        { data: { model, version, aliases: found.aliases } },
      )
    await db
      .updateTable('model_versions')
      .set({
        lifecycle,
        lifecycle_ms: context.now(),
        lifecycle_actor: options.actor,
        lifecycle_reason: options.reason ?? '',
      })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute()
    await touch({ ...context, db }, model, version)
  })
}

async function requireEither(context: RegistryContext, model: string, version: number | null): Promise<void> {
  if (version === null) await requireModel(context.db, model)
  else await readVersion(context, model, version)
}

async function touch({ db, now }: RegistryContext, model: string, version: number | null): Promise<void> {
  if (version === null)
    await db.updateTable('registered_models').set({ updated_ms: now() }).where('name', '=', model).execute()
  else
    await db
      .updateTable('model_versions')
      .set({ updated_ms: now() })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute()
}
