"""The consultants' desk: pages made on the server, over the use-cases of bot.service.desk."""
