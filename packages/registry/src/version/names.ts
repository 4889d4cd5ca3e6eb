import { MartletError } from '@martlet/warehouse'

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/

/** Model names go into paths and headers: letters, digits, `_`, `.` and `-`, beginning with a letter. */
export function checkModelName(model: string): void {
  if (!NAME.test(model))
    throw new MartletError(
      'NAME_INVALID',
      `${JSON.stringify(model)} is no model name: use up to 128 letters, digits, "_", "." or "-", beginning with a letter.`,
      { data: { model } },
    )
}

/** Aliases are names too; `latest` and `v7` are kept free because registries and clients read them as versions. */
export function checkAliasName(alias: string): void {
  if (!NAME.test(alias) || /^(latest|v\d+)$/i.test(alias))
    throw new MartletError(
      'NAME_INVALID',
      `${JSON.stringify(alias)} is no alias: use up to 128 letters, digits, "_", "." or "-", beginning with a letter, but not "latest" or "v" and digits.`,
      { data: { alias } },
    )
}

/** The log is worth what it says: who, and for moves why, must be there. */
export function checkActor(actor: string): void {
  if (actor.trim() === '')
    throw new MartletError('ACTOR_MISSING', 'actor is empty; give the person or job that makes the change.')
}

export function checkReason(reason: string): void {
  if (reason.trim() === '')
    throw new MartletError('REASON_MISSING', 'reason is empty; say why the change is made, for whoever reads the log.')
}
