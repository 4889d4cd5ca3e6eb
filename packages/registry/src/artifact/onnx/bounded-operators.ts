/** What an operator's inputs must be so that its cost and the shape of its output depend on the number of rows and constants alone. */
export interface BoundedOperator {
  /** Inputs whose values set the shape: they must be constant. */
  readonly constant?: readonly number[]
  /** Inputs whose values set the shape and may be constants or dimensions of other tensors, which never shrink as rows are added. */
  readonly sizes?: readonly number[]
  /** Passes text through without copying it, or turns it into numbers. Other operators may copy text, whose length no trial has seen. */
  readonly text?: 'kept' | 'ended'
}

const plain = (...names: readonly string[]): readonly (readonly [string, BoundedOperator])[] =>
  names.map((name) => [name, {}])
const each = (rule: BoundedOperator, ...names: readonly string[]): readonly (readonly [string, BoundedOperator])[] =>
  names.map((name) => [name, rule])

const STANDARD: readonly (readonly [string, BoundedOperator])[] = [
  // one value out for one in, or by the rules of broadcasting
  ...plain(
    'Abs',
    'Acos',
    'Acosh',
    'Add',
    'And',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'BitShift',
    'BitwiseAnd',
    'BitwiseNot',
    'BitwiseOr',
  ),
  ...plain(
    'BitwiseXor',
    'Cast',
    'CastLike',
    'Ceil',
    'Celu',
    'Clip',
    'Cos',
    'Cosh',
    'Div',
    'Elu',
    'Erf',
    'Exp',
    'Floor',
    'Gelu',
    'Greater',
  ),
  ...plain(
    'GreaterOrEqual',
    'HardSigmoid',
    'HardSwish',
    'IsInf',
    'IsNaN',
    'LeakyRelu',
    'Less',
    'LessOrEqual',
    'Log',
    'Max',
    'Mean',
    'Min',
  ),
  ...plain(
    'Mish',
    'Mod',
    'Mul',
    'Neg',
    'Not',
    'Or',
    'PRelu',
    'Pow',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
  ),
  ...plain(
    'Sin',
    'Sinh',
    'Softplus',
    'Softsign',
    'Sqrt',
    'Sub',
    'Sum',
    'Swish',
    'Tan',
    'Tanh',
    'ThresholdedRelu',
    'Where',
    'Xor',
  ),
  ...each({ text: 'ended' }, 'Equal'),
  ...each({ text: 'kept' }, 'Identity'),
  // along an axis that is an attribute
  ...plain(
    'ArgMax',
    'ArgMin',
    'CumSum',
    'Hardmax',
    'LogSoftmax',
    'LpNormalization',
    'MeanVarianceNormalization',
    'Softmax',
  ),
  ...plain(
    'BatchNormalization',
    'GroupNormalization',
    'InstanceNormalization',
    'LayerNormalization',
    'RMSNormalization',
    'LRN',
  ),
  // sums of products: sizes are those of the inputs
  ...plain('MatMul', 'Gemm', 'Einsum', 'Det', 'Conv', 'ConvTranspose', 'RNN', 'LSTM', 'GRU'),
  ...plain(
    'ConvInteger',
    'MatMulInteger',
    'QLinearConv',
    'QLinearMatMul',
    'QuantizeLinear',
    'DequantizeLinear',
    'DynamicQuantizeLinear',
  ),
  ...plain('AveragePool', 'GlobalAveragePool', 'GlobalLpPool', 'GlobalMaxPool', 'LpPool', 'MaxPool'),
  // move values around: the indices' shape sets the output's
  ...plain('Gather', 'GatherElements', 'GatherND', 'Scatter', 'ScatterElements', 'ScatterND', 'ReverseSequence'),
  ...plain('Concat', 'DepthToSpace', 'SpaceToDepth', 'EyeLike', 'Trilu', 'Constant', 'Shape', 'Size'),
  ...each({ text: 'kept' }, 'Flatten', 'Transpose'),
  // the shape is an input: it must not come from features
  ...each({ sizes: [1], text: 'kept' }, 'Reshape'),
  ...each({ constant: [1], text: 'kept' }, 'Squeeze', 'Unsqueeze'),
  ...each({ sizes: [1] }, 'Expand'),
  ...each({ sizes: [0] }, 'ConstantOfShape'),
  ...each({ constant: [0, 1, 2] }, 'Range'),
  ...each({ constant: [1] }, 'Tile', 'Split', 'TopK', 'OneHot'),
  ...each({ constant: [1, 3] }, 'Pad'),
  ...each({ constant: [1, 2, 3, 4] }, 'Slice'),
  ...each({ constant: [1, 2, 3] }, 'Resize'),
  ...each(
    { constant: [1] },
    'ReduceL1',
    'ReduceL2',
    'ReduceLogSum',
    'ReduceLogSumExp',
    'ReduceMax',
    'ReduceMean',
    'ReduceMin',
  ),
  ...each({ constant: [1] }, 'ReduceProd', 'ReduceSum', 'ReduceSumSquare'),
]

const CLASSICAL: readonly (readonly [string, BoundedOperator])[] = [
  // a walk from the root to a leaf is no longer than the tree is deep: onnxruntime refuses trees with cycles when it opens them
  ...plain('TreeEnsemble', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor'),
  ...plain('LinearClassifier', 'LinearRegressor', 'SVMClassifier', 'SVMRegressor'),
  ...plain('ArrayFeatureExtractor', 'Binarizer', 'FeatureVectorizer', 'Imputer', 'Normalizer', 'Scaler'),
  // the output comes from tables in the file
  ...each({ text: 'ended' }, 'CategoryMapper', 'LabelEncoder', 'OneHotEncoder'),
]

const OPERATORS: ReadonlyMap<string, BoundedOperator> = new Map([
  ...STANDARD,
  ...CLASSICAL.map(([name, rule]) => [`ai.onnx.ml.${name}`, rule] as const),
])

/**
 * The rule of an operator that can be bounded. Left out on purpose: Loop, Scan and If (features decide how often they run); NonZero,
 * Unique, Compress and NonMaxSuppression (features decide how much they output); Random…, Bernoulli and Multinomial (a different answer
 * each time); sequences, optionals, operators that build text, and every domain except the two of ONNX.
 */
export function boundedOperator(domain: string, operator: string): BoundedOperator | undefined {
  return OPERATORS.get(domain === '' ? operator : `${domain}.${operator}`)
}
