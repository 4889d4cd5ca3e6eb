import { expect, test } from 'vitest'
import { moneyBytes, moneyText } from '../../src/bank/money.ts'

test.each([
  [12345, '123.45', 'MDk='],
  [-100, '-1.00', 'nA=='],
  [0, '0.00', 'AA=='],
  [-1, '-0.01', '/w=='],
  [128, '1.28', 'AIA='],
  [5, '0.05', 'BQ=='],
  [-128, '-1.28', 'gA=='],
  [-129, '-1.29', '/38='],
])('%i cents are written as text and as bytes', (cents, text, bytes) => {
  expect([moneyText(cents), moneyBytes(cents)]).toEqual([text, bytes])
})
