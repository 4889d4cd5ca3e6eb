/** One value inside a JSON body, as a row of a table. */
export interface SchemaLine {
  /** Such as `rows[].values`. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/** The parts of a JSON Schema that the page shows. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
}

/** A JSON Schema as rows to read: one per value that it names, outer values first. */
export function schemaLines(schema: JsonSchema, path = '', required = true): readonly SchemaLine[] {
  const own =
    path === ''
      ? []
      : [{ path, type: typeOf(schema), required, description: schema.description ?? schema.items?.description ?? '' }]
  return [...own, ...inside(schema, path)]
}

function inside(schema: JsonSchema, path: string): readonly SchemaLine[] {
  const alternatives = (schema.anyOf ?? []).flatMap((alternative) => inside(alternative, path))
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    schemaLines(property, path === '' ? name : `${path}.${name}`, schema.required?.includes(name) ?? false),
  )
  const items = schema.items === undefined ? [] : inside(schema.items, `${path}[]`)
  const values = typeof schema.additionalProperties === 'object' ? inside(schema.additionalProperties, `${path}.…`) : []
  return [...properties, ...items, ...values, ...alternatives]
}

function typeOf({
  type,
  items,
  anyOf,
  enum: members,
  const: constant,
  additionalProperties,
  format,
}: JsonSchema): string {
  if (constant !== undefined) return JSON.stringify(constant)
  if (members !== undefined) return members.map((member) => JSON.stringify(member)).join(' or ')
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (type === 'array') return `array of ${items === undefined ? 'anything' : typeOf(items)}`
  if (type === 'object')
    return typeof additionalProperties === 'object' ? `object of ${typeOf(additionalProperties)}` : 'object'
  if (format === 'date-time') return 'instant (ISO 8601)'
  return type === undefined ? 'anything' : [type].flat().join(' or ')
}
