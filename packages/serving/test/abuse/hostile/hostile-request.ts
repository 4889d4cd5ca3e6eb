import { z } from 'zod'
import type { Route } from '../../../src/http/route.ts'
import type { Draw } from './draw.ts'
import { hostileEncoding } from './hostile-encoding.ts'
import { hostileJson, type HostileJson } from './hostile-json.ts'

/** The bytes of one request. */
export interface HostileRequest {
  readonly route: string
  readonly bytes: Buffer
  /** What is wrong with how it is sent; undefined when HTTP itself is obeyed, so that it must be answered. */
  readonly fault: Fault | undefined
  /** How its body is compressed, if its headers say that it is. */
  readonly encoding: string | undefined
}

export type Fault = (typeof FAULTS)[number]

const FAULTS = [
  'two lengths',
  'length and chunks',
  'other length twice',
  'chunks with wrong sizes',
  'obfuscated chunks',
  'length too long',
  'length too short',
  'negative length',
  'line breaks in a header',
  'line breaks in the path',
  'bare line feeds',
  'huge header',
  'many headers',
  'no host',
  'unknown method',
  'other version',
  'garbage',
  'half of the head',
  'upgrade',
] as const

const KEYS = ['key of other', 'key of greedy', 'key of scraper', 'x', ''] as const
const PARTS = [
  '..',
  '.',
  '%2e%2e',
  '%00',
  '%ff',
  '%',
  'a%2Fb',
  'x'.repeat(300),
  'x'.repeat(5000),
  '%F0%9F%92%A9',
  '*',
  '{}',
  ';a=b',
  '-1',
  '1e3',
  '99999999999999999999',
  '__proto__',
] as const

/** Draws requests to every route there is, each nearly right; of the bodies, a share says that it is compressed. */
export function hostileRequests(
  routes: readonly Route[],
  words: readonly [string, ...string[]],
  encodings = 0.03,
): (draw: Draw, faults: number) => HostileRequest {
  const bodies = new Map(
    routes.flatMap(({ body }): readonly (readonly [unknown, HostileJson])[] =>
      body instanceof z.ZodType ? [[body, hostileJson(body, words)]] : [],
    ),
  )

  function bodyOf({ body }: Route, draw: Draw): Buffer {
    const json = bodies.get(body)?.textOf(draw) ?? ''
    const share = draw.below(1000)
    if (share < 15) return draw.bytes(draw.below(600))
    if (share < 30) return Buffer.from(json).subarray(0, draw.below(json.length + 1))
    if (share < 45) return Buffer.concat([Buffer.from(json), draw.bytes(draw.below(64))])
    if (share < 48) return Buffer.from(json + ' '.repeat(draw.one([70_000, 900_000, 1_100_000])))
    if (share < 52) return Buffer.from(json, 'utf16le')
    if (share < 56) return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json)])
    if (json === '') return draw.bytes(draw.below(400))
    return Buffer.from(json)
  }

  function pathOf(route: Route, draw: Draw): string {
    const parts = route.path.split('/').map((part) => {
      if (draw.chance(0.01)) return draw.one(PARTS)
      if (!part.startsWith(':')) return part
      return draw.chance(0.1) ? draw.one(PARTS) : escaped(draw.one(words))
    })
    const names = Object.entries(route.parameters).flatMap(([name, { in: place }]) => (place === 'query' ? [name] : []))
    const query = [...names, 'customer_id'].flatMap((name) =>
      draw.chance(route.method === 'GET' ? 0.3 : 0.02)
        ? [`${name}=${draw.chance(0.2) ? draw.one(PARTS) : escaped(draw.one(words))}`]
        : [],
    )
    return parts.join('/') + (query.length === 0 ? '' : `?${query.join('&')}`)
  }

  function headersOf(route: Route, draw: Draw): Record<string, string> {
    const headers: Record<string, string> = { host: '127.0.0.1' }
    const token = draw.chance(0.7) ? KEYS[0] : draw.one(KEYS)
    if (token !== '') headers['authorization'] = `Bearer ${token}`
    if (draw.chance(0.02)) headers['authorization'] = draw.one(['Basic eDp4', 'Bearer', `Bearer ${'k'.repeat(3000)}`])
    if (draw.chance(0.01)) headers['expect'] = draw.one(['100-continue', 'something'])
    if (draw.chance(0.01)) headers['x-request-id'] = draw.one(['a'.repeat(129), '../x', '{"a":1}', '1'])
    if (draw.chance(0.01)) headers['accept'] = draw.one(['image/png', '*/*;q=x', 'text/html'])
    if (route.method === 'GET') return headers
    headers['content-type'] =
      draw.chance(0.96) || typeof route.body === 'string'
        ? typeof route.body === 'string'
          ? route.body
          : 'application/json'
        : draw.one(['text/plain', 'application/json; charset=utf-16', 'multipart/form-data', ''])
    if (draw.chance(0.02))
      headers['inference-header-content-length'] = draw.one(['0', '5', '-1', '1e9', '99999999999999999999', 'x'])
    return headers
  }

  // Most can go wrong where there is something to read; pages without parameters are large and always the same.
  const weighted = routes.flatMap((route) => {
    const isPage = route.body === undefined && Object.keys(route.parameters).length === 0
    return Array.from({ length: isPage ? 1 : route.body === undefined ? 5 : 20 }, () => route)
  })

  return (draw, faults) => {
    const route = weighted[draw.below(weighted.length)]
    if (route === undefined) throw new Error('there are no routes')
    const name = `${route.method} ${route.path}`
    const path = pathOf(route, draw)
    const headers = headersOf(route, draw)
    let body = route.method === 'POST' || draw.chance(0.02) ? bodyOf(route, draw) : Buffer.alloc(0)
    const encoded = body.length > 0 && draw.chance(encodings) ? hostileEncoding(body, draw) : undefined
    if (encoded !== undefined) {
      headers['content-encoding'] = encoded.coding
      body = encoded.body
    }
    const encoding = encoded?.kind
    if (body.length > 0 || route.method === 'POST') headers['content-length'] = String(body.length)
    if (!draw.chance(faults))
      return { route: name, bytes: written(route.method, path, headers, body), fault: undefined, encoding }
    const fault = draw.one(FAULTS)
    return { route: name, bytes: faulty(fault, route.method, path, headers, body, draw), fault, encoding }
  }
}

