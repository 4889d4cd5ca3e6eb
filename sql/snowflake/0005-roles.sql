-- Access roles hold rights on objects; functional roles hold access roles and are given to users. Every functional role belongs to the
-- administrator's, and that one to SYSADMIN.
--
-- Feature tables, what they are computed from, training sets and ml.<view>_latest hold customers' keys and attributes, and no mask or row
-- filter follows a value that is copied out of mart. So the right to read or write them comes with <prefix>_CUSTOMER_DATA: whoever may
-- not see customers has no right in these schemas, whatever materialize makes there later.
CREATE ROLE IF NOT EXISTS <% prefix %>_MART_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_FEATURES_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_FEATURES_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_TRAINING_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_MONITORING_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_MONITORING_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_CATALOG_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_CATALOG_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRY_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRY_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_CUSTOMER_DATA;

CREATE ROLE IF NOT EXISTS <% prefix %>_READER;
CREATE ROLE IF NOT EXISTS <% prefix %>_MATERIALIZER;
CREATE ROLE IF NOT EXISTS <% prefix %>_TRAINER;
CREATE ROLE IF NOT EXISTS <% prefix %>_SERVER;
CREATE ROLE IF NOT EXISTS <% prefix %>_DRIFT_MONITOR;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRAR;
CREATE ROLE IF NOT EXISTS <% prefix %>_SCHEDULER;
CREATE ROLE IF NOT EXISTS <% prefix %>_ADMIN;

GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_FEATURES_READ;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_FEATURES_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_TRAINING_WRITE;

GRANT ROLE <% prefix %>_MONITORING_READ TO ROLE <% prefix %>_READER;

GRANT ROLE <% prefix %>_MART_READ TO ROLE <% prefix %>_MATERIALIZER;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_MATERIALIZER;
GRANT ROLE <% prefix %>_FEATURES_WRITE TO ROLE <% prefix %>_MATERIALIZER;
GRANT ROLE <% prefix %>_MONITORING_WRITE TO ROLE <% prefix %>_MATERIALIZER;
GRANT ROLE <% prefix %>_CATALOG_WRITE TO ROLE <% prefix %>_MATERIALIZER;

GRANT ROLE <% prefix %>_MART_READ TO ROLE <% prefix %>_TRAINER;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_TRAINER;
GRANT ROLE <% prefix %>_FEATURES_READ TO ROLE <% prefix %>_TRAINER;
GRANT ROLE <% prefix %>_TRAINING_WRITE TO ROLE <% prefix %>_TRAINER;
GRANT ROLE <% prefix %>_MONITORING_WRITE TO ROLE <% prefix %>_TRAINER;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_TRAINER;

GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_SERVER;
GRANT ROLE <% prefix %>_REGISTRY_READ TO ROLE <% prefix %>_SERVER;

GRANT ROLE <% prefix %>_FEATURES_READ TO ROLE <% prefix %>_DRIFT_MONITOR;
GRANT ROLE <% prefix %>_MONITORING_WRITE TO ROLE <% prefix %>_DRIFT_MONITOR;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_DRIFT_MONITOR;

GRANT ROLE <% prefix %>_REGISTRY_WRITE TO ROLE <% prefix %>_REGISTRAR;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_REGISTRAR;

GRANT ROLE <% prefix %>_MATERIALIZER TO ROLE <% prefix %>_SCHEDULER;
GRANT ROLE <% prefix %>_DRIFT_MONITOR TO ROLE <% prefix %>_SCHEDULER;

GRANT ROLE <% prefix %>_READER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_MATERIALIZER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_TRAINER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_SERVER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_DRIFT_MONITOR TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_REGISTRAR TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_SCHEDULER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_ADMIN TO ROLE SYSADMIN;
