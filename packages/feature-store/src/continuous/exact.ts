/** The number `m · 2^e`, without any rounding. */
export interface Exact {
  readonly m: bigint
  readonly e: number
}

export const ZERO: Exact = { m: 0n, e: 0 }

const scratch = new DataView(new ArrayBuffer(8))

/** A finite double, exactly. */
export function exactOf(value: number): Exact {
  if (Number.isSafeInteger(value)) return { m: BigInt(value), e: 0 }
  scratch.setFloat64(0, value)
  const high = scratch.getUint32(0)
  const exponent = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xf_ffff) << 32n) | BigInt(scratch.getUint32(4))
  const m = exponent === 0 ? fraction : fraction | (1n << 52n)
  return { m: high >>> 31 === 1 ? -m : m, e: Math.max(exponent, 1) - 1075 }
}

export function plus(a: Exact, b: Exact): Exact {
  if (a.e === b.e) return { m: a.m + b.m, e: a.e }
  if (a.m === 0n) return b
  if (b.m === 0n) return a
  return a.e < b.e ? { m: a.m + (b.m << BigInt(b.e - a.e)), e: a.e } : { m: (a.m << BigInt(a.e - b.e)) + b.m, e: b.e }
}

export function square({ m, e }: Exact): Exact {
  return { m: m * m, e: 2 * e }
}

/** The double that is nearest to `n / d`; infinite beyond all doubles. */
export function nearest({ m, e }: Exact, divisor = 1n): number {
  if (m === 0n) return 0
  const n = m < 0n ? -m : m
  const shift = 66 - (bits(n) - bits(divisor))
  const [over, under] = shift >= 0 ? [n << BigInt(shift), divisor] : [n, divisor << BigInt(-shift)]
  // The last bit says that something was cut off, so that rounding to 53 bits is right.
  const quotient = (over / under) | (over % under === 0n ? 0n : 1n)
  const value = scaled(Number(quotient), e - shift)
  return m < 0n ? -value : value
}

function bits(n: bigint): number {
  return n.toString(16).length * 4
}

/** `value · 2^power`, also where that power is no double. */
export function scaled(value: number, power: number): number {
  let made = value
  let left = power
  while (left > 1000) {
    made *= 2 ** 1000
    left -= 1000
  }
  while (left < -1000) {
    made *= 2 ** -1000
    left += 1000
  }
  return made * 2 ** left
}
