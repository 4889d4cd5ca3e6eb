/** What an operator's inputs must be so that its cost and the shape of its output depend on the number of rows and constants alone. */
export interface BoundedOperator {
  /** Inputs whose values set the shape: they must be constant. */
  readonly constant?: readonly number[]
  /** Inputs whose values set the shape and may be constants or dimensions of other tensors, which never shrink as rows are added. */
  readonly sizes?: readonly number[]
  /** Passes text through without copying it, or turns it into numbers. Other operators may copy text, whose length no trial has seen. */
  readonly text?: 'kept' | 'ended'
}

type Rule = readonly [operator: string, rule: BoundedOperator]

/** The same rule for several operators, separated by spaces. */
function each(operators: string, rule: BoundedOperator = {}): readonly Rule[] {
  return operators.split(' ').map((operator) => [operator, rule])
}

const STANDARD: readonly Rule[] = [
  // One value out for one in, or by the rules of broadcasting.
  ...each('Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor'),
  ...each('Cast CastLike Ceil Celu Clip Cos Cosh Div Elu Erf Exp Floor Gelu Greater GreaterOrEqual'),
  ...each('HardSigmoid HardSwish IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not'),
  ...each('Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Sub Sum'),
  ...each('Swish Tan Tanh ThresholdedRelu Where Xor'),
  ...each('Equal', { text: 'ended' }),
  ...each('Identity', { text: 'kept' }),
  // Along an axis that is an attribute.
  ...each('ArgMax ArgMin CumSum Hardmax LogSoftmax LpNormalization MeanVarianceNormalization Softmax'),
  ...each('BatchNormalization GroupNormalization InstanceNormalization LayerNormalization RMSNormalization LRN'),
  // Sums of products: sizes are those of the inputs.
  ...each('MatMul Gemm Einsum Det Conv ConvTranspose RNN LSTM GRU ConvInteger MatMulInteger QLinearConv'),
  ...each('QLinearMatMul QuantizeLinear DequantizeLinear DynamicQuantizeLinear'),
  ...each('AveragePool GlobalAveragePool GlobalLpPool GlobalMaxPool LpPool MaxPool'),
  // Move values: the shape of the indices sets that of the output.
  ...each('Gather GatherElements GatherND Scatter ScatterElements ScatterND ReverseSequence'),
  ...each('Concat DepthToSpace SpaceToDepth EyeLike Trilu Constant Shape Size'),
  ...each('Flatten Transpose', { text: 'kept' }),
  // The shape is an input: it must not come from features.
  ...each('Reshape', { sizes: [1], text: 'kept' }),
  ...each('Squeeze Unsqueeze', { constant: [1], text: 'kept' }),
  ...each('Expand', { sizes: [1] }),
  ...each('ConstantOfShape', { sizes: [0] }),
  ...each('Range', { constant: [0, 1, 2] }),
  ...each('Tile Split TopK OneHot', { constant: [1] }),
  ...each('Pad', { constant: [1, 3] }),
  ...each('Slice', { constant: [1, 2, 3, 4] }),
  ...each('Resize', { constant: [1, 2, 3] }),
  ...each('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin', { constant: [1] }),
  ...each('ReduceProd ReduceSum ReduceSumSquare', { constant: [1] }),
]

const CLASSICAL: readonly Rule[] = [
  // A walk from the root to a leaf is no longer than the tree is deep: onnxruntime refuses to open trees with cycles.
  ...each('TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor'),
  ...each('LinearClassifier LinearRegressor SVMClassifier SVMRegressor'),
  ...each('ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer Normalizer Scaler'),
  // The output comes from tables in the file.
  ...each('CategoryMapper LabelEncoder OneHotEncoder', { text: 'ended' }),
]

const OPERATORS: ReadonlyMap<string, BoundedOperator> = new Map([
  ...STANDARD,
  ...CLASSICAL.map(([name, rule]) => [`ai.onnx.ml.${name}`, rule] as const),
])

/**
 * The rule of an operator that can be bounded. Left out on purpose: Loop, Scan and If (features decide how often they run); NonZero,
 * Unique, Compress and NonMaxSuppression (features decide how much they output); Random…, Bernoulli and Multinomial (a different
 * answer each time); sequences, optionals, operators that build text, and every domain except the two of ONNX.
 */
export function boundedOperator(domain: string, operator: string): BoundedOperator | undefined {
  return OPERATORS.get(domain === '' ? operator : `${domain}.${operator}`)
}
