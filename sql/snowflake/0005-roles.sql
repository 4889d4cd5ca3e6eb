-- Access roles hold rights on objects; functional roles hold access roles and are given to users. Every functional role belongs to the
-- administrator's, and that one to SYSADMIN.
--
-- Feature tables, what they are computed from, training sets, scores and ml.<view>_latest hold customers' keys and attributes, and no mask or
-- row filter follows a value that is copied out of mart; raw and staging hold them before there is one. So the right to read or write any of
-- these schemas comes with <prefix>_CUSTOMER_DATA: whoever may not see customers has no right there, whatever is made in them later. It also
-- comes with the right to write mart: a merge by a masked key would not find its rows. Work that takes a lease in the catalog is with customers.
CREATE ROLE IF NOT EXISTS <% prefix %>_RAW_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_STAGING_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_MART_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_MART_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_LOADS_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_FEATURES_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_FEATURES_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_TRAINING_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_SCORES_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_SCORES_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_MONITORING_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_MONITORING_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_CATALOG_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_CATALOG_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_CATALOG_LEASE;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRY_READ;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRY_WRITE;
CREATE ROLE IF NOT EXISTS <% prefix %>_ROLLOUT_EVIDENCE;
CREATE ROLE IF NOT EXISTS <% prefix %>_CUSTOMER_DATA;

CREATE ROLE IF NOT EXISTS <% prefix %>_READER;
CREATE ROLE IF NOT EXISTS <% prefix %>_DASHBOARD;
CREATE ROLE IF NOT EXISTS <% prefix %>_LOADER;
CREATE ROLE IF NOT EXISTS <% prefix %>_MATERIALIZER;
CREATE ROLE IF NOT EXISTS <% prefix %>_TRAINER;
CREATE ROLE IF NOT EXISTS <% prefix %>_SCORER;
CREATE ROLE IF NOT EXISTS <% prefix %>_SERVER;
CREATE ROLE IF NOT EXISTS <% prefix %>_DRIFT_MONITOR;
CREATE ROLE IF NOT EXISTS <% prefix %>_REGISTRAR;
CREATE ROLE IF NOT EXISTS <% prefix %>_SCHEDULER;
CREATE ROLE IF NOT EXISTS <% prefix %>_ADMIN;

GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_RAW_READ;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_STAGING_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_MART_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_FEATURES_READ;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_FEATURES_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_TRAINING_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_SCORES_READ;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_SCORES_WRITE;
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_CATALOG_LEASE;

GRANT ROLE <% prefix %>_MONITORING_READ TO ROLE <% prefix %>_READER;

GRANT ROLE <% prefix %>_READER TO ROLE <% prefix %>_DASHBOARD;
GRANT ROLE <% prefix %>_SCORES_READ TO ROLE <% prefix %>_DASHBOARD;

GRANT ROLE <% prefix %>_RAW_READ TO ROLE <% prefix %>_LOADER;
GRANT ROLE <% prefix %>_STAGING_WRITE TO ROLE <% prefix %>_LOADER;
GRANT ROLE <% prefix %>_MART_READ TO ROLE <% prefix %>_LOADER;
GRANT ROLE <% prefix %>_MART_WRITE TO ROLE <% prefix %>_LOADER;
GRANT ROLE <% prefix %>_LOADS_WRITE TO ROLE <% prefix %>_LOADER;

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

GRANT ROLE <% prefix %>_MART_READ TO ROLE <% prefix %>_SCORER;
GRANT ROLE <% prefix %>_FEATURES_READ TO ROLE <% prefix %>_SCORER;
GRANT ROLE <% prefix %>_SCORES_WRITE TO ROLE <% prefix %>_SCORER;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_SCORER;
GRANT ROLE <% prefix %>_CATALOG_LEASE TO ROLE <% prefix %>_SCORER;
GRANT ROLE <% prefix %>_REGISTRY_READ TO ROLE <% prefix %>_SCORER;

GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_SERVER;
GRANT ROLE <% prefix %>_REGISTRY_READ TO ROLE <% prefix %>_SERVER;
GRANT ROLE <% prefix %>_ROLLOUT_EVIDENCE TO ROLE <% prefix %>_SERVER;

GRANT ROLE <% prefix %>_FEATURES_READ TO ROLE <% prefix %>_DRIFT_MONITOR;
GRANT ROLE <% prefix %>_MONITORING_WRITE TO ROLE <% prefix %>_DRIFT_MONITOR;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_DRIFT_MONITOR;
GRANT ROLE <% prefix %>_CATALOG_LEASE TO ROLE <% prefix %>_DRIFT_MONITOR;

GRANT ROLE <% prefix %>_REGISTRY_WRITE TO ROLE <% prefix %>_REGISTRAR;
GRANT ROLE <% prefix %>_CATALOG_READ TO ROLE <% prefix %>_REGISTRAR;

GRANT ROLE <% prefix %>_LOADER TO ROLE <% prefix %>_SCHEDULER;
GRANT ROLE <% prefix %>_MATERIALIZER TO ROLE <% prefix %>_SCHEDULER;
GRANT ROLE <% prefix %>_SCORER TO ROLE <% prefix %>_SCHEDULER;
GRANT ROLE <% prefix %>_DRIFT_MONITOR TO ROLE <% prefix %>_SCHEDULER;

GRANT ROLE <% prefix %>_READER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_DASHBOARD TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_LOADER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_MATERIALIZER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_TRAINER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_SCORER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_SERVER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_DRIFT_MONITOR TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_REGISTRAR TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_SCHEDULER TO ROLE <% prefix %>_ADMIN;
GRANT ROLE <% prefix %>_ADMIN TO ROLE SYSADMIN;
