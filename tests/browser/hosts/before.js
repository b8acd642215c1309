record.before();
