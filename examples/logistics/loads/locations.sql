-- Places do not move: a location holds from the first time it was heard of.
SELECT location_id, name, kind, region, latitude, longitude,
  MIN(updated_at) OVER (PARTITION BY location_id) AS valid_from,
  _loaded_at
FROM raw.locations
