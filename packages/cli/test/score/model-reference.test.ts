import { expect, test } from 'vitest'
import { modelReference } from '../../src/score/model-reference.ts'

test.each([
  ['churn', { model: 'churn', version: 'champion' }],
  ['churn@challenger', { model: 'churn', version: 'challenger' }],
  ['churn:12', { model: 'churn', version: 12 }],
])('%s names a version', (text, reference) => {
  expect(modelReference(text)).toEqual(reference)
})

test.each(['', 'churn@', 'churn:', 'churn:new', 'churn@a:1', '@champion'])('%j names none', (text) => {
  expect(() => modelReference(text)).toThrow(
    `${text} does not name a version of a model. Write model, model@alias or model:version, such as churn@champion or churn:3.`,
  )
})
