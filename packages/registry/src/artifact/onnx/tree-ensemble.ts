import { MartletError } from '@martlet/warehouse'
import { LINKS, type Link } from './links.ts'
import {
  floatAttribute,
  floatsAttribute,
  integerAttribute,
  integersAttribute,
  textAttribute,
  textsAttribute,
} from './node-attribute.ts'
import { node, onnxModel } from './onnx-writer.ts'
import { roundDown } from './round-down.ts'
import { tensorValue } from './value-type.ts'

const FLOAT = 1
const TEXT = 8
const DOMAIN = 'ai.onnx.ml'
const DEEPEST = 1000

/** A decision: rows whose feature is at most the threshold go left, others right, and rows without a value as `missing` says. */
export interface TreeSplit {
  /** The place of the feature in `features`, from 0. */
  readonly feature: number
  readonly threshold: number
  /** @default 'right' */
  readonly missing?: 'left' | 'right'
  readonly left: TreeNode
  readonly right: TreeNode
}

/** A split, or a leaf: the number that it adds to the sum. */
export type TreeNode = TreeSplit | number

export interface TreeEnsemble {
  /** Feature names in vector order (`view__feature`); stored in the file and checked at registration. */
  readonly features: readonly string[]
  /**
   * The texts that a feature may be. For the trees it is the place of its text in the list, from 0, or missing where its text is not in
   * the list. With categories the file has one input per feature in place of the matrix.
   */
  readonly categories?: Readonly<Record<string, readonly string[]>>
  /** The sum is `base` plus one leaf of each tree. */
  readonly trees: readonly TreeNode[]
  /** @default 0 */
  readonly base?: number
  /** Applied to the sum: nothing, 1/(1+e^-x) for a probability, or e^x for a positive quantity. @default 'identity' */
  readonly link?: Link
  /** The output's name. @default 'probability' with the logistic link, otherwise 'prediction' */
  readonly output?: string
}

/**
 * Writes boosted trees, a forest or a single tree as an ONNX file: one float32 input `features` [N, F], or with categories one input
 * [N, 1] per feature, by its name; one float32 output [N, 1]. Features of text that may be missing need `inputs: { feature: { nullAs:
 * '' } }` when the file is registered.
 *
 * Leaves are rounded to float32. Thresholds are rounded down to float32, so every float32 value takes the branch that it takes here.
 *
 * @throws MartletError TREE_ENSEMBLE_INVALID when a number is not finite in float32, a feature is unknown, or a tree is too deep
 *
 * @example treeEnsembleOnnx({ features: ['usage__km_7d'], trees: [{ feature: 0, threshold: 900, left: 1, right: 7 }] })
 */
export function treeEnsembleOnnx(model: TreeEnsemble): Uint8Array {
  const { features, base = 0, link = 'identity', categories = {} } = model
  const output = model.output ?? (link === 'logistic' ? 'probability' : 'prediction')
  const problems = [
    ...(features.length === 0 ? ['features is empty'] : []),
    ...(new Set(features).size === features.length ? [] : ['features names one feature twice']),
    ...(model.trees.length === 0 ? ['trees is empty'] : []),
    ...(Number.isFinite(Math.fround(base)) ? [] : [`base is ${base}, which float32 does not hold as a finite number`]),
  ]
  problems.push(...categoryProblems(features, categories))
  const table = newTable()
  for (const [tree, root] of model.trees.entries()) {
    const problem = addTree(table, tree, root, features.length)
    if (problem !== undefined) problems.push(problem)
  }
  if (problems.length > 0)
    throw new MartletError('TREE_ENSEMBLE_INVALID', `The trees cannot be written: ${problems.join('; ')}.`, {
      data: { problems },
    })
  const given = inputsOf(features, categories)
  return onnxModel({
    graph: 'tree_ensemble',
    inputs: given.inputs,
    outputs: [tensorValue(output, FLOAT, ['N', 1])],
    nodes: [
      ...given.nodes,
      node('TreeEnsembleRegressor', ['features'], ['sum'], { domain: DOMAIN, attributes: attributesOf(table, base) }),
      // The regressor's own post_transform LOGISTIC is not applied by onnxruntime.
      node(LINKS[link], ['sum'], [output]),
    ],
    initializers: [],
    opsets: { [DOMAIN]: 3 },
    metadata: { 'martlet.features': JSON.stringify(features) },
  })
}

