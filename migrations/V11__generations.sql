-- Counts every change to what free times follow from, so that what is kept in memory is known to be
-- true or not by one look-up. Kept by triggers: no write can forget it, and a command beside the
-- server is seen like the server's own writes.

CREATE TABLE generations (
  business_id BLOB NOT NULL PRIMARY KEY REFERENCES businesses (id) ON DELETE CASCADE, -- whose
  setup INTEGER NOT NULL, -- changes of branches, services, staff, hours and exceptions
  book INTEGER NOT NULL, -- changes of appointments that may take or free time
  reach_ms INTEGER NOT NULL -- the longest that an appointment of theirs ever took with what is kept free around it
) STRICT, WITHOUT ROWID;

INSERT INTO generations (business_id, setup, book, reach_ms)
SELECT id, 1, 1, (SELECT coalesce(max(ends_at - starts_at), 0) FROM appointments WHERE business_id = businesses.id)
FROM businesses;

CREATE TRIGGER generations_business_added AFTER INSERT ON businesses
BEGIN
  INSERT INTO generations (business_id, setup, book, reach_ms) VALUES (NEW.id, 1, 1, 0);
END;
CREATE TRIGGER generations_business_changed AFTER UPDATE ON businesses
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.id;
END;

CREATE TRIGGER generations_branches_added AFTER INSERT ON branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_branches_changed AFTER UPDATE ON branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_branches_removed AFTER DELETE ON branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_branch_hours_added AFTER INSERT ON branch_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_branch_hours_changed AFTER UPDATE ON branch_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_branch_hours_removed AFTER DELETE ON branch_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_services_added AFTER INSERT ON services
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_services_changed AFTER UPDATE ON services
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_services_removed AFTER DELETE ON services
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_staff_added AFTER INSERT ON staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_changed AFTER UPDATE OF name, active ON staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_removed AFTER DELETE ON staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_staff_branches_added AFTER INSERT ON staff_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_branches_changed AFTER UPDATE ON staff_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_branches_removed AFTER DELETE ON staff_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_staff_hours_added AFTER INSERT ON staff_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_hours_changed AFTER UPDATE ON staff_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_hours_removed AFTER DELETE ON staff_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_staff_skills_added AFTER INSERT ON staff_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_skills_changed AFTER UPDATE ON staff_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_staff_skills_removed AFTER DELETE ON staff_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_service_skills_added AFTER INSERT ON service_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_skills_changed AFTER UPDATE ON service_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_skills_removed AFTER DELETE ON service_skills
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_service_staff_added AFTER INSERT ON service_staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_staff_changed AFTER UPDATE ON service_staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_staff_removed AFTER DELETE ON service_staff
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_service_branches_added AFTER INSERT ON service_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_branches_changed AFTER UPDATE ON service_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_service_branches_removed AFTER DELETE ON service_branches
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_exceptions_added AFTER INSERT ON exceptions
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_exceptions_changed AFTER UPDATE ON exceptions
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_exceptions_removed AFTER DELETE ON exceptions
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_exception_hours_added AFTER INSERT ON exception_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_exception_hours_changed AFTER UPDATE ON exception_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_exception_hours_removed AFTER DELETE ON exception_hours
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_numbers_added AFTER INSERT ON numbers
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_numbers_removed AFTER DELETE ON numbers
BEGIN
  UPDATE generations SET setup = setup + 1 WHERE business_id = OLD.business_id;
END;

CREATE TRIGGER generations_appointments_added AFTER INSERT ON appointments
BEGIN
  UPDATE generations
  SET book = book + 1,
      reach_ms = max(reach_ms, NEW.ends_at - NEW.starts_at + (NEW.before_min + NEW.after_min) * 60000)
  WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_appointments_changed
AFTER UPDATE OF status, held_until_at, starts_at, ends_at, before_min, after_min, service_id, branch_id, staff_id ON appointments
BEGIN
  UPDATE generations
  SET book = book + 1,
      reach_ms = max(reach_ms, NEW.ends_at - NEW.starts_at + (NEW.before_min + NEW.after_min) * 60000)
  WHERE business_id = NEW.business_id;
END;

CREATE TRIGGER generations_appointments_removed AFTER DELETE ON appointments
BEGIN
  UPDATE generations SET book = book + 1 WHERE business_id = OLD.business_id;
END;
