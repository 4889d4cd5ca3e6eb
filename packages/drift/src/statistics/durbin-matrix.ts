interface Scaled {
  readonly cells: Float64Array
  readonly exponent: number
}

/**
 * The exact distribution function of the two-sided one-sample statistic, `P(D < x)` for n observations.
 *
 * Formula: `n!/nⁿ · (Hⁿ)ₖₖ` with Durbin's matrix H of order 2k−1, k = ⌈nx⌉, by repeated squaring.
 * Source: Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's Distribution", Journal of Statistical Software 8(18), 2003.
 *
 * @example durbinMatrix(10, 0.274) // 0.628479615603… (the paper's example)
 */
export function durbinMatrix(n: number, x: number): number {
  const k = Math.ceil(n * x)
  const order = 2 * k - 1
  const power = raise({ cells: durbin(order, k - n * x), exponent: 0 }, order, n)
  let value = power.cells[(k - 1) * order + k - 1] ?? 0
  let exponent = power.exponent
  for (let i = 1; i <= n; i += 1) {
    value = (value * i) / n
    if (value < 1e-140) {
      value *= 1e140
      exponent -= 140
    }
  }
  return Math.min(1, value * 10 ** exponent)
}

function durbin(order: number, h: number): Float64Array {
  const cells = new Float64Array(order * order)
  for (let i = 0; i < order; i += 1) for (let j = 0; j <= Math.min(order - 1, i + 1); j += 1) cells[i * order + j] = 1
  for (let i = 0; i < order; i += 1) {
    cells[i * order] = (cells[i * order] ?? 0) - h ** (i + 1)
    const cell = (order - 1) * order + i
    cells[cell] = (cells[cell] ?? 0) - h ** (order - i)
  }
  const corner = (order - 1) * order
  cells[corner] = (cells[corner] ?? 0) + (2 * h - 1 > 0 ? (2 * h - 1) ** order : 0)
  for (let i = 0; i < order; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const cell = i * order + j
      for (let g = 2; g <= i - j + 1; g += 1) cells[cell] = (cells[cell] ?? 0) / g
    }
  }
  return cells
}

function raise(base: Scaled, order: number, n: number): Scaled {
  if (n === 1) return base
  const half = raise(base, order, Math.floor(n / 2))
  const squared = multiply(half, half, order)
  return n % 2 === 0 ? squared : multiply(squared, base, order)
}

function multiply(left: Scaled, right: Scaled, order: number): Scaled {
  const cells = new Float64Array(order * order)
  for (let i = 0; i < order; i += 1) {
    for (let k = 0; k < order; k += 1) {
      const factor = left.cells[i * order + k] ?? 0
      if (factor === 0) continue
      for (let j = 0; j < order; j += 1) {
        const cell = i * order + j
        cells[cell] = (cells[cell] ?? 0) + factor * (right.cells[k * order + j] ?? 0)
      }
    }
  }
  const exponent = left.exponent + right.exponent
  const middle = cells[(order >> 1) * order + (order >> 1)] ?? 0
  return middle > 1e140 ? { cells: cells.map((cell) => cell * 1e-140), exponent: exponent + 140 } : { cells, exponent }
}
