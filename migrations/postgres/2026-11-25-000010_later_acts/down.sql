DROP TABLE later_acts;
