/** What boosting needs of a loss, at raw scores (before the link). */
export interface Loss {
  readonly link: 'identity' | 'logistic'
  /** The best constant score. */
  base(mean: number): number
  /** First and second derivative of a row's loss by its score. */
  slope(score: number, target: number): number
  curvature(score: number, target: number): number
  loss(score: number, target: number): number
}

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score))

/** Binary: targets are 0 and 1, scores log odds. */
export const logistic: Loss = {
  link: 'logistic',
  base: (mean) => {
    const share = Math.min(1 - 1e-9, Math.max(1e-9, mean))
    return Math.log(share / (1 - share))
  },
  slope: (score, target) => sigmoid(score) - target,
  curvature: (score) => Math.max(1e-16, sigmoid(score) * (1 - sigmoid(score))),
  // log(1 + e^score) - target * score, without overflow
  loss: (score, target) => Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score,
}

/** Half the squared error. */
export const squared: Loss = {
  link: 'identity',
  base: (mean) => mean,
  slope: (score, target) => score - target,
  curvature: () => 1,
  loss: (score, target) => (score - target) ** 2 / 2,
}
