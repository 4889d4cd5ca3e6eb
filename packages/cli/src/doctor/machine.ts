import process from 'node:process'
import { nodeRuntime } from '@martlet/registry'
import * as catalogs from '../place/catalogs.ts'
import { attempt, type Check } from '../place/check.ts'
import * as onlineStores from '../place/online-stores.ts'
import type { Place } from '../place/place.ts'
import * as warehouses from '../place/warehouses.ts'

/** Node and the modules that are compiled for the machine. */
export async function checkMachine(): Promise<readonly Check[]> {
  const places: readonly Place<never, unknown>[] = [warehouses, catalogs, onlineStores].flatMap((list) =>
    Object.values(list),
  )
  const checks: Check[] = [
    { name: 'node', state: 'ok', found: `${process.version} on ${process.platform} ${process.arch}` },
  ]
  for (const place of places) if (place.checkModule !== undefined) checks.push(await place.checkModule())
  const onnx = await attempt('onnxruntime', '', async () => (await nodeRuntime()).name)
  const fix = 'Only models need it: npm install onnxruntime-node'
  return [...checks, onnx.state === 'ok' ? onnx : { ...onnx, state: 'warn', fix }]
}
