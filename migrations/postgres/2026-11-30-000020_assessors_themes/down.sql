ALTER TABLE assessors DROP COLUMN themes;
