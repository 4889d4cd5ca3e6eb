-- Readings without what is certainly wrong: clocks that were never set, odometers at their largest number, fuel below nothing.
SELECT vehicle_id, recorded_at,
  CASE WHEN odometer_km >= 0 AND odometer_km < 10000000 THEN odometer_km END AS odometer_km,
  engine_hours,
  CASE WHEN fuel_l >= 0 THEN fuel_l END AS fuel_l,
  speed_kmh, engine_temp_c, fault_code,
  _loaded_at AS arrived_at
FROM raw.telemetry
WHERE recorded_at >= CAST('2000-01-01' AS DATE)
