import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const loaded = `
  await import('@martlet/serving')
  const { sharedObjects } = process.report.getReport()
  console.log(JSON.stringify(sharedObjects.filter((path) => /duckdb|onnxruntime/.test(path))))
`

test('importing the package loads neither the warehouse engine nor the model runtime', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@martlet/source', '--input-type=module', '--eval', loaded],
    { cwd: import.meta.dirname },
  )
  expect(JSON.parse(stdout)).toEqual([])
})
