SELECT event ->> '$.product_id' AS product_id, event ->> '$.name' AS name, event ->> '$.kind' AS kind,
  CAST(event ->> '$.pence' AS DOUBLE) AS pence, _arrived_at
FROM raw.products
