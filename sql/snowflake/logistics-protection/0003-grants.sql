-- Tables of mart hold customers' ids in the clear, so whoever may read them sees customers; raw and staging are closed likewise (0005).
GRANT ROLE <% prefix %>_CUSTOMER_DATA TO ROLE <% prefix %>_MART_READ;
-- Readers get views by name: of vehicles and tables everything, of customers what masks and row filters leave to them.
GRANT SELECT ON VIEW ml.vehicle_now TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.maintenance_due_now TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW monitoring.mart_freshness TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.customer_now TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.shipments_open TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.deliveries TO ROLE <% prefix %>_MONITORING_READ;
