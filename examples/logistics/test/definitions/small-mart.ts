import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDuckDb, runScript, sql, type Warehouse } from '@martlet/warehouse'

const DDL = join(import.meta.dirname, '../../../../sql/duckdb/logistics')

/** Rows by hand, few enough to count with a pencil. Clocks went forward in Zurich on March 30. */
const ROWS = `
INSERT INTO mart.dim_location VALUES
  ('l1', 'Depot', 'depot', 'north', 47, 8, '2024-01-01'), ('l2', 'Shop', 'customer', 'south', 46, 8, '2024-01-01');
INSERT INTO mart.dim_vehicle VALUES
  ('v1', 'ZH 1', 'rigid', 1000, '2024-03-31', 'l2', 'active', '2024-04-01', '2025-03-15'),
  ('v1', 'ZH 1', 'rigid', 1000, '2024-03-31', 'l1', 'active', '2025-03-15', NULL);
INSERT INTO mart.dim_customer VALUES
  ('c1', 'Anna', 'a@x', 'retail', 'basic', 'l1', 1000, '2025-01-01', '2025-03-01'),
  ('c1', 'Anna', 'a@x', 'retail', 'premium', 'l1', 5000, '2025-03-01', NULL),
  ('c2', 'Ben', 'b@x', 'retail', 'basic', 'l1', 1000, '2025-01-01', NULL),
  ('c3', 'Cleo', 'c@x', 'food', 'plus', 'l1', 1000, '2025-01-01', NULL);
INSERT INTO mart.dim_route VALUES
  ('r1', 'l1', 'l2', 100, 100, '2025-01-01', NULL), ('r2', 'l2', 'l1', 250, 240, '2025-01-01', NULL);
INSERT INTO mart.dim_date VALUES
  ('2025-03-31', 2025, 3, 1, false, false, NULL), ('2025-04-01', 2025, 4, 2, false, true, 'Invented day');
INSERT INTO mart.dim_weather VALUES
  ('north', 5, 2, 10, 'rain', '2025-03-30', NULL), ('south', -1, 1, 20, 'rain', '2025-03-30', NULL);
INSERT INTO mart.dim_traffic VALUES
  ('north', 0.5, 2, '2025-03-30', NULL),
  ('south', 0.9, 9, '2025-03-30', '2025-03-31'), ('south', 0.25, 1, '2025-03-30 12:00', NULL);
INSERT INTO mart.dim_maintenance_schedule VALUES ('v1', 100, 365, NULL, NULL, 400, NULL, '2024-01-01', NULL);
INSERT INTO mart.fact_maintenance (work_order_id, vehicle_id, kind, performed_at, cost, updated_at, _loaded_at) VALUES
  ('w1', 'v1', 'oil', '2025-03-25 12:00', 100, '2025-03-25', '2025-03-25'),
  ('w2', 'v1', 'breakdown', '2025-03-30 09:00', 200.5, '2025-03-30', '2025-03-30'),
  ('w3', 'v1', 'breakdown', '2025-04-14 07:59:59', 300, '2025-04-14', '2025-04-14');
INSERT INTO mart.fact_vehicle_telemetry VALUES
  ('v1', '2025-03-20 12:00', 1000, 100, 10, 50, 80, NULL, '2025-03-20 13:00'),
  ('v1', '2025-03-29 22:30', 1100, 102, 20, 0, 90, 'P1', '2025-03-29 23:00'),
  ('v1', '2025-03-30 10:00', 50, 103, 10, 60, 85, 'P2', '2025-03-30 11:00'),
  ('v1', '2025-03-30 22:00', 500, 110, 99, 60, 99, 'P9', '2025-03-30 23:00');
INSERT INTO mart.fact_vehicle_utilization VALUES
  ('v1', '2025-03-29', '2025-03-30', 1, 500, 1000, 0.5, 100), ('v1', '2025-03-30', '2025-03-31', 2, 500, 1000, 0.25, 350);
INSERT INTO mart.fact_route_conditions VALUES
  ('r1', '2025-03-31 03:00', 0.1, 0, 0, 'dry'), ('r1', '2025-03-31 06:30', 0.5, 2, 4, 'storm'),
  ('r1', '2025-03-31 07:00', 0.9, 9, 9, 'snow');
INSERT INTO mart.fact_shipment VALUES
  ('s1', 'c1', 'v1', 'r1', 'l1', 'l2', 100, 500, 100, '2025-03-29 08:00', '2025-03-29 10:00', '2025-03-29 10:30', '2025-03-29'),
  ('s2', 'c1', 'v1', 'r1', 'l1', 'l2', 100, 300, 50, '2025-03-30 08:00', '2025-03-30 10:00', '2025-03-30 09:50', '2025-03-30'),
  ('s3', 'c2', 'v1', 'r2', 'l2', 'l1', 250, 200, 200, '2025-03-30 20:00', '2025-03-31 01:00', NULL, '2025-03-30'),
  ('s4', 'c1', 'v1', 'r1', 'l1', 'l2', 100, 400, 60, '2025-03-31 08:00', '2025-03-31 10:00', '2025-03-31 10:45', '2025-03-31'),
  ('s5', 'c2', 'v1', 'r1', 'l1', 'l2', 100, 100, 40, '2025-03-28 10:00', '2025-03-28 12:00', '2025-03-28 09:00', '2025-03-28'),
  ('s6', 'c3', 'v1', 'r1', 'l1', 'l2', 100, 100, 40, '2025-04-10 08:00', '2025-04-10 10:00', '2025-04-10 09:00', '2025-04-10');
`

/** The mart with the rows above. */
export async function smallMart(): Promise<Warehouse> {
  const warehouse = await openDuckDb()
  for (const file of (await readdir(DDL)).toSorted())
    await runScript(warehouse, await readFile(join(DDL, file), 'utf8'))
  await runScript(warehouse, ROWS)
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS training`)
  return warehouse
}
