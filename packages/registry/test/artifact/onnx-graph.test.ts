import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { MartletError } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { readOnnx, readTensorGraph } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { fixture } from '../support/registries.ts'

const models = readdirSync(new URL('../fixtures', import.meta.url))
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => name.slice(0, -'.onnx'.length))

describe('reading a graph', () => {
  test('lists inputs and outputs with types and shapes', async () => {
    const graph = readOnnx(await fixture('columns'))
    expect(graph.inputs).toEqual([
      { name: 'profile__tariff', type: { kind: 'tensor', element: 'string', shape: [null, 1] } },
      { name: 'usage__orders', type: { kind: 'tensor', element: 'float32', shape: [null, 1] } },
      { name: 'usage__kwh', type: { kind: 'tensor', element: 'float32', shape: [null, 1] } },
    ])
    expect(graph.outputs).toEqual([
      { name: 'variable', type: { kind: 'tensor', element: 'float32', shape: [null, 1] } },
    ])
    expect(graph.opsets).toMatchObject({ '': 16, 'ai.onnx.ml': 1 })
    expect(graph.producer).toBe('skl2onnx')
  })

  test('keeps named dimensions and knows maps', async () => {
    const graph = readOnnx(await fixture('classifier-zipmap'))
    expect(graph.outputs[1]).toEqual({
      name: 'output_probability',
      type: { kind: 'sequence', description: 'a sequence of a map to float32 tensors' },
    })
    expect(readOnnx(await fixture('echo')).inputs[0]?.type).toEqual({ kind: 'tensor', element: 'int64', shape: ['N'] })
  })

  test('weights that are listed as inputs need not be fed', async () => {
    const graph = readTensorGraph(await fixture('weights-listed-as-inputs'))
    expect(graph.inputs.map(({ name }) => name)).toEqual(['features'])
    expect(graph.graph.initializers).toBe(1)
  })
})

describe('what cannot be served is refused with a fix', () => {
  test.for([
    ['bfloat16', /bfloat16.*float32/],
    [
      'double-trees-regressor',
      /output "variable" is declared float64, but TreeEnsembleRegressor always answers float32; export the model with float32 inputs/,
    ],
    ['external-data', /weights are in another file \(w\); save the model as one file/],
  ] as const)('%s', async ([name, message]) => {
    const bytes = await fixture(name)
    const error = await failure(() => readTensorGraph(bytes))
    expect(error.code).toBe('ONNX_UNSUPPORTED')
    expect(error.message).toMatch(message)
  })
})

describe('bytes that are not a model give a typed error, never a crash', () => {
  const outcome = (bytes: Uint8Array): string => {
    try {
      readTensorGraph(bytes)
      return 'read'
    } catch (error) {
      if (error instanceof MartletError) return error.code
      throw error
    }
  }

  test('nothing, text, and a zip file', () => {
    for (const bytes of [
      new Uint8Array(),
      new TextEncoder().encode('not a model'),
      Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0),
    ])
      expect(outcome(bytes)).toBe('ONNX_MALFORMED')
  })

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(['read', 'ONNX_MALFORMED', 'ONNX_UNSUPPORTED']).toContain(outcome(bytes))
      }),
    )
  })

  test.for(models)('%s cut off anywhere', async (name) => {
    const whole = await fixture(name)
    for (let length = 0; length < whole.length; length += 1)
      expect(['read', 'ONNX_MALFORMED', 'ONNX_UNSUPPORTED']).toContain(outcome(whole.subarray(0, length)))
    // the operator sets come after the graph, so a file that lost its last bytes never passes for whole
    expect(outcome(whole.subarray(0, Math.floor(whole.length / 2)))).toBe('ONNX_MALFORMED')
  })

  test.for(models)('%s with changed bytes', async (name) => {
    const whole = await fixture(name)
    const change = fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.nat({ max: 255 }) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(whole)
        for (const { at, byte } of changes) bytes[at] = byte
        expect(['read', 'ONNX_MALFORMED', 'ONNX_UNSUPPORTED']).toContain(outcome(bytes))
      }),
    )
  })

  test('messages nested without end', () => {
    // a graph in an attribute of a node of a graph in an attribute …
    let graph: Uint8Array = Uint8Array.of()
    const wrap = (number: number, payload: Uint8Array): Uint8Array => {
      const size: number[] = []
      for (let rest = payload.length; ; rest >>>= 7) {
        size.push(rest > 127 ? (rest & 127) | 128 : rest)
        if (rest <= 127) break
      }
      return Uint8Array.from([(number << 3) | 2, ...size, ...payload])
    }
    for (let depth = 0; depth < 2000; depth += 1) graph = wrap(1, wrap(5, wrap(6, graph)))
    expect(outcome(Uint8Array.from([...wrap(7, graph), ...wrap(8, Uint8Array.of(0x10, 17))]))).toBe('ONNX_MALFORMED')
  })
})
