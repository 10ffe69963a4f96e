-- The first migration is not taken back: drop the database instead.
SELECT 1;
