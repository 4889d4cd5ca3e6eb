import { openDuckDb } from '@martlet/warehouse'
import { warehouseContract } from '../contract/warehouse-contract.ts'

warehouseContract('DuckDB in memory', { open: () => openDuckDb({ threads: 2 }) })
