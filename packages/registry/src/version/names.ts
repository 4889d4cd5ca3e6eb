import { MartletError } from '@martlet/warehouse'

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/
const ALLOWED = 'Use up to 128 letters, digits, "_", "." or "-", beginning with a letter'

/**
 * Refuses names that do not fit into paths and headers.
 *
 * @throws MartletError NAME_INVALID when the name has other characters than letters, digits, `_`, `.` and `-`
 */
export function checkModelName(model: string): void {
  if (!NAME.test(model))
    throw new MartletError('NAME_INVALID', `${JSON.stringify(model)} is not a model name. ${ALLOWED}.`, {
      data: { model },
    })
}

/**
 * Refuses aliases that are not names, and `latest` and `v7`, which other registries and clients read as versions.
 *
 * @throws MartletError NAME_INVALID when the alias is not valid
 */
export function checkAliasName(alias: string): void {
  if (!NAME.test(alias) || /^(latest|v\d+)$/i.test(alias))
    throw new MartletError(
      'NAME_INVALID',
      `${JSON.stringify(alias)} is not an alias. ${ALLOWED}, but not "latest" or "v" and digits.`,
      { data: { alias } },
    )
}

/** @throws MartletError ACTOR_MISSING when nobody is named, who would be missing in the log */
export function checkActor(actor: string): void {
  if (actor.trim() === '')
    throw new MartletError('ACTOR_MISSING', 'actor is empty. Name the person or job that makes the change.')
}

/** @throws MartletError REASON_MISSING when no reason is given, which would be missing in the log */
export function checkReason(reason: string): void {
  if (reason.trim() === '')
    throw new MartletError('REASON_MISSING', 'reason is empty. Give the reason for the change; it is kept in the log.')
}
