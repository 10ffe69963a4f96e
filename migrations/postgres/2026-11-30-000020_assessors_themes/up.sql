-- Themes that an assessor knows, by key, each with their expertise in it.
ALTER TABLE assessors ADD COLUMN themes jsonb NOT NULL DEFAULT '{}';
