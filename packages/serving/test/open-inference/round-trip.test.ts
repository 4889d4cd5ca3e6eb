import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServingApp } from '../../src/index.ts'
import { halfOf, numberOfHalf } from '../../src/protocol/open-inference/half.ts'
import { infer, send } from './support/infer.ts'
import { serveMirrors } from './support/mirror.ts'

let app: ServingApp
beforeAll(async () => {
  app = await serveMirrors()
  await app.start()
})
afterAll(() => app.close())

type Value = number | bigint | string | boolean

/** Any double that is a half. */
const half = fc.integer({ min: 0, max: 0xffff }).map(numberOfHalf)
const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed() && !value.includes('\0'))

interface Kind {
  readonly datatype: string
  readonly element: string
  readonly values: fc.Arbitrary<Value>
  write(view: DataView, at: number, value: never): void
  readonly width: number
}

const kinds: readonly Kind[] = [
  {
    datatype: 'BOOL',
    element: 'bool',
    values: fc.boolean(),
    width: 1,
    write: (view, at, value: boolean) => view.setUint8(at, Number(value)),
  },
  whole('UINT8', 1, 0, 255, (view, at, value) => view.setUint8(at, value)),
  whole('UINT16', 2, 0, 65_535, (view, at, value) => view.setUint16(at, value, true)),
  whole('UINT32', 4, 0, 2 ** 32 - 1, (view, at, value) => view.setUint32(at, value, true)),
  whole('INT8', 1, -128, 127, (view, at, value) => view.setInt8(at, value)),
  whole('INT16', 2, -32_768, 32_767, (view, at, value) => view.setInt16(at, value, true)),
  whole('INT32', 4, -(2 ** 31), 2 ** 31 - 1, (view, at, value) => view.setInt32(at, value, true)),
  {
    datatype: 'UINT64',
    element: 'uint64',
    values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    width: 8,
    write: (view, at, value: bigint) => view.setBigUint64(at, value, true),
  },
  {
    datatype: 'INT64',
    element: 'int64',
    values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    width: 8,
    write: (view, at, value: bigint) => view.setBigInt64(at, value, true),
  },
  {
    datatype: 'FP16',
    element: 'float16',
    values: half,
    width: 2,
    write: (view, at, value: number) => view.setUint16(at, halfOf(value), true),
  },
  {
    datatype: 'FP32',
    element: 'float32',
    values: fc.float(),
    width: 4,
    write: (view, at, value: number) => view.setFloat32(at, value, true),
  },
  {
    datatype: 'FP64',
    element: 'float64',
    values: fc.double(),
    width: 8,
    write: (view, at, value: number) => view.setFloat64(at, value, true),
  },
]

function whole(
  datatype: string,
  width: number,
  min: number,
  max: number,
  write: (view: DataView, at: number, value: number) => void,
): Kind {
  return { datatype, element: datatype.toLowerCase(), values: fc.integer({ min, max }), width, write }
}

/** As JSON in an answer: what JSON does not have is null. */
function answered(value: Value): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

function jsonOf(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return Object.is(value, -0) ? '-0' : String(value)
}

/** The data of the only output of an answer, as text. */
function dataText(json: string): string {
  return /"data":\[(.*)\]\}\]\}$/s.exec(json)?.[1] ?? ''
}

async function rawText(path: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  return (await app.request(`/v2/models/${path}/infer`, { method: 'POST', body, headers })).text()
}

/** One or two rows of a few values. */
const matrix = (values: fc.Arbitrary<Value>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 4 }))
    .chain(([rows, width]) =>
      fc.tuple(
        fc.constant([rows, width]),
        fc.array(values, { minLength: rows * width, maxLength: rows * width }),
        fc.boolean(),
      ),
    )

