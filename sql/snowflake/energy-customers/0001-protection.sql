-- Who sees customers of the energy mart. Roles that hold <prefix>_CUSTOMER_DATA see everything; others see keyed hashes of ids, and only
-- rows of the customer types that governance.customer_access gives to a role of theirs. Policies begin closed and are then given their
-- rule. Every table of mart has the same hash for the same id, so they can still be joined. The key is the deployer's secret: without it,
-- hashes of all ids that could exist cannot be made and compared. It stands in the policy's body, which its owner and who may apply
-- policies can read.
CREATE TAG IF NOT EXISTS governance.sensitivity ALLOWED_VALUES 'customer_identifier', 'customer_attribute';
CREATE TABLE IF NOT EXISTS governance.customer_access (
  role_name VARCHAR NOT NULL,
  customer_type VARCHAR NOT NULL
);
CREATE MASKING POLICY IF NOT EXISTS governance.customer_identifier AS (val VARCHAR) RETURNS VARCHAR -> CAST(NULL AS VARCHAR);
ALTER MASKING POLICY governance.customer_identifier SET BODY -> CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN val
  ELSE SHA2(CONCAT(<% customer_hash_key %>, SHA2(CONCAT(<% customer_hash_key %>, val), 256)), 256) END;
CREATE ROW ACCESS POLICY IF NOT EXISTS governance.customer_rows AS (of_type VARCHAR) RETURNS BOOLEAN -> FALSE;
ALTER ROW ACCESS POLICY governance.customer_rows SET BODY -> IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA')
  OR EXISTS (SELECT 1 FROM governance.customer_access AS a WHERE a.customer_type = of_type AND IS_ROLE_IN_SESSION(a.role_name));
ALTER TABLE mart.dim_customer MODIFY COLUMN customer_id SET TAG governance.sensitivity = 'customer_identifier';
ALTER TABLE mart.dim_customer MODIFY COLUMN customer_type SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.dim_customer MODIFY COLUMN tariff SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.dim_customer MODIFY COLUMN heating_type SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.dim_customer MODIFY COLUMN customer_id SET MASKING POLICY governance.customer_identifier FORCE;
ALTER TABLE mart.fact_energy_usage MODIFY COLUMN customer_id SET TAG governance.sensitivity = 'customer_identifier';
ALTER TABLE mart.fact_energy_usage MODIFY COLUMN customer_id SET MASKING POLICY governance.customer_identifier FORCE;
ALTER TABLE mart.dim_customer ADD ROW ACCESS POLICY governance.customer_rows ON (customer_type);
