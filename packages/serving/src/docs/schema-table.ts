/** One value inside a JSON body, as a line of a table. */
export interface SchemaLine {
  /** Such as `rows[].values`. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
}

/** A JSON Schema as lines to read: one for each value it names, outer ones first. */
export function schemaLines(schema: Schema, path = '', required = true): readonly SchemaLine[] {
  const own =
    path === ''
      ? []
      : [{ path, type: typeOf(schema), required, description: schema.description ?? schema.items?.description ?? '' }]
  return [...own, ...inside(schema, path)]
}

function inside(schema: Schema, path: string): readonly SchemaLine[] {
  const alternatives = (schema.anyOf ?? []).flatMap((alternative) => inside(alternative, path))
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    schemaLines(property, path === '' ? name : `${path}.${name}`, schema.required?.includes(name) ?? false),
  )
  const items = schema.items === undefined ? [] : inside(schema.items, `${path}[]`)
  const values = typeof schema.additionalProperties === 'object' ? inside(schema.additionalProperties, `${path}.…`) : []
  return [...properties, ...items, ...values, ...alternatives]
}

function typeOf({ type, items, anyOf, enum: members, const: constant, additionalProperties, format }: Schema): string {
  if (constant !== undefined) return JSON.stringify(constant)
  if (members !== undefined) return members.map((member) => JSON.stringify(member)).join(' or ')
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (type === 'array') return `array of ${items === undefined ? 'anything' : typeOf(items)}`
  if (type === 'object')
    return typeof additionalProperties === 'object' ? `object of ${typeOf(additionalProperties)}` : 'object'
  if (format === 'date-time') return 'instant (ISO 8601)'
  return type === undefined ? 'anything' : [type].flat().join(' or ')
}
