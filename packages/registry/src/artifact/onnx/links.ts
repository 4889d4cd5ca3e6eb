/** What is done to the sum of a model: nothing, 1/(1+e^-x) for a probability, or e^x for a positive quantity. */
export type Link = 'identity' | 'logistic' | 'exponential'

/** The standard operator of each link. */
export const LINKS: Readonly<Record<Link, string>> = {
  identity: 'Identity',
  logistic: 'Sigmoid',
  exponential: 'Exp',
}