/** The inputs of the file, and the nodes that make the matrix `features` of them. */
function inputsOf(
  features: readonly string[],
  categories: NonNullable<TreeEnsemble['categories']>,
): { readonly inputs: readonly Uint8Array[]; readonly nodes: readonly Uint8Array[] } {
  if (Object.keys(categories).length === 0)
    return { inputs: [tensorValue('features', FLOAT, ['N', features.length])], nodes: [] }
  const placeOf = (name: string): string => `${name} place`
  return {
    inputs: features.map((name) => tensorValue(name, name in categories ? TEXT : FLOAT, ['N', 1])),
    nodes: [
      ...Object.entries(categories).map(([name, texts]) =>
        node('LabelEncoder', [name], [placeOf(name)], {
          domain: DOMAIN,
          attributes: [
            textsAttribute('keys_strings', texts),
            floatsAttribute('values_floats', [...texts.keys()]),
            floatAttribute('default_float', Number.NaN),
          ],
        }),
      ),
      node(
        'Concat',
        features.map((name) => (name in categories ? placeOf(name) : name)),
        ['features'],
        { attributes: [integerAttribute('axis', 1)] },
      ),
    ],
  }
}

function categoryProblems(
  features: readonly string[],
  categories: NonNullable<TreeEnsemble['categories']>,
): readonly string[] {
  return Object.entries(categories).flatMap(([name, texts]) => [
    ...(features.includes(name) ? [] : [`categories has ${JSON.stringify(name)}, which is not a feature`]),
    ...(texts.length === 0 ? [`categories of ${JSON.stringify(name)} is empty`] : []),
    ...(texts.includes('') ? [`categories of ${JSON.stringify(name)} has an empty text, which stands for null`] : []),
    ...(new Set(texts).size === texts.length ? [] : [`categories of ${JSON.stringify(name)} names one text twice`]),
  ])
}

/** The nodes of all trees, as the operator takes them: one list per property. */
interface NodeTable {
  readonly tree: number[]
  readonly id: number[]
  readonly feature: number[]
  readonly threshold: number[]
  readonly leaf: boolean[]
  readonly yes: number[]
  readonly no: number[]
  readonly missingIsYes: number[]
  readonly leaves: { readonly tree: number[]; readonly id: number[]; readonly weight: number[] }
}

function newTable(): NodeTable {
  return {
    tree: [],
    id: [],
    feature: [],
    threshold: [],
    leaf: [],
    yes: [],
    no: [],
    missingIsYes: [],
    leaves: { tree: [], id: [], weight: [] },
  }
}

/** Adds the nodes of a tree, its root first; says what is wrong with it. */
function addTree(table: NodeTable, tree: number, root: TreeNode, width: number): string | undefined {
  let count = 0
  let problem: string | undefined
  const add = (at: TreeNode, depth: number): number => {
    const id = count++
    const row = table.tree.length
    const leaf = typeof at === 'number'
    table.tree.push(tree)
    table.id.push(id)
    table.leaf.push(leaf)
    table.feature.push(leaf ? 0 : at.feature)
    table.threshold.push(leaf ? 0 : roundDown(at.threshold))
    table.missingIsYes.push(!leaf && at.missing === 'left' ? 1 : 0)
    table.yes.push(0)
    table.no.push(0)
    if (leaf) {
      if (!Number.isFinite(Math.fround(at)))
        problem ??= `a leaf of trees[${tree}] is ${at}, which float32 does not hold as a finite number`
      table.leaves.tree.push(tree)
      table.leaves.id.push(id)
      table.leaves.weight.push(at)
      return id
    }
    if (!Number.isInteger(at.feature) || at.feature < 0 || at.feature >= width)
      problem ??= `trees[${tree}] splits by feature ${at.feature}, and there are ${width} features`
    if (!Number.isFinite(at.threshold)) problem ??= `trees[${tree}] has the threshold ${at.threshold}`
    if (depth === DEEPEST) problem ??= `trees[${tree}] is deeper than ${DEEPEST}`
    if (problem !== undefined) return id
    table.yes[row] = add(at.left, depth + 1)
    table.no[row] = add(at.right, depth + 1)
    return id
  }
  add(root, 0)
  return problem
}

function attributesOf({ leaves, ...nodes }: NodeTable, base: number): readonly Uint8Array[] {
  return [
    integerAttribute('n_targets', 1),
    textAttribute('aggregate_function', 'SUM'),
    textAttribute('post_transform', 'NONE'),
    floatsAttribute('base_values', [base]),
    integersAttribute('nodes_treeids', nodes.tree),
    integersAttribute('nodes_nodeids', nodes.id),
    integersAttribute('nodes_featureids', nodes.feature),
    textsAttribute(
      'nodes_modes',
      nodes.leaf.map((leaf) => (leaf ? 'LEAF' : 'BRANCH_LEQ')),
    ),
    floatsAttribute('nodes_values', nodes.threshold),
    integersAttribute('nodes_truenodeids', nodes.yes),
    integersAttribute('nodes_falsenodeids', nodes.no),
    integersAttribute('nodes_missing_value_tracks_true', nodes.missingIsYes),
    integersAttribute('target_treeids', leaves.tree),
    integersAttribute('target_nodeids', leaves.id),
    integersAttribute(
      'target_ids',
      leaves.id.map(() => 0),
    ),
    floatsAttribute('target_weights', leaves.weight),
  ]
}
