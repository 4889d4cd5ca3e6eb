import { describe, expect, it } from 'vitest'
import { studentCumulative, studentQuantile } from '../../src/index.ts'

describe("Student's t", () => {
  // scipy 1.17.1: stats.t.ppf and stats.t.cdf
  it.each([
    [0.99, 1, 31.820515953773958],
    [0.99, 2, 6.964556734283583],
    [0.99, 5, 3.3649299989072183],
    [0.99, 7, 2.997951566868527],
    [0.975, 10, 2.2281388519862744],
    [0.999, 29, 3.3962402883568026],
    [0.95, 120, 1.6576508993552355],
    [0.05, 4, -2.13184678632665],
  ])('has the quantile at %d with %d degrees of freedom', (level, degrees, expected) => {
    expect(Math.abs(studentQuantile(level, degrees) / expected - 1)).toBeLessThan(1e-9)
    expect(Math.abs(studentCumulative(expected, degrees) - level)).toBeLessThan(1e-12)
  })
})
