import { ensureSchema, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
await ensureSchema(warehouse, 'mart')
// write_models.py has the same formula.
await warehouse.run(sql`CREATE TABLE mart.plots AS SELECT i AS plot_id, TIMESTAMP '2026-01-10 00:00:00' AS "at",
  (i * 37 % 101) / 10.0::DOUBLE AS rain, (i * 41 % 101) / 10.0::DOUBLE AS heat, (i * 43 % 101) / 10.0::DOUBLE AS soil,
  (i * 47 % 101) / 10.0::DOUBLE AS ph, (i * 53 % 101) / 10.0::DOUBLE AS slope, (i * 59 % 101) / 10.0::DOUBLE AS light
  FROM range(40) t(i)`)
