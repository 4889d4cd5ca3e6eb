import { ensureSchema, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'

await using project = await loadProject()
const warehouse = await project.warehouse()
await ensureSchema(warehouse, 'mart')
await warehouse.run(sql`CREATE TABLE mart.guests AS SELECT * FROM (VALUES
  (9007199254740993, TIMESTAMP '2026-01-10 06:30:00', 9223372036854775807, 7, 0.1, 'gold "A"', true,
    TIMESTAMP '2026-01-09 12:00:00.25', DATE '1990-02-28', 1234567890.12::DECIMAL(12, 2)),
  (2, TIMESTAMP '2026-01-10 06:30:00', 3, -1, 250.0, 'ünïcode', false, TIMESTAMP '2026-01-01 00:00:00', DATE '2000-01-01',
    -0.01::DECIMAL(12, 2)),
  (3, TIMESTAMP '2026-01-10 06:30:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
  v(guest_id, "at", nights, floor, spent, tier, member, seen_at, born_on, balance)`)
await warehouse.run(sql`CREATE TABLE mart.stays AS SELECT * FROM (VALUES
  (9007199254740993, 'Bär & Co', TIMESTAMP '2026-01-10 06:30:00', 4, 4.5),
  (2, 'Bär & Co', TIMESTAMP '2026-01-10 06:30:00', 1, 3.0),
  (2, 'Sea', TIMESTAMP '2026-01-10 06:30:00', 2, 5.0)) v(guest_id, hotel, "at", visits, rating)`)
await warehouse.run(sql`CREATE TABLE mart.offers AS SELECT * FROM (VALUES
  (2, TIMESTAMP '2026-01-10 06:30:00', 0.5)) v(guest_id, "at", discount)`)
