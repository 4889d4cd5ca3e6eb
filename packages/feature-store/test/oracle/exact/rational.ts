/** A fraction with a positive denominator, not always in lowest terms. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n }

const MANTISSA_BITS = 53
/** The exponent of the least positive double, 2^-1074. */
const LEAST_EXPONENT = -1074

export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError(`${numerator}/0 is not a number`)
  return denominator < 0n ? { numerator: -numerator, denominator: -denominator } : { numerator, denominator }
}

const view = new DataView(new ArrayBuffer(8))

/** The exact value of a finite double: m·2^e. */
export function ofDouble(x: number): Rational {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is not a rational number`)
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  let mantissa = biased === 0 ? fraction : fraction | (1n << 52n)
  let exponent = biased === 0 ? LEAST_EXPONENT : biased + LEAST_EXPONENT - 1
  while (mantissa !== 0n && exponent < 0 && (mantissa & 1n) === 0n) {
    mantissa >>= 1n
    exponent += 1
  }
  const signed = x < 0 ? -mantissa : mantissa
  if (signed === 0n) return ZERO
  return exponent < 0 ? rational(signed, 1n << BigInt(-exponent)) : rational(signed << BigInt(exponent))
}

/** The decimal with these digits, `scale` of them behind the point. */
export function ofDecimal(unscaled: bigint, scale: number): Rational {
  return rational(unscaled, 10n ** BigInt(scale))
}

export function add(a: Rational, b: Rational): Rational {
  const denominator = commonMultiple(a.denominator, b.denominator)
  return {
    numerator: a.numerator * (denominator / a.denominator) + b.numerator * (denominator / b.denominator),
    denominator,
  }
}

/** Of two powers of two, or of a number and its multiple, the greater one: sums of doubles stay short. */
function commonMultiple(a: bigint, b: bigint): bigint {
  if (a % b === 0n) return a
  return b % a === 0n ? b : a * b
}

export function negate({ numerator, denominator }: Rational): Rational {
  return { numerator: -numerator, denominator }
}

export function subtract(a: Rational, b: Rational): Rational {
  return add(a, negate(b))
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

export function divide(a: Rational, b: Rational): Rational {
  return rational(a.numerator * b.denominator, a.denominator * b.numerator)
}

export function total(values: readonly Rational[]): Rational {
  return values.reduce(add, ZERO)
}

export function absolute(a: Rational): Rational {
  return a.numerator < 0n ? negate(a) : a
}

/** Negative when a < b, 0 when they are equal, positive when a > b. */
export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function isZero({ numerator }: Rational): boolean {
  return numerator === 0n
}

const ROOT_BITS = 200

/** The square root, short of the true one by less than 2^-198 of it. */
export function squareRoot({ numerator, denominator }: Rational): Rational {
  if (numerator < 0n) throw new RangeError('a negative number has no square root')
  if (numerator === 0n) return ZERO
  const missing = 2 * ROOT_BITS - (bitLength(numerator) - bitLength(denominator))
  const shift = BigInt(missing + (missing % 2 === 0 ? 0 : 1))
  const scaled = shift >= 0n ? (numerator << shift) / denominator : numerator / (denominator << -shift)
  const root = wholeRoot(scaled)
  const half = shift / 2n
  return half >= 0n ? rational(root, 1n << half) : rational(root << -half)
}

/** The greatest whole number whose square is at most n: Newton's steps from above. */
function wholeRoot(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2))
  for (;;) {
    const next = (root + n / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

export function bitLength(n: bigint): number {
  const digits = (n < 0n ? -n : n).toString(16)
  return (digits.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(digits[0] ?? '0', 16)))
}

/** The nearest double, ties to even; null where that would be infinite. */
export function toDouble({ numerator, denominator }: Rational): number | null {
  const size = numerator < 0n ? -numerator : numerator
  // The quotient has 53 or 54 bits at this exponent; below the normal numbers it has fewer.
  let exponent = Math.max(bitLength(size) - bitLength(denominator) - MANTISSA_BITS, LEAST_EXPONENT)
  let mantissa = roundedQuotient(size, denominator, exponent)
  if (bitLength(mantissa) > MANTISSA_BITS) {
    exponent += 1
    mantissa = roundedQuotient(size, denominator, exponent)
  }
  if (mantissa === 0n) return 0
  // Two factors, each of which is a double: 2^exponent alone may be none.
  const half = Math.trunc(exponent / 2)
  const value = Number(mantissa) * 2 ** half * 2 ** (exponent - half)
  if (!Number.isFinite(value)) return null
  return numerator < 0n ? -value : value
}

/** size / (denominator·2^exponent) as a whole number, ties to even. */
function roundedQuotient(size: bigint, denominator: bigint, exponent: number): bigint {
  const [over, under] =
    exponent < 0 ? [size << BigInt(-exponent), denominator] : [size, denominator << BigInt(exponent)]
  const quotient = over / under
  const twice = 2n * (over - quotient * under)
  return twice > under || (twice === under && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}