describe.each([...kinds, { datatype: 'BYTES', element: 'string', values: text, width: 0, write: () => undefined }])(
  '$datatype',
  ({ datatype, element, values, width, write }) => {
    const bytesOf = (tensor: readonly Value[]): Buffer => {
      if (datatype === 'BYTES')
        return Buffer.concat(
          tensor.flatMap((value) => {
            const length = Buffer.alloc(4)
            length.writeUInt32LE(Buffer.byteLength(String(value)))
            return [length, Buffer.from(String(value))]
          }),
        )
      const bytes = new Uint8Array(tensor.length * width)
      const view = new DataView(bytes.buffer)
      for (const [index, value] of tensor.entries()) write(view, index * width, value as never)
      return Buffer.from(bytes)
    }

    test('JSON in and out, flat and nested', () =>
      fc.assert(
        fc.asyncProperty(matrix(values), async ([shape, tensor, nested]) => {
          const [rows, columns] = shape
          const flat = tensor.map(jsonOf)
          const rowsOf = Array.from(
            { length: rows },
            (_, row) => `[${flat.slice(row * columns, (row + 1) * columns).join(',')}]`,
          )
          const data = nested ? rowsOf : flat
          const body = `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${shape.join(',')}],"data":[${data.join(',')}]}]}`
          const text = await rawText(element, body)
          const bits = datatype === 'FP16' ? tensor.map((value) => numberOfHalf(halfOf(Number(value)))) : tensor
          const expected = bits.map((value) =>
            typeof value === 'number' || typeof value === 'string' ? JSON.stringify(answered(value)) : String(value),
          )
          expect(dataText(text)).toBe(expected.join(','))
          expect(text).toContain(`"datatype":"${datatype}","shape":[${shape.join(',')}]`)
        }),
        { numRuns: 25 },
      ))

    test('binary in and out are the same bytes', () =>
      fc.assert(
        fc.asyncProperty(matrix(values), async ([shape, tensor]) => {
          const bytes = bytesOf(tensor)
          const inputs = [{ name: 'x', datatype, shape, parameters: { binary_data_size: bytes.length } }]
          const request = { inputs, parameters: { binary_data_output: true } }
          const { status, type, json, rest } = await infer(app, element, request, bytes)
          expect([status, type]).toEqual([200, 'application/octet-stream'])
          expect(json.outputs).toEqual([{ name: 'y', datatype, shape, parameters: { binary_data_size: bytes.length } }])
          // There are many NaNs, and only one is written here.
          expect(rest.equals(bytes)).toBe(true)
        }),
        { numRuns: 25 },
      ))

    test('a body without JSON is one row', async () => {
      const [shape, tensor] = [[1, 2], fc.sample(values, { numRuns: 2, seed: 7 })]
      const body = datatype === 'BYTES' ? Buffer.from('größer') : bytesOf(tensor)
      const { status, json, rest } = await send(app, element, new Uint8Array(body), {
        'inference-header-content-length': '0',
      })
      expect([status, json.outputs[0]?.shape]).toEqual([200, datatype === 'BYTES' ? [1, 1] : shape])
      expect(rest.equals(datatype === 'BYTES' ? bytesOf(['größer']) : body)).toBe(true)
    })
  },
)

describe('half precision', () => {
  test('every half is read and written as itself', () => {
    const wrong = Array.from({ length: 0x1_0000 }, (_, bits) => bits).filter((bits) => {
      const number = numberOfHalf(bits)
      return halfOf(number) !== (Number.isNaN(number) ? 0x7e00 : bits)
    })
    expect(wrong).toEqual([])
  })

  test('a number becomes the nearest half, the even one of two', () => {
    const sorted = Array.from({ length: 0x7c01 }, (_, bits) => (bits === 0x7c00 ? 65_536 : numberOfHalf(bits)))
    fc.assert(
      fc.property(fc.double({ min: 0, max: 66_000, noNaN: true }), fc.boolean(), (value, negative) => {
        const found = halfOf(negative ? -value : value)
        const bits = found & 0x7fff
        expect(found >>> 15).toBe(negative ? 1 : 0)
        const distance = Math.abs((sorted[bits] ?? NaN) - value)
        for (const other of [bits - 1, bits + 1]) {
          const rival = Math.abs((sorted[other] ?? Infinity) - value)
          if (bits < 0x7c00 || other < bits) expect(rival >= distance).toBe(true)
          if (rival === distance) expect(bits % 2).toBe(0)
        }
      }),
      {
        examples: [
          [65_519.999, false],
          [65_520, true],
          [2 ** -25, false],
          [3 * 2 ** -25, false],
          [2049, false],
        ],
      },
    )
  })
})
