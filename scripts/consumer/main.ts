import { MartletError, type ColumnBatch } from '@martlet/warehouse'

const batch: ColumnBatch = { rows: 1, names: ['kwh'], columns: [{ type: 'double', values: Float64Array.of(0.5), nulls: null }] }
const error = new MartletError('EXAMPLE', 'an error that keeps its code', { data: { rows: batch.rows } })
if (error.code !== 'EXAMPLE' || !(error instanceof Error)) throw new Error('the built error class lost its code')
console.log('a small program ran')
