-- An offer lives as long as its call and is only looked up there: it is checked against the set-up when
-- it is taken. References to the service, branch and staff of each would cost three look-ups and three
-- more indexes an offer, in every answer that names times.

CREATE TABLE offers_next (
  call_id BLOB NOT NULL REFERENCES calls (id) ON DELETE CASCADE, -- the call it is valid in
  slot TEXT NOT NULL, -- the id the agent was given
  service_id BLOB NOT NULL, -- what was asked for
  branch_id BLOB, -- where; NULL of offers made before there were branches, which are taken no more
  staff_id BLOB, -- with whom, when somebody was asked for
  starts_at INTEGER NOT NULL, -- ms since 1970 UTC
  ends_at INTEGER NOT NULL CHECK (ends_at > starts_at), -- ms since 1970 UTC
  offered_at INTEGER NOT NULL, -- ms since 1970 UTC
  PRIMARY KEY (call_id, slot)
) STRICT, WITHOUT ROWID;

INSERT INTO offers_next
  (call_id, slot, service_id, branch_id, staff_id, starts_at, ends_at, offered_at)
SELECT call_id, slot, service_id, branch_id, staff_id, starts_at, ends_at, offered_at
FROM offers;

DROP TABLE offers;

ALTER TABLE offers_next RENAME TO offers;

-- Nothing asked by it: calls that are not over are found by their account.
DROP INDEX calls_by_status;
