-- Free times follow from what takes time, and that was read appointment by appointment: of thirty days
-- and two thousand appointments nine tenths of the work. Here a row holds all that takes time of one
-- person, or of a branch itself, on one day for one service. Triggers keep it, whoever writes the book.

-- What an appointment takes while it does, one definition for all who need it:
-- [begins, lasts, kept free before, kept free after, and of a hold: until when], in ms and minutes.
ALTER TABLE appointments ADD COLUMN taking TEXT GENERATED ALWAYS AS (
  CASE WHEN status IN ('held', 'confirmed') THEN
    '[' || starts_at || ',' || (ends_at - starts_at) || ',' || before_min || ',' || after_min ||
    coalesce(',' || held_until_at, '') || ']'
  END
) VIRTUAL;

CREATE TABLE taken_days (
  business_id BLOB NOT NULL, -- whose book
  day INTEGER NOT NULL, -- on which it begins, days of UTC since 1970
  branch_id BLOB NOT NULL, -- where
  staff_id BLOB NOT NULL, -- with whom; empty: it takes the branch's own time
  service_id BLOB NOT NULL, -- what for
  taken TEXT NOT NULL CHECK (length(taken) > 0), -- what each appointment takes, one after the other
  PRIMARY KEY (business_id, day, branch_id, staff_id, service_id)
) STRICT, WITHOUT ROWID;

INSERT INTO taken_days (business_id, day, branch_id, staff_id, service_id, taken)
SELECT business_id, starts_at / 86400000, branch_id, coalesce(staff_id, x''), service_id,
       group_concat(taking, '')
FROM appointments
WHERE taking IS NOT NULL
GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER taken_days_added AFTER INSERT ON appointments WHEN NEW.taking IS NOT NULL
BEGIN
  INSERT INTO taken_days (business_id, day, branch_id, staff_id, service_id, taken)
  VALUES (NEW.business_id, NEW.starts_at / 86400000, NEW.branch_id, coalesce(NEW.staff_id, x''),
          NEW.service_id, NEW.taking)
  ON CONFLICT DO UPDATE SET taken = taken || excluded.taken;
END;

-- What was is taken out, and the row with it when nothing is left; what is is put in.
CREATE TRIGGER taken_days_changed
AFTER UPDATE OF status, held_until_at, starts_at, ends_at, before_min, after_min, service_id, branch_id, staff_id, business_id ON appointments
WHEN (OLD.taking, OLD.business_id, OLD.branch_id, OLD.staff_id, OLD.service_id)
  IS NOT (NEW.taking, NEW.business_id, NEW.branch_id, NEW.staff_id, NEW.service_id)
BEGIN
  DELETE FROM taken_days
  WHERE business_id = OLD.business_id AND day = OLD.starts_at / 86400000 AND branch_id = OLD.branch_id
    AND staff_id = coalesce(OLD.staff_id, x'') AND service_id = OLD.service_id AND taken = OLD.taking;
  UPDATE taken_days
  SET taken = substr(taken, 1, instr(taken, OLD.taking) - 1)
           || substr(taken, instr(taken, OLD.taking) + length(OLD.taking))
  WHERE business_id = OLD.business_id AND day = OLD.starts_at / 86400000 AND branch_id = OLD.branch_id
    AND staff_id = coalesce(OLD.staff_id, x'') AND service_id = OLD.service_id
    AND instr(taken, OLD.taking) > 0;
  INSERT INTO taken_days (business_id, day, branch_id, staff_id, service_id, taken)
  SELECT NEW.business_id, NEW.starts_at / 86400000, NEW.branch_id, coalesce(NEW.staff_id, x''),
         NEW.service_id, NEW.taking
  WHERE NEW.taking IS NOT NULL
  ON CONFLICT DO UPDATE SET taken = taken || excluded.taken;
END;

CREATE TRIGGER taken_days_removed AFTER DELETE ON appointments WHEN OLD.taking IS NOT NULL
BEGIN
  DELETE FROM taken_days
  WHERE business_id = OLD.business_id AND day = OLD.starts_at / 86400000 AND branch_id = OLD.branch_id
    AND staff_id = coalesce(OLD.staff_id, x'') AND service_id = OLD.service_id AND taken = OLD.taking;
  UPDATE taken_days
  SET taken = substr(taken, 1, instr(taken, OLD.taking) - 1)
           || substr(taken, instr(taken, OLD.taking) + length(OLD.taking))
  WHERE business_id = OLD.business_id AND day = OLD.starts_at / 86400000 AND branch_id = OLD.branch_id
    AND staff_id = coalesce(OLD.staff_id, x'') AND service_id = OLD.service_id
    AND instr(taken, OLD.taking) > 0;
END;

-- It was wide for this alone; whether a service has anything ahead is asked of appointments_by_start.
DROP INDEX appointments_taking_time;
