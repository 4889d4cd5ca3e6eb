SELECT CAST(event ->> '$.date' AS DATE) AS date, event ->> '$.name' AS name, _arrived_at FROM raw.bank_holidays
