import { openDuckDb } from '@martlet/warehouse'
import { sql } from 'kysely'
import { makeMart } from './mart.ts'
import { buildTrainingSet, entity, fact, featureService, featureView } from '@martlet/feature-store'
import { z } from 'zod'
const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', { columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() }, entities: [customer], eventTime: 'ts' })
const which = process.argv[2] ?? 'four'
const w = ['1d','7d','30d','90d'] as const
const view = which === 'four' ? featureView('four', { of: customer, from: usage, every: '1d', features: (f) => ({ kwh: f.sum('kwh').over(...w) }) })
 : featureView('three', { of: customer, from: usage, every: '1d', features: (f) => ({ sum: f.sum('kwh').over(...w), mean: f.mean('kwh').over(...w), stddev: f.stddev('kwh').over(...w) }) })
const warehouse = await openDuckDb({ path: ':memory:', memoryLimit: '12GB' })
await makeMart(warehouse, { events: Number(process.env.EVENTS ?? 1e7), spine: Number(process.env.SPINE ?? 1e6), entities: 10_000 })
await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS training`)
const orig = warehouse.session.bind(warehouse)
const timed = (s: any): any => new Proxy(s, { get(t, k) { const v = t[k]; if (k === 'run' || k === 'read') return async (...a: any[]) => { const c0 = process.cpuUsage(); const t0 = performance.now(); if (process.env.EXPLAIN && textOf(a[0]).includes(process.env.EXPLAIN+'" AS')) { const body = textOf(a[0]); const out = await t.read(sql`EXPLAIN ANALYZE ${sql.raw(body.slice(body.indexOf(' AS ')+4).replace(/TIMESTAMP (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)/g, "TIMESTAMP '$1'"))}`); console.log(out.columns.at(-1).values.join('\n')) }; const r = await v.apply(t, a); const c1 = process.cpuUsage(c0); const ms = performance.now() - t0; if (ms > 15) console.log('cpu', ((c1.user + c1.system) / 1e6).toFixed(2));  if (String(textOf(a[0])).includes('_doubt_point"')) { const m = /"(martlet_\d+_doubt_point)"/.exec(textOf(a[0])); if (m) console.log('doubtful', JSON.stringify((await t.read(sql`SELECT COUNT(*) AS n FROM ${sql.id(m[1])}`)).columns[0].values[0].toString())) }; if (ms > 15) console.log(ms.toFixed(0).padStart(6), String(k), ''); if (ms > 15) console.log(textOf(a[0]).slice(0, Number(process.env.LEN ?? 220))); return r }; if (k === 'session') return (f: any) => v.call(t, (x: any) => f(timed(x))); return typeof v === 'function' ? v.bind(t) : v } })
function textOf(q: any): string { try { const n = q.toOperationNode(); const walk = (o: any): string => { if (o === undefined || o === null) return ''; if (o.kind === 'RawNode') { let out = ''; o.sqlFragments.forEach((f: string, i: number) => { out += f + (i < o.parameters.length ? walk(o.parameters[i]) : '') }); return out } if (o.kind === 'IdentifierNode') return '"' + o.name + '"'; if (o.kind === 'ValueNode') return String(o.value); if (o.kind === 'ReferenceNode' ) return walk(o.column?.column ?? o.column); return Object.values(o).filter((v) => typeof v === 'object').map((v: any) => Array.isArray(v) ? v.map(walk).join('.') : walk(v)).join('.') }; return walk(n).replace(/\s+/g, ' ') } catch (e) { return String(e) } }
for (let i = 0; i < 2; i++) { const t0 = performance.now(); await buildTrainingSet({ warehouse: i === 1 ? timed(warehouse) : warehouse, service: featureService('s' + i, [view]), spine: { table: 'mart.spine' }, time: 'at' } as any); console.log('total', (performance.now() - t0).toFixed(0)) }
await warehouse[Symbol.asyncDispose]?.()