function written(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  more = '',
  version = 'HTTP/1.1',
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${path} ${version}\r\n${lines.join('')}${more}\r\n`, 'latin1'), body])
}

/** A second request, which must not be taken for one where it is a part of the first. */
const SMUGGLED = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'

function faulty(
  fault: Fault,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
  draw: Draw,
): Buffer {
  const { 'content-length': length = '0', ...others } = headers
  const whole = written(method, path, headers, body)
  switch (fault) {
    case 'two lengths':
      return written(method, path, headers, body, `content-length: ${Number(length) + 1}\r\n`)
    case 'other length twice':
      return written(method, path, others, body, `content-length: ${length}, ${length}\r\n`)
    case 'length and chunks':
      return written(method, path, headers, Buffer.from(`0\r\n\r\n${SMUGGLED}`), 'transfer-encoding: chunked\r\n')
    case 'chunks with wrong sizes': {
      const size = draw.one(['ffffffffffffffff', '-1', 'zz', '5;a=b', `${'0'.repeat(500)}3`, '3'])
      return written(method, path, others, Buffer.from(`${size}\r\n{}\r\n0\r\n\r\n`), 'transfer-encoding: chunked\r\n')
    }
    case 'obfuscated chunks': {
      const encoding = draw.one(['xchunked', 'chunked, identity', ' chunked\t', 'gzip, chunked', 'chunked\r\n chunked'])
      return written(method, path, others, Buffer.from(`0\r\n\r\n${SMUGGLED}`), `transfer-encoding: ${encoding}\r\n`)
    }
    case 'length too long':
      return written(
        method,
        path,
        { ...others, 'content-length': draw.one(['999', '1048577', '1e9', '9'.repeat(30)]) },
        body,
      )
    case 'length too short':
      return written(method, path, { ...others, 'content-length': '1' }, Buffer.concat([body, Buffer.from(SMUGGLED)]))
    case 'negative length':
      return written(method, path, { ...others, 'content-length': draw.one(['-1', '+1', '0x1', '1 1', '']) }, body)
    case 'line breaks in a header':
      return written(method, path, { ...headers, 'x-request-id': `a\r\n${SMUGGLED}` }, body)
    case 'line breaks in the path':
      return written(method, `${path}\r\nx: y\r\n\r\n${SMUGGLED}`, headers, body)
    case 'bare line feeds':
      return Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')
    case 'huge header':
      return written(method, path, { ...headers, 'x-a': 'a'.repeat(draw.one([9000, 70_000])) }, body)
    case 'many headers':
      return written(method, path, headers, body, 'a: b\r\n'.repeat(3000))
    case 'no host': {
      const { host: _, ...rest } = headers
      return written(method, path, rest, body)
    }
    case 'unknown method':
      return written(draw.one(['BREW', 'TRACE', 'CONNECT', 'OPTIONS', 'HEAD', 'PATCH', 'get']), path, headers, body)
    case 'other version':
      return written(method, path, headers, body, '', draw.one(['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.1 x', 'X']))
    case 'garbage':
      return draw.bytes(draw.below(300))
    case 'half of the head':
      return whole.subarray(0, draw.below(whole.length))
    case 'upgrade':
      return written(method, path, { ...headers, connection: 'upgrade', upgrade: draw.one(['websocket', 'h2c']) }, body)
  }
}

/** Lone surrogates have no encoding. */
function escaped(word: string): string {
  return encodeURIComponent(word.toWellFormed())
}
