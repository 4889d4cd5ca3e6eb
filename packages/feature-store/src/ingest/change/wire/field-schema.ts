import { isObject, type Json } from './exact-json.ts'

/** What Kafka Connect says of one field: its literal type, and what the value means. */
export interface FieldSchema {
  readonly type: string
  /** Such as `io.debezium.time.MicroTimestamp`; undefined where the literal type says everything. */
  readonly name?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly optional: boolean
  /** The fields of a struct. */
  readonly fields: ReadonlyMap<string, FieldSchema>
}

/** Reads a schema as the JSON converter writes it; undefined when it is none. */
export function fieldSchema(json: Json | undefined): FieldSchema | undefined {
  if (!isObject(json) || typeof json['type'] !== 'string') return undefined
  const { type, name, parameters, optional, fields } = json
  return {
    type,
    ...(typeof name === 'string' ? { name } : {}),
    parameters: isObject(parameters)
      ? Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, String(value)]))
      : {},
    optional: optional === true,
    fields: new Map(
      Array.isArray(fields)
        ? fields.flatMap((field: Json) => {
            const read = fieldSchema(field)
            return read !== undefined && isObject(field) && typeof field['field'] === 'string'
              ? [[field['field'], read] as const]
              : []
          })
        : [],
    ),
  }
}

/** A value with its schema, as the JSON converter writes it when `schemas.enable` is true. */
export function withSchema(json: Json): { readonly payload: Json; readonly schema?: FieldSchema } {
  if (!isObject(json) || !('payload' in json) || !('schema' in json) || Object.keys(json).length !== 2)
    return { payload: json }
  const schema = fieldSchema(json['schema'])
  return { payload: json['payload'] ?? null, ...(schema === undefined ? {} : { schema }) }
}
