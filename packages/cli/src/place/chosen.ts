import { MartletError } from '@martlet/warehouse'
import { z } from 'zod'
import type { Place } from './place.ts'
import { valueAt } from './value-at.ts'

type Places<P> = Readonly<Record<string, P>>

/** What a configuration may say to choose one of the places of a list. */
export type ConfigOf<List> = {
  [Key in keyof List]: List[Key] extends Place<infer Config, infer _> ? Alone<Config, Exclude<keyof List, Key>> : never
}[keyof List]

/** A place's value without the keys that choose the others. */
type Alone<Config, Others extends PropertyKey> = Config extends string
  ? Config
  : Config & { readonly [Other in Others]?: never }

/**
 * The place that a configuration chooses at a key such as `online`.
 * @throws MartletError CONFIG_INVALID when it chooses none of the list
 */
export function chosen<P extends Place<unknown, unknown>>(places: Places<P>, key: string, value: unknown): P {
  const [choice] = choices(places, value)
  if (choice !== undefined) return choice[1]
  throw new MartletError('CONFIG_INVALID', `The configuration key ${key} ${mustBe(places)}.`, { data: { key } })
}

/** The schema of a value that chooses a place: the chosen one's own, so that a mistake is reported at its key. */
export function choiceSchema(places: Places<Place<unknown, unknown>>, value: unknown, whole: unknown): z.ZodType {
  const named = choices(places, value)
  const [choice, ...others] = named
  if (choice !== undefined && others.length === 0) return choice[1].schema(value, whole)
  const keys = Object.fromEntries(Object.keys(places).map((key) => [key, z.unknown()]))
  const error =
    choice === undefined
      ? mustBe(places)
      : `chooses ${named.map(([key]) => key).join(' and ')}; keep the one that you use`
  if (value === undefined) return z.custom(() => false, { error: `is missing; it ${error}` })
  if (typeof value !== 'object' || value === null) return z.custom(() => false, { error })
  const known = choice === undefined ? z.strictObject(keys) : z.looseObject(keys)
  return known.refine(() => false, { error, when: () => true })
}

/** A value chooses a place by its key, or as a text that is the key. */
function choices<P>(places: Places<P>, value: unknown): readonly (readonly [key: string, place: P])[] {
  return Object.entries(places).filter(([key]) => value === key || valueAt(value, key) !== undefined)
}

function mustBe(places: Places<Place<unknown, unknown>>): string {
  const forms = Object.values(places).map(({ form }) => form)
  return `must be ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`
}
