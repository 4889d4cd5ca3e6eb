/** Of the normal law: 95 % lie within this many standard deviations. */
const NORMAL = 1.959963984540054

/** Of Student's law with so many degrees of freedom: 95 % lie within this many standard deviations. */
export function studentWidth(degrees: number): number {
  const z = NORMAL
  const [d, z3, z5, z7] = [degrees, z ** 3, z ** 5, z ** 7]
  // Cornish and Fisher; within 0.3 % from four degrees on.
  return (
    z +
    (z3 + z) / (4 * d) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * d ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * d ** 3)
  )
}
