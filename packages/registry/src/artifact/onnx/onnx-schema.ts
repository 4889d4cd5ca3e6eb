/** Messages of an ONNX file that can hold tensors, directly or in nested messages. */
export type MessageName =
  | 'Model'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'SparseTensor'
  | 'Function'
  | 'TrainingInfo'

export interface MessageSchema {
  /** Fields that hold one of the messages above, by field number. */
  readonly messages: Readonly<Record<number, MessageName>>
  /** Those of them that occur at most once. */
  readonly single: readonly number[]
  /** All other fields: numbers, text, bytes and messages that cannot hold tensors (types, metadata, devices). */
  readonly values: readonly number[]
}

/** The fields of onnx-ml.proto as of ONNX 1.23 (IR version 14). `test/artifact/onnx-schema.test.ts` compares it with the real one. */
export const ONNX_SCHEMA: Readonly<Record<MessageName, MessageSchema>> = {
  Model: {
    messages: { 7: 'Graph', 20: 'TrainingInfo', 25: 'Function' },
    single: [7],
    values: [1, 2, 3, 4, 5, 6, 8, 14, 26],
  },
  TrainingInfo: { messages: { 1: 'Graph', 2: 'Graph' }, single: [1, 2], values: [3, 4] },
  Function: { messages: { 7: 'Node', 11: 'Attribute' }, single: [], values: [1, 4, 5, 6, 8, 9, 10, 12, 13, 14] },
  Graph: { messages: { 1: 'Node', 5: 'Tensor', 15: 'SparseTensor' }, single: [], values: [2, 10, 11, 12, 13, 14, 16] },
  Node: { messages: { 5: 'Attribute' }, single: [], values: [1, 2, 3, 4, 6, 7, 8, 9, 10] },
  Attribute: {
    messages: { 5: 'Tensor', 6: 'Graph', 10: 'Tensor', 11: 'Graph', 22: 'SparseTensor', 23: 'SparseTensor' },
    single: [5, 6, 22],
    values: [1, 2, 3, 4, 7, 8, 9, 13, 14, 15, 20, 21],
  },
  SparseTensor: { messages: { 1: 'Tensor', 2: 'Tensor' }, single: [1, 2], values: [3] },
  Tensor: { messages: {}, single: [], values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16] },
}
