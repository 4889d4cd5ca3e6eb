-- Who sees customers of the logistics mart. Roles that hold <prefix>_CUSTOMER_DATA see everything. Others see the rows that
-- governance.logistics_access opens to a role of theirs, and of those neither names, addresses nor limits; ids are hashed in the views of 0002.
-- A row of logistics_access is a rule: this role sees this customer where this depot has to do with it, '*' stands for every one. Without
-- a rule nothing is seen. A depot has to do with the customers that it serves, and with shipments that begin or end there.
--
-- Snowflake takes a column for the row filter of a table or for a mask, not for both, and the filter needs the customer's id. So the tables
-- have it in the clear, and only roles with <prefix>_CUSTOMER_DATA may read them (0003). Policies begin closed and are then given their rule.
CREATE TAG IF NOT EXISTS governance.sensitivity ALLOWED_VALUES 'customer_identifier', 'customer_attribute';
CREATE TABLE IF NOT EXISTS governance.logistics_access (
  role_name VARCHAR NOT NULL,
  depot_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL
);
CREATE MASKING POLICY IF NOT EXISTS governance.customer_text AS (val VARCHAR) RETURNS VARCHAR -> CAST(NULL AS VARCHAR);
ALTER MASKING POLICY governance.customer_text SET BODY -> CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN val END;
CREATE MASKING POLICY IF NOT EXISTS governance.customer_amount AS (val NUMBER(12, 2)) RETURNS NUMBER(12, 2) -> CAST(NULL AS NUMBER(12, 2));
ALTER MASKING POLICY governance.customer_amount SET BODY -> CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN val END;
CREATE ROW ACCESS POLICY IF NOT EXISTS governance.logistics_customers AS (of_depot VARCHAR, of_customer VARCHAR) RETURNS BOOLEAN -> FALSE;
ALTER ROW ACCESS POLICY governance.logistics_customers SET BODY -> IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA')
  OR EXISTS (SELECT 1 FROM governance.logistics_access AS a WHERE IS_ROLE_IN_SESSION(a.role_name)
    AND (a.depot_id = of_depot OR a.depot_id = '*') AND (a.customer_id = of_customer OR a.customer_id = '*'));
CREATE ROW ACCESS POLICY IF NOT EXISTS governance.logistics_shipments AS (of_origin VARCHAR, of_destination VARCHAR, of_customer VARCHAR) RETURNS BOOLEAN -> FALSE;
ALTER ROW ACCESS POLICY governance.logistics_shipments SET BODY -> IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA')
  OR EXISTS (SELECT 1 FROM governance.logistics_access AS a WHERE IS_ROLE_IN_SESSION(a.role_name)
    AND (a.depot_id = of_origin OR a.depot_id = of_destination OR a.depot_id = '*') AND (a.customer_id = of_customer OR a.customer_id = '*'));
ALTER TABLE mart.dim_customer MODIFY COLUMN customer_id SET TAG governance.sensitivity = 'customer_identifier';
ALTER TABLE mart.dim_customer MODIFY COLUMN name SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.dim_customer MODIFY COLUMN email SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.dim_customer MODIFY COLUMN credit_limit SET TAG governance.sensitivity = 'customer_attribute';
ALTER TABLE mart.fact_shipment MODIFY COLUMN customer_id SET TAG governance.sensitivity = 'customer_identifier';
ALTER TABLE mart.dim_customer MODIFY COLUMN name SET MASKING POLICY governance.customer_text FORCE;
ALTER TABLE mart.dim_customer MODIFY COLUMN email SET MASKING POLICY governance.customer_text FORCE;
ALTER TABLE mart.dim_customer MODIFY COLUMN credit_limit SET MASKING POLICY governance.customer_amount FORCE;
ALTER TABLE mart.dim_customer ADD ROW ACCESS POLICY governance.logistics_customers ON (depot_id, customer_id);
ALTER TABLE mart.fact_shipment ADD ROW ACCESS POLICY governance.logistics_shipments ON (origin_id, destination_id, customer_id);
