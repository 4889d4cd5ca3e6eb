import { expect, test } from 'vitest'
import { alertsAt, averagePrecision } from '../../src/model/judge-alerts.ts'

const judged = { predicted: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2], actual: [1, 0, 1, 0, 0, 1, 0, 0] }

test('average precision is the mean of the precision at each hit', () => {
  expect(averagePrecision(judged)).toBeCloseTo((1 / 1 + 2 / 3 + 3 / 6) / 3, 12)
  expect(averagePrecision({ predicted: [1, 1, 1, 1], actual: [0, 1, 0, 0] })).toBeCloseTo(0.25, 12)
  expect(averagePrecision({ predicted: [1, 2], actual: [0, 0] })).toBeNaN()
})

test('alerts go to the highest scores; of equal ones each has the same chance', () => {
  expect(alertsAt(judged, 0.25)).toEqual({ alerts: 2, precision: 0.5, recall: 1 / 3 })
  expect(alertsAt(judged, 0.001)).toEqual({ alerts: 1, precision: 1, recall: 1 / 3 })
  expect(alertsAt({ predicted: [0, 0, 0, 0], actual: [1, 0, 0, 1] }, 0.5)).toEqual({
    alerts: 2,
    precision: 0.5,
    recall: 0.5,
  })
})
