import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDocument } from '../../src/store/documents.ts'
import { toJson } from '../../src/store/json.ts'

test('documents come back as they were: bigints, NaN and infinities too', () => {
  // JSON has no -0; + 0 makes it 0
  const leaf = fc.oneof(
    fc.bigInt(),
    fc.double().map((value) => value + 0),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom(Number.NaN, Infinity, -Infinity),
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-z$]{1,8}$/), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      expect(readDocument({ training_set: toJson({ value }) }, 'training_set')).toEqual({ value })
    }),
  )
})

test('documents that only look like marked numbers stay what they are', () => {
  for (const value of [{ $bigint: 'x' }, { $bigint: '1', more: 1 }, { $number: '7' }, { $number: null }])
    expect(readDocument({ training_set: toJson(value) }, 'training_set')).toEqual(value)
})
