import { z } from 'zod'
import type { Draw } from './draw.ts'

/** Texts in the place of a JSON value: some are JSON, and none is what is expected. */
const TEXTS: readonly [string, ...string[]] = [
  'NaN',
  '-Infinity',
  'undefined',
  '1e999',
  '-1e-400',
  '-0',
  '0x10',
  '01',
  '+1',
  '.5',
  '1.',
  '9007199254740993',
  '-9223372036854775809',
  '123456789012345678901234567890123456789012345',
  '1E400',
  'null',
  'true',
  '[]',
  '{}',
  '""',
  "'x'",
  '"\\ud800"',
  '"\\u0000"',
  '"\\x"',
  '"\t"',
  '"unterminated',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1,"toString":2}',
  '"2026-02-30"',
  '"2026-01-31T09:30:00"',
  '"2026-06-30T23:59:60Z"',
  '"+275760-09-13T00:00:00.001Z"',
  '[,]',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '/**/1',
]

const shape = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  $ref: z.string().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
})

type Node = z.infer<typeof shape>

/** Each part of a schema is looked at once, however often it is drawn from. */
const nodes = new WeakMap<object, Node>()

function nodeOf(given: unknown): Node | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const node = nodes.get(given) ?? shape.parse(given)
  nodes.set(given, node)
  return node
}

/** Writes JSON texts that a schema nearly describes. */
export interface HostileJson {
  /** A text for the schema, with something wrong in it now and then. */
  textOf(draw: Draw): string
}

export function hostileJson(schema: z.ZodType, words: readonly [string, ...string[]]): HostileJson {
  const root: unknown = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })
  const { $defs = {} } = shape.parse(root)
  return { textOf: (draw) => textOf(root, draw, 0) }

  function textOf(given: unknown, draw: Draw, depth: number): string {
    if (draw.chance(0.04)) return hostile(draw)
    const node = nodeOf(given)
    if (node === undefined || depth > 12) return valueOf(draw)
    if (node.$ref !== undefined) return textOf($defs[node.$ref.split('/').at(-1) ?? ''] ?? root, draw, depth + 1)
    if (node.enum !== undefined) return JSON.stringify(node.enum[draw.below(node.enum.length)]) ?? 'null'
    if (node.const !== undefined) return JSON.stringify(node.const)
    const choices = node.anyOf ?? node.oneOf
    if (choices !== undefined) return textOf(choices[draw.below(choices.length)], draw, depth + 1)
    const type = Array.isArray(node.type) ? node.type[draw.below(node.type.length)] : node.type
    switch (type) {
      case 'object':
        return objectOf(node, draw, depth)
      case 'array':
        return `[${Array.from({ length: draw.one([0, 1, 1, 1, 2, 3, 3, 40]) }, () => textOf(node.items, draw, depth + 1)).join(',')}]`
      case 'string':
        return JSON.stringify(wordOf(draw))
      case 'number':
      case 'integer':
        return String(draw.one([0, 1, -1, 0.5, 1e9, 2 ** 31, -1e300]))
      case 'boolean':
        return String(draw.chance(0.5))
      case 'null':
        return 'null'
      default:
        return valueOf(draw)
    }
  }

  function objectOf(node: Node, draw: Draw, depth: number): string {
    const fields = Object.entries(node.properties ?? {}).flatMap(([name, inner]) => {
      const isRequired = node.required?.includes(name) === true
      return draw.chance(isRequired ? 0.97 : 0.5) ? [`${JSON.stringify(name)}:${textOf(inner, draw, depth + 1)}`] : []
    })
    if (typeof node.additionalProperties === 'object' || draw.chance(0.02)) {
      const name = draw.chance(0.7) ? 'customer_id' : wordOf(draw)
      fields.push(`${JSON.stringify(name)}:${textOf(node.additionalProperties, draw, depth + 1)}`)
    }
    if (fields[0] !== undefined && draw.chance(0.01)) fields.push(fields[0])
    return `{${fields.join(',')}}`
  }

  function valueOf(draw: Draw): string {
    return draw.chance(0.7) ? JSON.stringify(wordOf(draw)) : draw.one(TEXTS)
  }

  function wordOf(draw: Draw): string {
    return words[draw.below(words.length)] ?? words[0]
  }
}

function hostile(draw: Draw): string {
  if (draw.chance(0.8)) return draw.one(TEXTS)
  const depth = draw.one([5, 9, 100, 5000])
  switch (draw.below(4)) {
    case 0:
      return '['.repeat(depth) + ']'.repeat(depth)
    case 1:
      return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    case 2:
      return `"${'ü'.repeat(depth)}"`
    default:
      return `[${'1e308,'.repeat(depth)}1]`
  }
}
