/**
 * A worker that asks for /health/live every 100 ms on a fresh connection and posts the milliseconds each took, or null when there
 * was no 200. A thread of its own, so that a busy client is not taken for a busy server.
 */
import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

const { port, path }: { readonly port: number; readonly path: string } = workerData
let open = 0
let stopping = false

function probe(): void {
  const start = performance.now()
  let head = ''
  open++
  const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`))
  socket.on('data', (chunk) => (head += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => {
    open--
    parentPort?.postMessage(head.startsWith('HTTP/1.1 200') ? performance.now() - start : null)
    if (stopping && open === 0) parentPort?.close()
  })
}

const timer = setInterval(probe, 100)
probe()
parentPort?.on('message', () => {
  clearInterval(timer)
  stopping = true
  if (open === 0) parentPort?.close()
})
